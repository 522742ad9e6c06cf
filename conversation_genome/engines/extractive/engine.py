"""ExtractiveEngine: reads a conversation once, then answers for the whole and for each window."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conversation_genome.annotation import Annotation, Aspect, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.engines.extractive.aspects import aspect_of, topic_aspect
from conversation_genome.engines.extractive.english import singular
from conversation_genome.engines.extractive.language import ENGLISH
from conversation_genome.engines.extractive.names import aspects_in
from conversation_genome.engines.extractive.profiles import profiles_of
from conversation_genome.engines.extractive.ranking import (
    OTHER_LANGUAGES,
    RANKING,
    RankingSettings,
    Scored,
    form_scores,
    meaning_scores,
    pick,
    topic_scores,
)
from conversation_genome.engines.extractive.reading import Reading, read
from conversation_genome.engines.extractive.recent import Recent
from conversation_genome.engines.extractive.topics import PART_LINES, TopicTable, TopicTables, recurring, topics

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


DEEP: Final = Depth(name="extractive/2", candidates=60, has_meaning=True)
LIGHT: Final = Depth(name="extractive-light/2", candidates=20, has_meaning=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """A conversation that was read, with the vectors of its lines where they are needed."""

    reading: Reading
    embedder: Embedder
    """The one of the conversation's language."""
    knows_language: bool
    """Whether its vectors mean something in that language."""
    lines: FloatArray
    """Weighted line vectors, shape (lines, d); (0, d) without meaning."""
    topics: TopicTable | None
    """The open vocabulary; None without meaning, or where the engine has none."""

    def about(self, stretch: Sequence[int]) -> FloatArray:
        """Return the unit vector of what a stretch is about: shape (d,)."""
        mean = _unit(self.lines[list(stretch)].sum(axis=0))
        return self.topics.centred(mean) if self.topics is not None else mean

    def near(self, stretch: Sequence[int]) -> list[tuple[int, float]]:
        """Return the topics of the vocabulary (number, cosine) that a stretch is about; a long one is read in parts.

        Their names are English: a talk in another language has none.
        """
        if self.topics is None or self.reading.language != ENGLISH:
            return []
        near = self.topics.near(self.about(stretch), self._spoken(stretch))
        if len(stretch) < 2 * PART_LINES:
            return near
        parts = [stretch[start : start + PART_LINES] for start in range(0, len(stretch), PART_LINES)]
        again = recurring([self.topics.near(self.about(part), self._spoken(part)) for part in parts])
        return sorted((dict(near) | dict(again)).items(), key=lambda item: (-item[1], item[0]))

    def _spoken(self, stretch: Sequence[int]) -> str:
        return " ".join(self.reading.texts[line] for line in stretch)


class ExtractiveEngine:
    """Offline tags and profiles; safe to call from several threads."""

    def __init__(
        self,
        embedder: Embedder,
        depth: Depth = DEEP,
        *,
        readings: Recent[Reading] | None = None,
        vocabulary: TopicTables | None = None,
    ) -> None:
        """Take what makes the vectors, and how deep to look.

        Args:
            embedder: What makes the vectors.
            depth: How deep to look.
            readings: What was read before; engines that share it read each conversation once between them.
            vocabulary: Topics that need not be said; None takes tags from the talk's own words alone.
        """
        self._embedder = embedder
        self._depth = depth
        self._known: Recent[_Known] = Recent(REMEMBERED)
        self._readings = readings or Recent(1)
        self._vocabulary = vocabulary

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
        shortlists = [_shortlist(known, stretch, cap) for stretch in stretches]
        if not self._depth.has_meaning:
            return _named(known.reading, [_picked(known, shortlist, None, max_tags) for shortlist in shortlists])
        numbers = sorted({item.number for shortlist in shortlists for item in shortlist})
        vectors = known.embedder.embed([known.reading.candidates[number].text for number in numbers])
        rows = {number: row for row, number in enumerate(numbers)}
        whole = known.about(range(len(known.lines)))
        picked = []
        for stretch, shortlist in zip(stretches, shortlists, strict=True):
            own = vectors[[rows[item.number] for item in shortlist]]
            ranked, own = _ranked(known, shortlist, own, stretch, whole)
            picked.append(_picked(known, ranked, own, max_tags))
        return _named(known.reading, picked)

    def _read(self, conversation: Conversation) -> _Known:
        key = f"{conversation.language}/{conversation.content_hash}"
        return self._known.get(key, lambda: self._known_of(self._readings.get(key, lambda: read(conversation))))

    def _known_of(self, reading: Reading) -> _Known:
        embedder = embedder_for(self._embedder, reading.language) if self._depth.has_meaning else self._embedder
        knows_language = reading.language == ENGLISH or embedder.model != self._embedder.model
        if not self._depth.has_meaning:
            return _Known(reading, embedder, knows_language, np.zeros((0, embedder.model.dimensions), np.float32), None)
        lines = np.zeros((len(reading.texts), embedder.model.dimensions), dtype=np.float32)
        said = [number for number, weight in enumerate(reading.weights) if weight > 0]
        weights = np.array([reading.weights[number] for number in said], dtype=np.float32)
        lines[said] = embedder.embed([reading.texts[number] for number in said]) * weights[:, None]
        table = self._vocabulary.of(embedder) if self._vocabulary is not None and knows_language else None
        return _Known(reading, embedder, knows_language, lines, table)


def _shortlist(known: _Known, stretch: Sequence[int], cap: int) -> list[Scored]:
    reading = known.reading
    counts = Counter(number for line in stretch for number in reading.line_candidates[line])
    return form_scores(reading.candidates, counts, _settings(known))[:cap]


def _ranked(
    known: _Known, shortlist: Sequence[Scored], vectors: FloatArray, stretch: Sequence[int], whole: FloatArray
) -> tuple[list[Scored], FloatArray]:
    """Return what a stretch may be about, best first: phrases of its own and topics, and the vector of each."""
    about, settings = known.about(stretch), _settings(known)
    scored = meaning_scores(shortlist, vectors, stretch=about, whole=whole, settings=settings)
    if known.topics is not None:
        near = known.near(stretch)
        scored += topic_scores(near, settings)
        vectors = np.concatenate([vectors, known.topics.vectors[[number for number, _ in near]]])
    order = sorted(range(len(scored)), key=lambda row: (-scored[row].score, scored[row].number))
    return [scored[row] for row in order], vectors[order]


def _picked(known: _Known, ranked: Sequence[Scored], vectors: FloatArray | None, max_tags: int) -> list[Scored]:
    keys = [
        singular(topics()[item.topic].text.lower()) if item.is_topic else known.reading.candidates[item.number].key
        for item in ranked
    ]
    alike = vectors if known.knows_language else None  # elsewhere the model takes all words for one
    return pick(ranked, keys, alike, max_tags, _settings(known))


def _settings(known: _Known) -> RankingSettings:
    return RANKING if known.knows_language else OTHER_LANGUAGES


def _named(reading: Reading, picked: Sequence[Sequence[Scored]]) -> list[tuple[Tag, ...]]:
    """Return the tags of each stretch; each name is looked up once, however many stretches it stands for."""
    numbers = {item.number for chosen in picked for item in chosen if not item.is_topic}
    aspects = {number: aspect_of(reading.candidates[number]) for number in numbers}
    aspects |= _aspects_of_names(reading, [number for number in sorted(numbers) if aspects[number] is Aspect.ENTITY])
    return [_tags_of(reading, chosen, aspects) for chosen in picked]


def _aspects_of_names(reading: Reading, numbers: Sequence[int]) -> dict[int, Aspect]:
    """Return what names are, where the model of names knows the language and the talk has capitals."""
    wanted = {number for number in numbers if reading.candidates[number].text[:1].isupper()}
    if reading.language != ENGLISH or not wanted:
        return {}
    first: dict[int, int] = {}
    for line, held in enumerate(reading.line_candidates):
        for number in held:
            if number in wanted:
                first.setdefault(number, line)
    pairs = [(reading.candidates[number].text, reading.texts[line]) for number, line in first.items()]
    return dict(zip(first, aspects_in(pairs), strict=True))


def _tags_of(reading: Reading, picked: Iterable[Scored], aspects: Mapping[int, Aspect]) -> tuple[Tag, ...]:
    chosen = sorted(picked, key=lambda item: (-item.score, item.number))
    best = max((item.score for item in chosen), default=0.0)
    tags: list[Tag] = []
    for item in chosen:
        share = item.score / best if best > 0 else 1.0
        if share < _LOWEST_WEIGHT and len(tags) >= _FEW_TAGS:
            break
        topic = topics()[item.topic] if item.is_topic else None
        text = topic.text if topic else reading.candidates[item.number].text
        aspect = topic_aspect(topic) if topic else aspects[item.number]
        tags.append(Tag(text=text, aspect=aspect, weight=round(max(_LOWEST_WEIGHT, share), 3)))
    return tuple(tags)


def _unit(vector: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
