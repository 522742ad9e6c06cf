"""What miners earned, so late and so rough that nobody can steer by it: no hotkey goes in, and no single score comes out."""

import math
import statistics
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final

LEAST_MINERS: Final = 5
"""Of fewer, a mean says too much about each."""
DIGITS: Final = 2
"""Of what is told; of few miners a mean to many digits would give the last one away."""


class LateAggregates:
    """Holds what each epoch paid until it is old enough to be told."""

    def __init__(self, *, delay_epochs: int) -> None:
        """Tell an epoch once this many have ended after it."""
        self._delay = max(1, delay_epochs)
        self._epochs: deque[tuple[int, dict[str, float]]] = deque()
        self._newest = -1

    def end_epoch(self, epoch: int, scores: Iterable[float]) -> None:
        """Keep what an epoch's scores amount to; the scores themselves are not kept.

        Args:
            epoch: Its number; one that was kept before is left as it is.
            scores: What each miner earned, in [0, 1], in any order.
        """
        if epoch <= self._newest:
            return
        self._newest = epoch
        self._epochs.append((epoch, _aggregate([score for score in scores if math.isfinite(score)])))

    def told(self) -> dict[str, float]:
        """Return the numbers of the newest epoch that is old enough, empty before there is one or of too few miners."""
        while len(self._epochs) > 1 and self._epochs[1][0] <= self._newest - self._delay:
            self._epochs.popleft()
        if not self._epochs or self._epochs[0][0] > self._newest - self._delay:
            return {}
        epoch, numbers = self._epochs[0]
        return {**numbers, "scores/epoch": float(epoch)} if numbers else {}


def _aggregate(scores: list[float]) -> dict[str, float]:
    if len(scores) < LEAST_MINERS:
        return {}
    quartiles = statistics.quantiles(scores, n=4, method="inclusive")
    told = {
        "scores/mean": statistics.fmean(scores),
        "scores/spread": statistics.pstdev(scores),
        "scores/between_quartiles": quartiles[2] - quartiles[0],
        "scores/share_that_earned_nothing": sum(score <= 0 for score in scores) / len(scores),
    }
    return {name: round(value, DIGITS) for name, value in told.items()} | {"scores/miners": float(len(scores))}


def late_scores(
    read: Callable[[], tuple[int, Iterable[float]]], *, delay_epochs: int
) -> Callable[[], Mapping[str, float]]:
    """Return what looks at the scores when it is called, and tells those of before.

    Args:
        read: Returns the epoch and what each miner has earned.
        delay_epochs: How many epochs late they are told.
    """
    late = LateAggregates(delay_epochs=delay_epochs)

    def told() -> Mapping[str, float]:
        late.end_epoch(*read())
        return late.told()

    return told
