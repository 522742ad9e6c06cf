"""From a merged conversation to what is searched: the whole, its windows, its tags, what is known of its participants."""

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conversation_genome.conversation import Conversation, Utterance
from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.record import MergedRecord, WindowRecord
from conversation_genome.search.sketching import sketch_of
from conversation_genome.vector_store.base import Level, VectorModel, VectorRecord
from conversation_genome.vector_store.terms import terms

MAX_TEXT_CHARACTERS: Final = 1_000_000
"""What is kept of one record's text: some twenty hours of talk; conditions on words are asked of it."""
MAX_TITLE_CHARACTERS: Final = 80
TITLE_CANDIDATES: Final = 30
MIN_TITLE_WORDS: Final = 5
MIN_UNSPACED_CHARACTERS: Final = 10
"""Of a line in a script that writes no spaces."""
MAX_TITLE_SOURCE: Final = 160
"""Of longer lines too little would be seen."""
BESIDE_LINES: Final = 3
"""Lines before and after a window that its vector leans on, too."""
BESIDE_WEIGHT: Final = 0.5
_NOTICES: Final = ("===", "***", "-->", "<--")
"""With these chat servers begin what nobody says."""


class _Part(NamedTuple):
    """What becomes one record."""

    level: Level
    name: str
    text: str
    vector: FloatArray


def vector_records(merged: MergedRecord, embedder: Embedder) -> list[VectorRecord]:
    """Return the records of a conversation: itself, its smallest windows, its tags and its participants' profiles.

    The vector of a window or of the whole is the mean of its lines' vectors, which are embedded for other reasons
    anyway: each line weighs the square root of its number of terms, so that "okay" says little, and a window leans on
    the lines beside it. Both were measured, beside the embedding of the text as one: benchmarks/search/RESULTS.md.
    """
    conversation = merged.conversation
    vectors = embedder.embed([line.text for line in conversation.lines])
    weights = np.array([math.sqrt(len(set(terms(line.text)))) + 1e-3 for line in conversation.lines])
    texts = list(dict.fromkeys(tag.text for tag in merged.tags))
    tags = embedder.embed(texts)
    whole = unit_mean(vectors, weights)
    parts = [_Part(Level.CONVERSATION, "", _text(conversation, conversation.lines), whole)]
    parts += _windows(merged, vectors, weights)
    parts += [_Part(Level.TAG, text, text, vector) for text, vector in zip(texts, tags, strict=True)]
    parts += _profiles(merged, embedder)
    return list(_records(merged, parts, title_of(conversation, vectors, tags), embedder.model))


def _windows(merged: MergedRecord, vectors: FloatArray, weights: NDArray[np.float64]) -> Iterator[_Part]:
    conversation = merged.conversation
    for window in searched_windows(merged.windows):
        numbers = list(window.lines if window.lines is not None else range(window.start, window.end))
        lines = [conversation.lines[number] for number in numbers]
        if any(line.text.strip() for line in lines):
            beside = _beside(window, len(conversation.lines))
            worth = np.concatenate([weights[numbers], BESIDE_WEIGHT * weights[beside]])
            mean = unit_mean(vectors[numbers + beside], worth)
            yield _Part(Level.WINDOW, window.window_id, _text(conversation, lines), mean)


def _beside(window: WindowRecord, lines: int) -> list[int]:
    """Return the lines before and after a window; none where threads run through each other."""
    if window.lines is not None:
        return []
    before = range(max(0, window.start - BESIDE_LINES), window.start)
    return [*before, *range(window.end, min(lines, window.end + BESIDE_LINES))]


def _profiles(merged: MergedRecord, embedder: Embedder) -> list[_Part]:
    """Return one part a participant of whom anything is known: the facts as they are published, masked or not."""
    known = [profile for profile in merged.profiles if profile.facts]
    vectors = embedder.embed([" ".join(fact.text for fact in profile.facts) for profile in known])
    texts = ("\n".join(f"{profile.participant}: {fact.text}" for fact in profile.facts) for profile in known)
    return [
        _Part(Level.PROFILE, profile.participant, text[:MAX_TEXT_CHARACTERS], vector)
        for profile, text, vector in zip(known, texts, vectors, strict=True)
    ]


def searched_windows(windows: Sequence[WindowRecord]) -> list[WindowRecord]:
    """Return the windows of the deepest level, or none if that is the whole conversation."""
    deepest = max((window.level for window in windows), default=0)
    return [window for window in windows if window.level == deepest] if deepest else []


def title_of(conversation: Conversation, lines: FloatArray, tags: FloatArray) -> str:
    """Return the early line that says best what the talk is about, cut at a word.

    Args:
        conversation: The talk.
        lines: Unit vectors of its lines, shape (lines, d).
        tags: Unit vectors of its tags, shape (tags, d); with none of them the lines tell what it is about.
    """
    texts = [" ".join(line.text.split()) for line in conversation.lines]
    candidates = [index for index, text in enumerate(texts) if _may_be_title(text)][:TITLE_CANDIDATES]
    if not candidates:
        return _shortened(next(text for text in texts if text))
    similarities = lines[candidates] @ unit_mean(tags if len(tags) else lines)
    return _shortened(texts[candidates[int(similarities.argmax())]])


def vector_model(model: EmbeddingModel) -> VectorModel:
    """Return an embedder's model as vector stores name it."""
    return VectorModel(model.name, model.revision, model.dimensions)


def unit_mean(vectors: FloatArray, weights: NDArray[np.float64] | None = None) -> FloatArray:
    """Return the mean of unit vectors, shape (n, d) with n >= 1, at length 1; the first where they cancel out.

    Args:
        vectors: The vectors.
        weights: What each counts, shape (n,); None counts them equally.
    """
    mean = np.average(vectors.astype(np.float64), axis=0, weights=weights)
    norm = float(np.linalg.norm(mean))
    unit: FloatArray = (mean / norm if norm > 1e-6 else vectors[0]).astype(np.float32)
    return unit


def _may_be_title(text: str) -> bool:
    if len(text) > MAX_TITLE_SOURCE or text.startswith(_NOTICES):
        return False
    return len(text.split()) >= MIN_TITLE_WORDS or (len(text) >= MIN_UNSPACED_CHARACTERS and not text.isascii())


def _shortened(text: str) -> str:
    if len(text) <= MAX_TITLE_CHARACTERS:
        return text
    head = text[: MAX_TITLE_CHARACTERS - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(",.;:- ") + "…"


def _text(conversation: Conversation, lines: Sequence[Utterance]) -> str:
    """Return the lines as `name: text`, one an utterance."""
    names = conversation.participants
    text = "\n".join(f"{names[line.speaker]}: {' '.join(line.text.split())}" for line in lines if line.text.strip())
    return text[:MAX_TEXT_CHARACTERS]


def _records(merged: MergedRecord, parts: Sequence[_Part], title: str, model: EmbeddingModel) -> Iterator[VectorRecord]:
    conversation = merged.conversation
    tags = tuple(tag.text for tag in merged.tags)
    heard = {line.speaker for line in conversation.lines}
    speakers = tuple(name for number, name in enumerate(conversation.participants) if number in heard)
    sketch = sketch_of([line.text for line in conversation.lines])
    for part in parts:
        yield VectorRecord(
            conversation_id=conversation.id,
            level=part.level,
            part=part.name,
            text=part.text,
            vector=part.vector,
            model=vector_model(model),
            title=title,
            source=conversation.source,
            language=conversation.language,
            started_at=conversation.started_at,
            tags=tags,
            speakers=speakers,
            sketch=sketch,
        )
