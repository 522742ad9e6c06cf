"""Health: how much of what looking at every vector finds a store's index finds, measured on the store's own vectors."""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import orjson
import structlog

from conversation_genome.vector_store.base import ENOUGH, FloatArray, Health, SearchFilter, Verification

SAMPLED: Final = 24
"""Rows, of which each two next to each other make a question: one that is not itself in the store."""
TOP: Final = 10
REMEDY: Final = "run `cgp db reindex`: it builds the index anew; until then raise the limit of a search"

_log = structlog.get_logger(__name__)

TOLERANCE: Final = 1e-5
"""Of two cosines that count as equal: which of equally near rows comes first is no fault."""

Finder = Callable[[FloatArray, SearchFilter | None], Sequence[float]]
_Question = tuple[FloatArray, SearchFilter | None, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Sample:
    """Some rows of a store: their vectors, shape (n, d), and where each is from."""

    vectors: FloatArray
    sources: Sequence[str]


class LastVerification:
    """The newest verification: kept in a file if there is a place for it, else as long as the process lives."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: Verification | None = None

    def keep(self, health: Health) -> Health:
        """Keep what was measured now, and return it; a place that cannot be written to is no fault."""
        self._known = Verification(datetime.now(UTC), health)
        if self._path is not None and self._path.parent.is_dir():
            part = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            try:
                part.write_bytes(orjson.dumps({"at": self._known.at.isoformat(), "health": asdict(health)}))
                part.replace(self._path)
            except OSError as exc:
                _log.debug("what was measured could not be kept", error=str(exc))
        return health

    def newest(self) -> Verification | None:
        """Return the newest that is known of."""
        if self._path is None:
            return self._known
        try:
            kept = orjson.loads(self._path.read_bytes())
            return Verification(datetime.fromisoformat(kept["at"]), Health(**kept["health"]))
        except (OSError, ValueError, TypeError, KeyError):
            return self._known


class Exam:
    """Questions whose right answers are known; those of one source alone are asked as well."""

    def __init__(self, records: int, sample: Sample, expected: Finder) -> None:
        """Look for the right answers.

        Args:
            records: Of the store.
            sample: Some of them.
            expected: Returns the cosines of the ten nearest by looking at every vector.
        """
        self._records = records
        questions = _questions(sample.vectors)
        filters = [SearchFilter(sources=frozenset({source})) for source in sample.sources[: len(questions)]]
        self._plain, self._filtered = (
            [(question, wanted, expected(question, wanted)) for question, wanted in zip(questions, each, strict=True)]
            for each in ([None] * len(questions), filters)
        )

    def health(self, found: Finder) -> Health:
        """Return the recall of an index that finds the cosines of the ten nearest like this."""
        plain, filtered = _recall(self._plain, found), _recall(self._filtered, found)
        return Health(records=self._records, recall=plain, filtered_recall=filtered)


def lowest_of(health: Health) -> float:
    """Return the lower of the recalls that were measured; 1 where none was."""
    return min((each for each in (health.recall, health.filtered_recall) if each is not None), default=1.0)


def warn(health: Health, place: str) -> None:
    """Log a health that is not good enough, with the remedy."""
    if lowest_of(health) < ENOUGH:
        _log.warning(
            "the index of the vector store finds too little",
            store=place,
            recall=health.recall,
            filtered_recall=health.filtered_recall,
            wanted=ENOUGH,
            remedy=REMEDY,
        )


def _questions(vectors: FloatArray) -> FloatArray:
    between = vectors[:-1] + vectors[1:]
    norms = np.linalg.norm(between, axis=1, keepdims=True)
    questions: FloatArray = (between / np.maximum(norms, 1e-6))[norms[:, 0] > 1e-3].astype(np.float32)
    return questions


def _recall(asked: Sequence[_Question], found: Finder) -> float | None:
    shares = []
    for question, wanted, nearest in asked:
        if nearest:
            good = sum(1 for cosine in found(question, wanted) if cosine >= min(nearest) - TOLERANCE)
            shares.append(min(1.0, good / len(nearest)))
    return round(float(np.mean(shares)), 4) if shares else None
