"""What a miner did of late, for its own page: bounded, in memory, and told to nobody but its operator."""

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

LATENCIES: Final = 1_000
RECENT: Final = 25
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """One task that was answered."""

    at: float
    """Seconds since 1970."""
    validator: int
    """The uid that asked."""
    lines: int
    tags: int
    seconds: float
    is_part: bool


class History:
    """Counts and the last of everything; safe to use from several threads."""

    def __init__(self) -> None:
        self.began = time.time()
        self._lock = threading.Lock()
        self._seconds: deque[float] = deque(maxlen=LATENCIES)
        self._recent: deque[Answered] = deque(maxlen=RECENT)
        self._statuses: Counter[int] = Counter()
        self._refusals: deque[tuple[float, int, str]] = deque(maxlen=RECENT)
        self._parts = 0

    def answered(self, validator: int, *, lines: int, tags: int, seconds: float, is_part: bool) -> None:
        """Remember an answer."""
        with self._lock:
            self._statuses[_OK] += 1
            self._parts += is_part
            self._seconds.append(seconds)
            self._recent.append(Answered(time.time(), validator, lines, tags, seconds, is_part))

    def refused(self, status: int, reason: str) -> None:
        """Remember a refusal."""
        with self._lock:
            self._statuses[status] += 1
            self._refusals.append((time.time(), status, reason[:300]))

    @property
    def statuses(self) -> dict[int, int]:
        """Tasks by HTTP status."""
        with self._lock:
            return dict(sorted(self._statuses.items()))

    @property
    def parts(self) -> int:
        """Answers that were sent in part."""
        return self._parts

    @property
    def recent(self) -> tuple[Answered, ...]:
        """The last answers, newest first."""
        with self._lock:
            return tuple(reversed(self._recent))

    @property
    def refusals(self) -> tuple[tuple[float, int, str], ...]:
        """The last refusals, newest first: when, HTTP status, why."""
        with self._lock:
            return tuple(reversed(self._refusals))

    def percentiles(self, *ranks: float) -> tuple[float, ...] | None:
        """Return seconds until the answer at these ranks in [0, 1], of the last thousand; None before the first.

        By the nearest rank: the smallest of which at least that share took no longer.
        """
        with self._lock:
            ordered = sorted(self._seconds)
        if not ordered:
            return None
        return tuple(ordered[max(0, min(len(ordered), -int(-rank * len(ordered) // 1)) - 1)] for rank in ranks)
