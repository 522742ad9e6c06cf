"""Personal data: found and masked before anything leaves the server.

What is found and what is left: docs/explanation/privacy.md. `finding` names the kinds, `patterns`, `numbers` and
`addresses` know what has a form, `names` the people, and `masking` puts stable placeholders in their place.
"""
