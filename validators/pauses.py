"""How long to wait before trying again: longer each time, and never in step with other validators.

Full jitter on a doubling delay, after "Exponential backoff and jitter" (M. Brooker, AWS Architecture Blog, 2015).
"""

import random
from typing import Final

LONGEST_SECONDS: Final = 60.0
_JITTER: Final = 0.25
_chance: Final = random.Random()  # noqa: S311 - when something is tried again is no secret


def jittered(seconds: float) -> float:
    """Return a time within a quarter of this one."""
    return seconds * _chance.uniform(1 - _JITTER, 1 + _JITTER)


class Backoff:
    """The waits of one worker: the first about as long as given, each after it up to twice as long, to a minute."""

    def __init__(self, first_seconds: float, *, longest_seconds: float = LONGEST_SECONDS) -> None:
        """Begin with the first wait."""
        self._first = first_seconds
        self._longest = max(first_seconds, longest_seconds)
        self._failures = 0

    def next_seconds(self) -> float:
        """Return how long to wait now."""
        limit = min(self._longest, self._first * 2 ** min(self._failures, 30))
        self._failures += 1
        return max(jittered(self._first), _chance.uniform(0.0, limit))

    def reset(self) -> None:
        """Begin anew: it worked."""
        self._failures = 0
