"""From a merged conversation to what is searched: the whole, each of its windows, each of its tags."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from conversation_genome.conversation import Conversation, Utterance
from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.record import MergedRecord, WindowRecord
from conversation_genome.vector_store.base import Level, VectorModel, VectorRecord

MAX_TEXT_CHARACTERS: Final = 100_000
"""What is kept of one record's text for looking words up; in a longer talk the windows hold the rest."""
MAX_TITLE_CHARACTERS: Final = 80
MIN_TITLE_WORDS: Final = 4


def vector_records(merged: MergedRecord, embedder: Embedder) -> list[VectorRecord]:
    """Return the records of a conversation: itself, its smallest windows and its tags.

    A window's vector is the mean of its lines' vectors, which are embedded for other reasons anyway.
    """
    conversation = merged.conversation
    vectors = embedder.embed([line.text for line in conversation.lines])
    parts: list[tuple[Level, str, str, FloatArray]] = [
        (Level.CONVERSATION, "", _text(conversation, conversation.lines), unit_mean(vectors))
    ]
    for window in searched_windows(merged.windows):
        lines = conversation.lines[window.start : window.end]
        if any(line.text.strip() for line in lines):
            mean = unit_mean(vectors[window.start : window.end])
            parts.append((Level.WINDOW, window.window_id, _text(conversation, lines), mean))
    parts += _tag_parts(merged, embedder)
    return list(_records(merged, parts, embedder.model))


def searched_windows(windows: Sequence[WindowRecord]) -> list[WindowRecord]:
    """Return the windows of the deepest level, or none if that is the whole conversation."""
    deepest = max((window.level for window in windows), default=0)
    return [window for window in windows if window.level == deepest] if deepest else []


def title_of(conversation: Conversation) -> str:
    """Return the first line of some length, cut at a word."""
    texts = [" ".join(line.text.split()) for line in conversation.lines]
    long_enough = (text for text in texts if len(text.split()) >= MIN_TITLE_WORDS)
    title = next(long_enough, None) or next(text for text in texts if text)
    if len(title) <= MAX_TITLE_CHARACTERS:
        return title
    head = title[: MAX_TITLE_CHARACTERS - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(",.;:- ") + "…"


def vector_model(model: EmbeddingModel) -> VectorModel:
    """Return an embedder's model as vector stores name it."""
    return VectorModel(model.name, model.revision, model.dimensions)


def unit_mean(vectors: FloatArray) -> FloatArray:
    """Return the mean of unit vectors, shape (n, d) with n >= 1, at length 1; the first where they cancel out."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    norm = float(np.linalg.norm(mean))
    unit: FloatArray = (mean / norm if norm > 1e-6 else vectors[0]).astype(np.float32)
    return unit


def _tag_parts(merged: MergedRecord, embedder: Embedder) -> list[tuple[Level, str, str, FloatArray]]:
    texts = list(dict.fromkeys(tag.text for tag in merged.tags))
    return [(Level.TAG, text, text, vector) for text, vector in zip(texts, embedder.embed(texts), strict=True)]


def _text(conversation: Conversation, lines: Sequence[Utterance]) -> str:
    """Return the lines as `name: text`, one an utterance."""
    names = conversation.participants
    text = "\n".join(f"{names[line.speaker]}: {' '.join(line.text.split())}" for line in lines if line.text.strip())
    return text[:MAX_TEXT_CHARACTERS]


def _records(
    merged: MergedRecord, parts: Sequence[tuple[Level, str, str, FloatArray]], model: EmbeddingModel
) -> Iterator[VectorRecord]:
    conversation = merged.conversation
    title, tags = title_of(conversation), tuple(tag.text for tag in merged.tags)
    for level, part, text, vector in parts:
        yield VectorRecord(
            conversation_id=conversation.id,
            level=level,
            part=part,
            text=text,
            vector=vector,
            model=vector_model(model),
            title=title,
            source=conversation.source,
            language=conversation.language,
            started_at=conversation.started_at,
            tags=tags,
        )
