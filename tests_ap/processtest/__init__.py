"""One real conversation through the configured engine, outside any network: `python -m unittest discover tests_ap processtest`."""

from tests_ap.walkthrough import walkthrough

load_tests = walkthrough(__name__, __path__)
