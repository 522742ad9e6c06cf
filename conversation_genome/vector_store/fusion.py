"""Reciprocal rank fusion: one order out of several, without comparing their scores."""

from collections.abc import Hashable, Sequence
from typing import Final, TypeVar

Key = TypeVar("Key", bound=Hashable)

RANK_CONSTANT: Final = 60
"""The k of the formula, as its authors chose it."""


def fuse(rankings: Sequence[Sequence[Key]]) -> dict[Key, float]:
    """Return each key's fused score in (0, 1]; 1 for what is first in every ranking.

    Sum over the rankings of (k + 1) / (k + rank), divided by their number; a ranking that lacks the key adds
    nothing (Cormack, Clarke and Buettcher, SIGIR 2009, up to the constant factor).
    """
    scores: dict[Key, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + (RANK_CONSTANT + 1) / (RANK_CONSTANT + rank) / len(rankings)
    return scores
