"""The configuration check: `python -m unittest discover tests_ap configtest`."""

from tests_ap.walkthrough import walkthrough

load_tests = walkthrough(__name__, __path__)
