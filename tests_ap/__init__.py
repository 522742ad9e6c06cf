"""The tests: walk-throughs (`testminer`, `testvalidator`, `processtest`, `configtest`), and the suites behind them.

`python -m tests_ap` runs them all and writes JUnit XML; `python -m unittest discover tests_ap` does without it.
"""
