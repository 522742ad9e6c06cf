"""Ranking: which candidates a stretch of talk is about.

Each candidate is weighed by its meaning (cosine to the stretch and to the whole talk, as in KeyBERT, but to what
sets them apart from everyday talk), by how often the stretch comes back to it, and by its form; topics of the open
vocabulary by their meaning alone. Then tags are picked one after another, each the one that brings the mean of all
nearest to what the stretch is about: ten tags that are all about the price of a phone leave out the camera. It is
orthogonal matching pursuit without the weights (Pati, Rezaiifar and Krishnaprasad, Asilomar 1993). Where nothing
reads meaning, they are picked by maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998).
"""

import math
import re
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

    window: float = 0.9
    """Cosine to the stretch."""
    whole: float = 0.3
    """Cosine to the whole conversation."""
    topic: float = 0.1
    """What a topic of the vocabulary has for form and count."""
    topic_share: float = 0.4
    """Of the tags that may be topics nobody named: what was said comes first."""
    count: float = 0.10
    """Each doubling of the lines of the stretch that hold it."""
    spread: float = 0.03
    """Each doubling of the lines of the conversation that hold it."""
    words: float = 0.08
    """Being of two or three words."""
    name: float = 0.05
    weak: float = 0.15
    """Taken off a word that says little alone."""
    diversity: float = 0.45
    """Taken off for each unit of similarity to a tag that is picked already, where nothing reads meaning."""
    lead: float = 0.15
    """Given to the standing of topics of the vocabulary and taken off that of names: what a talk is about comes before who and what it names."""
    form: float = 0.06
    """What form and count add to the cosine of the tags' mean to the stretch."""


RANKING: Final = RankingSettings()
OTHER_LANGUAGES: Final = RankingSettings(window=0.3, whole=0.1, count=0.16, spread=0.06, diversity=0.35, lead=0.0)
"""For languages that no embedding model at hand knows: there its word counts for less, and coming back to a thing for more."""
_SAME_MEANING: Final = 0.86
_SAME_TOPIC: Final = 0.6
"""Topics of the vocabulary are written to lie apart: two that are closer tell one thing twice."""

_FEW_WORDS: Final = 2
MOST_ALIKE: Final = 2
"""How many tags may end in the same two words: a third `developer experience` is none."""
_BLANKS: Final = re.compile(r"[ _]")
_EMPTY: Final = frozenset(
    ["of", "for", "in", "on", "with", "about", "to", "at", "between", "against", "into", "a", "an", "the"]
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate, or a topic of the vocabulary, and how central it is to a stretch."""

    number: int
    """Of the candidate; topics count down from -1."""
    score: float
    form: float = 0.0
    """The part of the score that form and frequency make."""
    lead: float = 0.0
    """What its place among the tags has on top of the score."""

    @property
    def standing(self) -> float:
        """Where it stands among the tags."""
        return self.score + self.lead

    @property
    def is_topic(self) -> bool:
        """Whether it is a topic of the vocabulary."""
        return self.number < 0

    @property
    def topic(self) -> int:
        """The topic's number in the vocabulary."""
        return -1 - self.number


def form_scores(
    candidates: Sequence[Candidate], counts: Counter[int], settings: RankingSettings = RANKING
) -> list[Scored]:
    """Return what form and frequency alone say of the candidates that a stretch holds, best first.

    Args:
        candidates: All of the conversation.
        counts: Lines of the stretch that hold each, by index.
        settings: The weights.
    """
    forms = {number: _form_score(candidates[number], count, settings) for number, count in counts.items()}
    scored = [Scored(number, form, form) for number, form in forms.items()]
    return sorted(scored, key=lambda item: (-item.score, item.number))


def meaning_scores(
    candidates: Sequence[Candidate],
    scored: Iterable[Scored],
    vectors: FloatArray,
    *,
    stretch: FloatArray,
    whole: FloatArray,
    settings: RankingSettings = RANKING,
) -> list[Scored]:
    """Return the candidates with what their meaning adds, in the order of the vectors.

    Args:
        candidates: All of the conversation.
        scored: Those of the stretch, with their form scores.
        vectors: Their unit vectors, shape (n, d).
        stretch: Unit vector of what the stretch is about, shape (d,).
        whole: Unit vector of what the conversation is about, shape (d,).
        settings: The weights.
    """
    meaning = vectors @ (settings.window * stretch + settings.whole * whole)
    return [
        Scored(
            item.number,
            item.score + float(extra),
            item.form,
            -settings.lead * (candidates[item.number].kind is Kind.NAME),
        )
        for item, extra in zip(scored, meaning.tolist(), strict=True)
    ]


def topic_scores(near: Iterable[tuple[int, float]], settings: RankingSettings = RANKING) -> list[Scored]:
    """Return topics on the scale of candidates, in their order.

    Args:
        near: Number in the vocabulary and cosine to what the stretch is about.
        settings: The weights.
    """
    return [
        Scored(
            -1 - number, settings.topic + (settings.window + settings.whole) * likeness, settings.topic, settings.lead
        )
        for number, likeness in near
    ]


def pick(
    scored: Sequence[Scored],
    keys: Sequence[str],
    vectors: FloatArray | None,
    limit: int,
    *,
    target: FloatArray | None = None,
    settings: RankingSettings = RANKING,
) -> list[Scored]:
    """Return up to `limit` candidates, none of which repeats another, in the order in which they were picked.

    Args:
        scored: Candidates, best first.
        keys: The key of each.
        vectors: The unit vector of each, shape (n, d); None compares words alone.
        limit: How many.
        target: Unit vector of what the stretch is about, shape (d,), that the mean of all shall be near; None picks
            each by its own score, less what it shares with those before it.
        settings: The weights.
    """
    words = [frozenset(key.split()) for key in keys]
    contents = [frozenset(_BLANKS.split(key)) - _EMPTY for key in keys]
    closest = np.zeros(len(scored), dtype=np.float32)
    scores = np.array([item.score for item in scored], dtype=np.float32)
    forms = np.array([item.form for item in scored], dtype=np.float32)
    total = np.zeros(0 if target is None else len(target), dtype=np.float32)
    is_open = np.ones(len(scored), dtype=bool)
    is_topic = np.array([item.is_topic for item in scored], dtype=bool)
    topics_left = math.ceil(settings.topic_share * limit)
    ends = [" ".join(_BLANKS.split(key)[-_FEW_WORDS:]) for key in keys]
    seen: Counter[str] = Counter()
    picked: list[Scored] = []
    while len(picked) < limit and is_open.any():
        if vectors is None or target is None:
            gains = scores - settings.diversity * closest
        else:
            gains = _nearness(total + vectors, target) + settings.form * forms
        best = int(np.argmax(np.where(is_open, gains, -np.inf)))
        picked.append(scored[best])
        topics_left -= scored[best].is_topic
        if topics_left == 0:
            is_open &= ~is_topic
        alike = _likeness(best, words, vectors)
        closest = np.maximum(closest, alike)
        total = total if vectors is None or target is None else total + vectors[best]
        is_open &= alike < np.where(is_topic & scored[best].is_topic, _SAME_TOPIC, _SAME_MEANING)
        is_open &= ~np.array([_repeats(contents[best], other) for other in contents], dtype=bool)
        seen[ends[best]] += 1
        if seen[ends[best]] == MOST_ALIKE:
            is_open &= np.array([end != ends[best] for end in ends], dtype=bool)
        is_open[best] = False
    return picked


def _nearness(sums: FloatArray, target: FloatArray) -> FloatArray:
    """Return each vector's cosine to a unit vector: shape (n,)."""
    lengths = np.maximum(np.linalg.norm(sums, axis=1), np.float32(1e-9))
    near: FloatArray = (sums @ target) / lengths
    return near


def _form_score(candidate: Candidate, count: int, settings: RankingSettings) -> float:
    words = candidate.key.count(" ") + 1
    score = settings.count * math.log2(count) + settings.spread * math.log2(max(1, candidate.count))
    score += settings.words * (words in {2, 3}) + settings.name * (candidate.kind in {Kind.NAME, Kind.INTENT})
    return score - settings.weak * candidate.is_weak


def _likeness(number: int, words: Sequence[frozenset[str]], vectors: FloatArray | None) -> FloatArray:
    """Return how alike each candidate is to one: their cosine, or their shared words if that is more; shape (n,)."""
    shared = np.array([_shared(words[number], other) for other in words], dtype=np.float32)
    return shared if vectors is None else np.maximum(shared, vectors @ vectors[number])


def _repeats(mine: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether a phrase that is picked leaves nothing new to another: that holds all of its words, or most of both are shared.

    The shorter one of two is left: `oak frames` is the better tag, though `bending oak frames` was nearer.
    """
    common = len(mine & other)
    is_shorter = other < mine
    return common >= _FEW_WORDS and not is_shorter and (common == len(mine) or 2 * common > len(mine | other))


def _shared(mine: frozenset[str], other: frozenset[str]) -> float:
    """Overlap of words: 1 where one holds all of the other's."""
    common = len(mine & other)
    return common / min(len(mine), len(other)) if common else 0.0
