"""ExactVectorStore: everything in memory, every record looked at. The oracle of the others, and enough for tests."""

import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from conversation_genome.vector_store.base import (
    FloatArray,
    Health,
    Level,
    Match,
    Outline,
    SearchFilter,
    VectorModel,
    VectorRecord,
    Verification,
    check_owner,
    check_records,
    check_vector,
    outline_of,
)
from conversation_genome.vector_store.conditions import holds
from conversation_genome.vector_store.hybrid import MIN_DEPTH, latest, level_by_level, matches, winners
from conversation_genome.vector_store.terms import fold, terms

BM25_K1 = 1.2
BM25_B = 0.75


class ExactVectorStore:
    """A VectorStore that forgets when the process ends."""

    def __init__(self) -> None:
        self._model: VectorModel | None = None
        self._records: dict[str, VectorRecord] = {}
        self._terms: dict[str, Counter[str]] = {}
        self._writes = 0
        self._lock = threading.RLock()

    @property
    def model(self) -> VectorModel | None:
        """The model of the first record."""
        return self._model

    def upsert(self, records: Sequence[VectorRecord]) -> None:
        """Add or replace records."""
        with self._lock:
            self._model = check_records(records, self._model)
            self._writes += 1
            for key, record in latest(records).items():
                self._records[key] = record
                self._terms[key] = Counter(terms(record.text))

    def replace(self, conversation_id: str, records: Sequence[VectorRecord]) -> None:
        """Put records in place of a conversation's."""
        check_owner(conversation_id, records)
        with self._lock:
            check_records(records, self._model)
            self.delete(conversation_id)
            self.upsert(records)

    def delete(self, conversation_id: str) -> int:
        """Remove a conversation's records."""
        with self._lock:
            gone = [key for key, record in self._records.items() if record.conversation_id == conversation_id]
            for key in gone:
                del self._records[key], self._terms[key]
            self._writes += 1
            return len(gone)

    def count(self, filters: SearchFilter | None = None) -> int:
        """Return the number of records."""
        with self._lock:
            return sum(1 for _ in self._passing(filters))

    def records_of(self, conversation_id: str, levels: frozenset[Level] = frozenset()) -> list[VectorRecord]:
        """Return what is kept of a conversation."""
        filters = SearchFilter(conversation_ids=frozenset({conversation_id}), levels=levels)
        with self._lock:
            return sorted(self._passing(filters), key=lambda record: (str(record.level), record.part))

    def outlines(
        self, filters: SearchFilter | None = None, *, after: Outline | None = None, limit: int | None = None
    ) -> list[Outline]:
        """Return the conversations in order of their place."""
        whole = replace(filters or SearchFilter(), levels=frozenset({Level.CONVERSATION}))
        with self._lock:
            found = sorted(map(outline_of, self._passing(whole)), key=lambda outline: outline.place)
        return [outline for outline in found if after is None or outline.place > after.place][:limit]

    def version(self) -> str:
        """Return the number of writes."""
        return str(self._writes)

    def refresh(self) -> None:
        """Do nothing: there are no indices."""

    def verify(self) -> Health:
        """Return that there is no index."""
        return Health(records=len(self._records), recall=None, filtered_recall=None)

    def verified(self) -> Verification | None:
        """Return that nothing was measured: there is no index."""
        return None

    def search(
        self,
        vector: FloatArray | None,
        text: str = "",
        *,
        filters: SearchFilter | None = None,
        limit: int = 10,
        has_texts: bool = True,  # noqa: ARG002 - they are at hand
    ) -> list[Match]:
        """Return the matches, best first, always with their texts."""
        if vector is not None and self._model is not None:
            check_vector(vector, self._model)
        words = sorted(set(terms(text)))
        depth = max(limit, MIN_DEPTH)
        with self._lock:
            passing = {record.id: record for record in self._passing(filters)}
            near = None if vector is None else _first(_cosines(passing, vector), depth)
            wordy = _first(self._by_words(passing, words), depth) if words else None
        return matches(winners(near, wordy, limit=limit), passing, vector=vector)

    def search_levels(
        self,
        vector: FloatArray | None,
        text: str = "",
        *,
        limits: Mapping[frozenset[Level], int],
        filters: SearchFilter | None = None,
    ) -> list[Match]:
        """Return the matches of each group of levels."""
        return level_by_level(self, vector, text, limits=limits, filters=filters)

    def texts(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the texts of records."""
        with self._lock:
            return {key: self._records[key].text for key in ids if key in self._records}

    def _passing(self, filters: SearchFilter | None) -> Iterator[VectorRecord]:
        return (record for record in self._records.values() if filters is None or _passes(record, filters))

    def _by_words(self, keys: Iterable[str], words: Sequence[str]) -> dict[str, float]:
        """Return Okapi BM25 of what has a word (Robertson and Zaragoza, Foundations and Trends in IR 3(4), 2009)."""
        mean = sum(each.total() for each in self._terms.values()) / max(1, len(self._terms)) or 1.0
        rarity = {word: self._idf(word) for word in words}
        scores = {key: _bm25(self._terms[key], rarity, mean) for key in keys}
        return {key: score for key, score in scores.items() if score > 0}

    def _idf(self, word: str) -> float:
        return idf(sum(1 for counts in self._terms.values() if word in counts), len(self._terms))


def idf(holding: int, records: int) -> float:
    """Return how much a word counts that so many of the records hold; above 0 for every word."""
    return math.log1p((records - holding + 0.5) / (holding + 0.5))


def _bm25(counts: Counter[str], rarity: Mapping[str, float], mean: float) -> float:
    length = BM25_K1 * (1 - BM25_B + BM25_B * counts.total() / mean)
    return sum(each * counts[word] * (BM25_K1 + 1) / (counts[word] + length) for word, each in rarity.items())


def _cosines(records: Mapping[str, VectorRecord], vector: FloatArray) -> dict[str, float]:
    if not records:
        return {}
    cosines = np.stack([record.vector for record in records.values()]).astype(np.float64) @ vector.astype(np.float64)
    return dict(zip(records, cosines.tolist(), strict=True))


def _first(found: Mapping[str, float], depth: int) -> dict[str, float]:
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:depth])


def _passes(record: VectorRecord, filters: SearchFilter) -> bool:
    wanted = (
        (filters.levels, record.level),
        (filters.conversation_ids, record.conversation_id),
        (filters.sources, record.source),
        (filters.languages, record.language),
    )
    if any(values and value not in values for values, value in wanted):
        return False
    if filters.tag is not None and fold(filters.tag) not in map(fold, record.tags):
        return False
    return _starts_between(record, filters) and (filters.where is None or holds(filters.where, record))


def _starts_between(record: VectorRecord, filters: SearchFilter) -> bool:
    if filters.started_from is None and filters.started_before is None:
        return True
    if record.started_at is None:
        return False
    is_late_enough = filters.started_from is None or record.started_at >= filters.started_from
    return is_late_enough and (filters.started_before is None or record.started_at < filters.started_before)
