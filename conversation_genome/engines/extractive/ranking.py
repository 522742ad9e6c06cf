"""Ranking: which candidates a stretch of talk is about.

Each candidate is weighed by its meaning (cosine to the stretch and to the whole talk, as in KeyBERT), by how
often the stretch comes back to it, and by its form; then tags are picked by maximal marginal relevance
(Carbonell and Goldstein, SIGIR 1998), so that no two say the same.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conversation_genome.embedding.base import FloatArray
from conversation_genome.engines.extractive.mention import Kind
from conversation_genome.engines.extractive.reading import Candidate


@dataclass(frozen=True, slots=True)
class RankingSettings:
    """How much each sign counts."""

    window: float = 0.6
    """Cosine to the stretch."""
    whole: float = 0.2
    """Cosine to the whole conversation."""
    count: float = 0.10
    """Each doubling of the lines of the stretch that hold it."""
    spread: float = 0.03
    """Each doubling of the lines of the conversation that hold it."""
    words: float = 0.08
    """Being of two or three words."""
    name: float = 0.05
    weak: float = 0.15
    """Taken off a word that says little alone."""
    diversity: float = 0.35
    """Taken off for each unit of similarity to a tag that is picked already."""


RANKING: Final = RankingSettings()
OTHER_LANGUAGES: Final = RankingSettings(window=0.3, whole=0.1, count=0.16, spread=0.06)
"""The embedding model is English: elsewhere its word counts for less, and coming back to a thing for more."""
_SAME_MEANING: Final = 0.86


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and how central it is to a stretch."""

    number: int
    score: float


def form_scores(
    candidates: Sequence[Candidate], counts: Counter[int], settings: RankingSettings = RANKING
) -> list[Scored]:
    """Return what form and frequency alone say of the candidates that a stretch holds, best first.

    Args:
        candidates: All of the conversation.
        counts: Lines of the stretch that hold each, by index.
        settings: The weights.
    """
    scored = [Scored(number, _form_score(candidates[number], count, settings)) for number, count in counts.items()]
    return sorted(scored, key=lambda item: (-item.score, item.number))


def meaning_scores(
    scored: Iterable[Scored],
    vectors: FloatArray,
    *,
    stretch: FloatArray,
    whole: FloatArray,
    settings: RankingSettings = RANKING,
) -> list[Scored]:
    """Return the candidates with what their meaning adds, best first.

    Args:
        scored: Candidates with their form scores, in the order of the vectors.
        vectors: Their unit vectors, shape (n, d).
        stretch: Unit mean of the stretch's lines, shape (d,).
        whole: Unit mean of the conversation's lines, shape (d,).
        settings: The weights.
    """
    meaning = vectors @ (settings.window * stretch + settings.whole * whole)
    ranked = [
        Scored(item.number, item.score + float(extra)) for item, extra in zip(scored, meaning.tolist(), strict=True)
    ]
    return sorted(ranked, key=lambda item: (-item.score, item.number))


def pick(
    scored: Sequence[Scored],
    keys: Sequence[str],
    vectors: FloatArray | None,
    limit: int,
    settings: RankingSettings = RANKING,
) -> list[Scored]:
    """Return up to `limit` candidates, best first, none of which repeats another.

    Args:
        scored: Candidates, best first.
        keys: The key of each.
        vectors: The unit vector of each, shape (n, d); None compares words alone.
        limit: How many.
        settings: The weights.
    """
    words = [frozenset(key.split()) for key in keys]
    closest = np.zeros(len(scored), dtype=np.float32)
    scores = np.array([item.score for item in scored], dtype=np.float32)
    is_open = np.ones(len(scored), dtype=bool)
    picked: list[Scored] = []
    while len(picked) < limit and is_open.any():
        gains = np.where(is_open, scores - settings.diversity * closest, -np.inf)
        best = int(np.argmax(gains))
        picked.append(scored[best])
        alike = _likeness(best, words, vectors)
        closest = np.maximum(closest, alike)
        is_open &= alike < _SAME_MEANING
        is_open[best] = False
    return picked


def _form_score(candidate: Candidate, count: int, settings: RankingSettings) -> float:
    words = candidate.key.count(" ") + 1
    score = settings.count * math.log2(count) + settings.spread * math.log2(max(1, candidate.count))
    score += settings.words * (words in {2, 3}) + settings.name * (candidate.kind is Kind.NAME)
    return score - settings.weak * candidate.is_weak


def _likeness(number: int, words: Sequence[frozenset[str]], vectors: FloatArray | None) -> FloatArray:
    """Return how alike each candidate is to one: their cosine, or their shared words if that is more; shape (n,)."""
    shared = np.array([_shared(words[number], other) for other in words], dtype=np.float32)
    return shared if vectors is None else np.maximum(shared, vectors @ vectors[number])


def _shared(mine: frozenset[str], other: frozenset[str]) -> float:
    """Overlap of words: 1 where one holds all of the other's."""
    common = len(mine & other)
    return common / min(len(mine), len(other)) if common else 0.0
