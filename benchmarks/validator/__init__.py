"""The validator, measured: a whole subnet asked at once, its own price an answer, and weeks of faults in minutes."""

import validators  # noqa: F401 -- first, as in its own process: it says how numpy is to be loaded
