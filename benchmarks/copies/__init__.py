"""Copies: false alarms among honest miners, and how many copies are found."""
