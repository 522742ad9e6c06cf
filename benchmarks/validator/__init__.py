"""The validator, measured: a whole subnet asked at once, its own price an answer, and weeks of faults in minutes."""
