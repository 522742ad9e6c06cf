"""The miner's flow: `python -m unittest discover tests_ap testminer`."""

from tests_ap.walkthrough import walkthrough

load_tests = walkthrough(__name__, __path__)
