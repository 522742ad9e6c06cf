"""The conversation server: hands conversations out to validators, keeps what they grade, merges and publishes it.

Layers, each of which knows only those below it: app, routes, services, db.
"""
