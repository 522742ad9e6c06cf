"""Weighted reciprocal rank fusion: one order out of several of unequal worth."""

from collections.abc import Hashable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)

RANK_CONSTANT: Final = 60
"""The k of the formula, as its authors chose it."""


class Ranking(NamedTuple, Generic[Key]):
    """An order of keys, best first, and what it is worth beside others."""

    keys: Sequence[Key]
    weight: float


def fused(rankings: Sequence[Ranking[Key]], *, constant: float = RANK_CONSTANT) -> dict[Key, float]:
    """Return each key's fused score in (0, 1]; 1 for what is first in every ranking that holds anything.

    Sum over the rankings of weight (k + 1) / (k + rank), over the sum of the weights; a ranking that lacks the key adds
    nothing (Cormack, Clarke and Buettcher, SIGIR 2009, up to the constant factor and the weights).
    """
    told = [ranking for ranking in rankings if ranking.keys]
    whole = sum(ranking.weight for ranking in told)
    scores: dict[Key, float] = {}
    for keys, weight in told:
        for rank, key in enumerate(keys, start=1):
            scores[key] = scores.get(key, 0.0) + weight * (constant + 1) / (constant + rank) / whole
    return {key: min(1.0, score) for key, score in scores.items()}
