"""From what each ranking found to matches: the same for every store. Records are read only of those that win."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from conversation_genome.vector_store.base import FloatArray, Level, Match, SearchFilter, VectorRecord, VectorStore
from conversation_genome.vector_store.fusion import fuse

MIN_DEPTH = 50
"""Records of each ranking that are fused at least: below, what is tenth by both would be missed."""


class Winner(NamedTuple):
    """A record that is among the best by both rankings, before it is read."""

    id: str
    score: float
    word_score: float


def winners(near: Mapping[str, float] | None, wordy: Mapping[str, float] | None, *, limit: int) -> list[Winner]:
    """Return the best of both rankings fused, equal ones in order of their id.

    Args:
        near: Cosine by id; None if no vector was asked for.
        wordy: BM25 by id; None if the query had no words.
        limit: Winners at most.
    """
    scores = fuse([_ranked(found) for found in (near, wordy) if found is not None])
    order = sorted(scores, key=lambda key: (-scores[key], key))[:limit]
    return [Winner(key, scores[key], (wordy or {}).get(key, 0.0)) for key in order]


def matches(won: Sequence[Winner], records: Mapping[str, VectorRecord], *, vector: FloatArray | None) -> list[Match]:
    """Return the winners with their records; one that was deleted in the meantime is left out."""
    return [
        Match(records[each.id], each.score, similarity_of(records[each.id], vector), each.word_score)
        for each in won
        if each.id in records
    ]


def similarity_of(record: VectorRecord, vector: FloatArray | None) -> float | None:
    """Return the cosine of a record and the query's vector, both of length 1; None without a vector."""
    if vector is None:
        return None
    return float(np.clip(record.vector.astype(np.float64) @ vector.astype(np.float64), -1.0, 1.0))


def _ranked(found: Mapping[str, float]) -> list[str]:
    return sorted(found, key=lambda key: (-found[key], key))


def latest(records: Sequence[VectorRecord]) -> Mapping[str, VectorRecord]:
    """Return the records by id; of two with the same id the later one."""
    return {record.id: record for record in records}


def level_by_level(
    store: VectorStore,
    vector: FloatArray | None,
    text: str,
    *,
    limits: Mapping[frozenset[Level], int],
    filters: SearchFilter | None,
) -> list[Match]:
    """Return what a store finds in each group of levels, by one search each and without texts."""
    groups = [(replace(filters or SearchFilter(), levels=levels), limit) for levels, limit in limits.items()]
    return [
        match
        for wanted, limit in groups
        for match in store.search(vector, text, filters=wanted, limit=limit, has_texts=False)
    ]
