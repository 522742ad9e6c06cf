"""ExtractiveEngine: reads a conversation once, then answers for the whole and for each window."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conversation_genome.annotation import Annotation, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.engines.extractive.aspects import aspect_of
from conversation_genome.engines.extractive.language import ENGLISH
from conversation_genome.engines.extractive.profiles import profiles_of
from conversation_genome.engines.extractive.ranking import (
    OTHER_LANGUAGES,
    RANKING,
    RankingSettings,
    Scored,
    form_scores,
    meaning_scores,
    pick,
)
from conversation_genome.engines.extractive.reading import Reading, read
from conversation_genome.engines.extractive.recent import Recent

REMEMBERED: Final = 4
_LOWEST_WEIGHT: Final = 0.2
"""Of the best tag's: what is less central than that is left out once there are a few tags."""
_FEW_TAGS: Final = 4


@dataclass(frozen=True, slots=True)
class Depth:
    """How much an engine looks at."""

    name: str
    candidates: int
    """Of a window, at most; of a whole conversation four times as many."""
    has_meaning: bool
    """Whether candidates are ranked by meaning, or by form and frequency alone."""


DEEP: Final = Depth(name="extractive/1", candidates=60, has_meaning=True)
LIGHT: Final = Depth(name="extractive-light/1", candidates=20, has_meaning=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """A conversation that was read, with the vectors of its lines where they are needed."""

    reading: Reading
    lines: FloatArray
    """Weighted line vectors, shape (lines, d); (0, d) without meaning."""
    whole: FloatArray
    """Their unit mean, shape (d,)."""


class ExtractiveEngine:
    """Offline tags and profiles; safe to call from several threads."""

    def __init__(self, embedder: Embedder, depth: Depth = DEEP, *, readings: Recent[Reading] | None = None) -> None:
        """Take what makes the vectors, and how deep to look.

        Args:
            embedder: What makes the vectors.
            depth: How deep to look.
            readings: What was read before; engines that share it read each conversation once between them.
        """
        self._embedder = embedder
        self._depth = depth
        self._known: Recent[_Known] = Recent(REMEMBERED)
        self._readings = readings or Recent(1)

    @property
    def name(self) -> str:
        """Name and version."""
        return self._depth.name

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return the tags of the whole conversation, best first, and a profile of each participant who spoke."""
        known = self._read(conversation)
        everything = range(len(conversation.lines))
        tags = self._tags(known, [everything], max_tags, self._depth.candidates * (1 if len(everything) < 30 else 4))
        return Annotation(tags=tags[0], profiles=profiles_of(conversation, known.reading))

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        """Return the tags of each window, read with the whole conversation in mind; best first.

        Each line is read once and each distinct candidate embedded once, however many windows hold it.
        """
        stretches = [
            window.lines if window.lines is not None else range(window.start, window.end) for window in windows
        ]
        return self._tags(self._read(conversation), stretches, max_tags, self._depth.candidates)

    def _tags(
        self, known: _Known, stretches: Sequence[Sequence[int]], max_tags: int, cap: int
    ) -> list[tuple[Tag, ...]]:
        shortlists = [self._shortlist(known.reading, stretch, cap) for stretch in stretches]
        numbers = (
            sorted({item.number for shortlist in shortlists for item in shortlist}) if self._depth.has_meaning else []
        )
        vectors = self._embedder.embed([known.reading.candidates[number].text for number in numbers])
        rows = {number: row for row, number in enumerate(numbers)}
        tags = []
        for stretch, shortlist in zip(stretches, shortlists, strict=True):
            own = vectors[[rows[item.number] for item in shortlist]] if self._depth.has_meaning else None
            tags.append(self._window_tags(known, stretch, shortlist, own, max_tags))
        return tags

    def _shortlist(self, reading: Reading, stretch: Sequence[int], cap: int) -> list[Scored]:
        counts = Counter(number for line in stretch for number in reading.line_candidates[line])
        return form_scores(reading.candidates, counts, _settings(reading))[:cap]

    def _window_tags(
        self, known: _Known, stretch: Sequence[int], shortlist: list[Scored], vectors: FloatArray | None, max_tags: int
    ) -> tuple[Tag, ...]:
        ranked, settings = shortlist, _settings(known.reading)
        if vectors is not None and shortlist:
            row = {item.number: index for index, item in enumerate(shortlist)}
            mean = _unit(known.lines[list(stretch)].sum(axis=0))
            ranked = meaning_scores(shortlist, vectors, stretch=mean, whole=known.whole, settings=settings)
            vectors = vectors[[row[item.number] for item in ranked]]
        candidates = known.reading.candidates
        alike = vectors if known.reading.language == ENGLISH else None  # elsewhere the model takes all words for one
        picked = pick(ranked, [candidates[item.number].key for item in ranked], alike, max_tags, settings)
        return _tags_of(known.reading, picked)

    def _read(self, conversation: Conversation) -> _Known:
        key = f"{conversation.language}/{conversation.content_hash}"
        return self._known.get(key, lambda: self._known_of(self._readings.get(key, lambda: read(conversation))))

    def _known_of(self, reading: Reading) -> _Known:
        dimensions = self._embedder.model.dimensions
        if not self._depth.has_meaning:
            return _Known(reading, np.zeros((0, dimensions), np.float32), np.zeros(dimensions, np.float32))
        lines = np.zeros((len(reading.texts), dimensions), dtype=np.float32)
        said = [number for number, weight in enumerate(reading.weights) if weight > 0]
        weights = np.array([reading.weights[number] for number in said], dtype=np.float32)
        lines[said] = self._embedder.embed([reading.texts[number] for number in said]) * weights[:, None]
        return _Known(reading, lines, _unit(lines.sum(axis=0)))


def _settings(reading: Reading) -> RankingSettings:
    return RANKING if reading.language == ENGLISH else OTHER_LANGUAGES


def _tags_of(reading: Reading, picked: Iterable[Scored]) -> tuple[Tag, ...]:
    chosen = sorted(picked, key=lambda item: (-item.score, item.number))
    best = max((item.score for item in chosen), default=0.0)
    tags: list[Tag] = []
    for item in chosen:
        share = item.score / best if best > 0 else 1.0
        if share < _LOWEST_WEIGHT and len(tags) >= _FEW_TAGS:
            break
        candidate = reading.candidates[item.number]
        weight = round(max(_LOWEST_WEIGHT, share), 3)
        tags.append(Tag(text=candidate.text, aspect=aspect_of(candidate), weight=weight))
    return tuple(tags)


def _unit(vector: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
