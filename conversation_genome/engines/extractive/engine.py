"""ExtractiveEngine: reads a conversation once, then answers for the whole and for each window."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conversation_genome.annotation import Annotation, Aspect, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.engines.extractive.aspects import aspect_of, topic_aspect
from conversation_genome.engines.extractive.english_forms import singular
from conversation_genome.engines.extractive.language import ENGLISH
from conversation_genome.engines.extractive.names import aspects_in
from conversation_genome.engines.extractive.names_elsewhere import aspects_elsewhere
from conversation_genome.engines.extractive.passages import PART_LINES, is_long, passages
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
from conversation_genome.engines.extractive.topics import TopicTable, TopicTables, recurring, topics

REMEMBERED: Final = 4
_LOWEST_WEIGHT: Final = 0.2
_LEAST_SHARE: Final = 0.1
"""Of the best tag's: what is less central than that is left out once there are a few tags."""
_FEW_TAGS: Final = 4
MORE_OF_LONG: Final = 4
"""How many times as many candidates a stretch of PART_LINES lines or more has."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How much an engine looks at."""

    name: str
    candidates: int
    """Of a short stretch, at most; from PART_LINES lines on four times as many."""
    has_meaning: bool
    """Whether candidates are ranked by meaning, or by form and frequency alone; longer phrases need meaning."""


DEEP: Final = Depth(name="extractive/6", candidates=40, has_meaning=True)
LIGHT: Final = Depth(name="extractive-light/4", candidates=20, has_meaning=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """A conversation that was read, and what reads its meaning."""

    reading: Reading
    embedder: Embedder
    """The one of the conversation's language."""
    knows_language: bool
    """Whether its vectors mean something in that language."""
    topics: TopicTable | None
    """The open vocabulary, without topics where the language is not theirs; None without meaning, or where the engine has none."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a stretch is about."""

    parts: FloatArray
    """Unit vectors of its passages, shape (passages, d)."""
    is_long: bool
    """Whether the passages are its parts, one after the other."""
    table: TopicTable | None

    @property
    def about(self) -> FloatArray:
        """The unit vector of what sets the stretch apart from everyday talk: shape (d,)."""
        return self._centred(self._mean)

    @property
    def target(self) -> FloatArray:
        """The unit vector that the mean of its tags shall be near: halfway to what sets it apart; shape (d,)."""
        return _unit(self._mean + self.about)

    def near(self, spoken: str) -> list[tuple[int, float]]:
        """Return the topics (number, cosine) that it is about, nearest first; in a long one a topic has to come back."""
        if self.table is None:
            return []
        near = self.table.near(self.about, spoken)
        if not self.is_long:
            return near
        again = recurring([self.table.near(self._centred(part), spoken) for part in self.parts])
        return sorted((dict(near) | dict(again)).items(), key=lambda item: (-item[1], item[0]))

    @property
    def _mean(self) -> FloatArray:
        return _unit(self.parts.mean(axis=0))

    def _centred(self, vector: FloatArray) -> FloatArray:
        return self.table.centred(vector) if self.table is not None else vector


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
        self._readings = readings or Recent(REMEMBERED)
        self._vocabulary = vocabulary

    @property
    def name(self) -> str:
        """Name and version."""
        return self._depth.name

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return the tags of the whole conversation, best first, and a profile of each participant who spoke."""
        known = self._read(conversation)
        everything = range(len(conversation.lines))
        tags = self._tags(known, [everything], max_tags)
        return Annotation(tags=tags[0], profiles=profiles_of(conversation, known.reading))

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        """Return the tags of each window, read with the whole conversation in mind; best first.

        Each line is read once and each distinct candidate and passage embedded once, however many windows hold it.
        """
        stretches = [
            window.lines if window.lines is not None else range(window.start, window.end) for window in windows
        ]
        return self._tags(self._read(conversation), stretches, max_tags)

    def _tags(self, known: _Known, stretches: Sequence[Sequence[int]], max_tags: int) -> list[tuple[Tag, ...]]:
        shortlists = [_shortlist(known, stretch, self._depth) for stretch in stretches]
        if not self._depth.has_meaning:
            return _named(known.reading, [_picked(known, shortlist, None, max_tags) for shortlist in shortlists])
        numbers = sorted({item.number for shortlist in shortlists for item in shortlist})
        everything = (range(len(known.reading.texts)), *stretches)
        texts = [passages(known.reading, stretch) for stretch in everything]
        vectors = _vectors(known, [known.reading.candidates[number].text for number in numbers], texts)
        rows = {number: row for row, number in enumerate(numbers)}
        whole, *meanings = (
            _Meaning(parts, is_long(stretch), known.topics)
            for parts, stretch in zip(vectors[1:], everything, strict=True)
        )
        picked = []
        for stretch, shortlist, meaning in zip(stretches, shortlists, meanings, strict=True):
            own = vectors[0][[rows[item.number] for item in shortlist]]
            ranked, own = _ranked(known, shortlist, own, stretch, (meaning, whole))
            settings = _settings(known)
            target = _unit(settings.window * meaning.target + settings.whole * whole.target)
            picked.append(_picked(known, ranked, (own, target), max_tags))
        return _named(known.reading, picked)

    def _read(self, conversation: Conversation) -> _Known:
        key = f"{conversation.language}/{conversation.content_hash}"
        reading = self._readings.get(key, lambda: read(conversation))
        if not self._depth.has_meaning:
            return _Known(reading, self._embedder, reading.language == ENGLISH, None)
        embedder = embedder_for(self._embedder, reading.language)
        knows_language = reading.language == ENGLISH or embedder.model != self._embedder.model
        table = self._table(embedder, reading.language) if knows_language else None
        return _Known(reading, embedder, knows_language, table)

    def _table(self, embedder: Embedder, language: str) -> TopicTable | None:
        """Return the vocabulary, whose names are English; talk in other languages gets its background alone."""
        if self._vocabulary is None:
            return None
        return self._vocabulary.of(embedder) if language == ENGLISH else self._vocabulary.background_of(embedder)


def _vectors(known: _Known, phrases: Sequence[str], passages_of: Sequence[Sequence[str]]) -> list[FloatArray]:
    """Return the unit vectors of the phrases, then those of each list of passages; no text is embedded twice."""
    texts = list(dict.fromkeys(text for texts in (phrases, *passages_of) for text in texts))
    rows = {text: row for row, text in enumerate(texts)}
    vectors = known.embedder.embed(texts)
    return [vectors[[rows[text] for text in texts]] for texts in (phrases, *passages_of)]


def _shortlist(known: _Known, stretch: Sequence[int], depth: Depth) -> list[Scored]:
    reading, cap = known.reading, depth.candidates * (1 if len(stretch) < PART_LINES else MORE_OF_LONG)
    held = (number for line in stretch for number in reading.line_candidates[line])
    counts = Counter(number for number in held if depth.has_meaning or not reading.candidates[number].is_phrase)
    return form_scores(reading.candidates, counts, _settings(known))[:cap]


def _ranked(
    known: _Known,
    shortlist: Sequence[Scored],
    vectors: FloatArray,
    stretch: Sequence[int],
    meanings: tuple[_Meaning, _Meaning],
) -> tuple[list[Scored], FloatArray]:
    """Return what a stretch may be about, best first: phrases of its own and topics, and the vector of each.

    Args:
        known: The conversation.
        shortlist: Phrases of the stretch.
        vectors: The unit vector of each phrase, shape (phrases, d).
        stretch: Numbers of lines.
        meanings: Of the stretch and of the whole conversation.
    """
    own, settings = meanings[0], _settings(known)
    scored = meaning_scores(
        known.reading.candidates, shortlist, vectors, stretch=own.about, whole=meanings[1].about, settings=settings
    )
    if known.topics is not None:
        near = own.near(" ".join(known.reading.texts[line] for line in stretch))
        scored += topic_scores(near, settings)
        vectors = np.concatenate([vectors, known.topics.vectors[[number for number, _ in near]]])
    order = sorted(range(len(scored)), key=lambda row: (-scored[row].score, scored[row].number))
    return [scored[row] for row in order], vectors[order]


def _picked(
    known: _Known, ranked: Sequence[Scored], meaning: tuple[FloatArray, FloatArray] | None, max_tags: int
) -> list[Scored]:
    """Return the tags of a stretch.

    Args:
        known: The conversation.
        ranked: Candidates, best first.
        meaning: The vector of each, shape (n, d), and of what the stretch is about, shape (d,); None without meaning.
        max_tags: How many at most.
    """
    keys = [
        singular(topics()[item.topic].text.lower()) if item.is_topic else known.reading.candidates[item.number].key
        for item in ranked
    ]
    alike, target = meaning if meaning is not None and known.knows_language else (None, None)
    return pick(ranked, keys, alike, max_tags, target=target, settings=_settings(known))  # else all words are one


def _settings(known: _Known) -> RankingSettings:
    return RANKING if known.knows_language else OTHER_LANGUAGES


def _named(reading: Reading, picked: Sequence[Sequence[Scored]]) -> list[tuple[Tag, ...]]:
    """Return the tags of each stretch; each name is looked up once, however many stretches it stands for."""
    numbers = {item.number for chosen in picked for item in chosen if not item.is_topic}
    aspects = {number: aspect_of(reading.candidates[number]) for number in numbers}
    if reading.language != ENGLISH:
        aspects = aspects_elsewhere(reading, aspects)
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


def _tags_of(reading: Reading, picked: Sequence[Scored], aspects: Mapping[int, Aspect]) -> tuple[Tag, ...]:
    least = _LEAST_SHARE * max((item.score for item in picked), default=0.0)
    central = sorted(picked, key=lambda item: (-item.score, item.number))
    kept = [item for place, item in enumerate(central) if item.score >= least or place < _FEW_TAGS]
    chosen = sorted(kept, key=lambda item: (-item.standing, item.number))
    best = max((item.standing for item in chosen), default=0.0)
    tags: list[Tag] = []
    for item in chosen:
        share = item.standing / best if best > 0 else 1.0
        topic = topics()[item.topic] if item.is_topic else None
        text = topic.text if topic else reading.candidates[item.number].text
        aspect = topic_aspect(topic) if topic else aspects[item.number]
        tags.append(Tag(text=text, aspect=aspect, weight=round(max(_LOWEST_WEIGHT, share), 3)))
    return tuple(tags)


def _unit(vector: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
