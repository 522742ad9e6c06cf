"""From what each ranking found to matches: the same for every store."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from conversation_genome.vector_store.base import FloatArray, Match, VectorRecord
from conversation_genome.vector_store.fusion import fuse

MIN_DEPTH = 50
"""Records of each ranking that are fused at least: below, what is tenth by both would be missed."""


def matches(
    near: Sequence[VectorRecord],
    wordy: Sequence[tuple[VectorRecord, float]],
    *,
    vector: FloatArray | None,
    has_words: bool,
    limit: int,
) -> list[Match]:
    """Return the fused matches, best first, equal ones in order of their id.

    Args:
        near: Records by meaning.
        wordy: Records with their BM25 score by words.
        vector: The query's vector; None if there was none.
        has_words: Whether the query had words.
        limit: Matches at most.
    """
    records = {record.id: record for record in (*near, *(record for record, _ in wordy))}
    similarity = {key: similarity_of(record, vector) for key, record in records.items()}
    word_scores = {record.id: score for record, score in wordy}
    rankings = []
    if vector is not None:
        rankings.append(_ranked([record.id for record in near], lambda key: similarity[key] or 0.0))
    if has_words:
        rankings.append(_ranked(list(word_scores), word_scores.__getitem__))
    scores = fuse(rankings)
    order = sorted(scores, key=lambda key: (-scores[key], key))[:limit]
    return [Match(records[key], scores[key], similarity[key], word_scores.get(key, 0.0)) for key in order]


def similarity_of(record: VectorRecord, vector: FloatArray | None) -> float | None:
    """Return the cosine of a record and the query's vector, both of length 1; None without a vector."""
    if vector is None:
        return None
    return float(np.clip(record.vector.astype(np.float64) @ vector.astype(np.float64), -1.0, 1.0))


def _ranked(keys: list[str], score: Callable[[str], float]) -> list[str]:
    return sorted(keys, key=lambda key: (-score(key), key))


def latest(records: Sequence[VectorRecord]) -> Mapping[str, VectorRecord]:
    """Return the records by id; of two with the same id the later one."""
    return {record.id: record for record in records}
