"""StoreIndex: merged records in the vector store, found again by meaning and by word."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from conversation_genome.conversation import Conversation, Utterance
from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.errors import QueryError
from conversation_genome.protocol.reads import SearchHit
from conversation_genome.record import MergedRecord
from conversation_genome.vector_store.base import Level, Match, VectorModel, VectorRecord
from conversation_genome.vector_store.lance import LanceVectorStore

MATCHES_PER_HIT: Final = 4
"""A conversation may be found by itself and by its windows; it is shown once."""
SNIPPET_CHARACTERS: Final = 240


class StoreIndex:
    """A SearchIndex over a folder of LanceDB."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._store = LanceVectorStore(folder)
        self._embedder = embedder

    def upsert(self, record: MergedRecord) -> None:
        """Make a conversation and its windows searchable, in place of what was there under its id."""
        self._store.replace(record.conversation.id, list(vector_records(record, self._embedder)))

    def delete(self, conversation_id: str) -> None:
        """Make a conversation unsearchable."""
        self._store.delete(conversation_id)

    def search(self, query: str, limit: int) -> tuple[SearchHit, ...]:
        """Return what answers a query best, each conversation once.

        Raises:
            QueryError: If the query holds no word.
        """
        if not query.strip():
            raise QueryError("the query is empty; give a few words")
        vector = self._embedder.embed([query])[0]
        best: dict[str, SearchHit] = {}
        for match in self._store.search(vector, query, limit=limit * MATCHES_PER_HIT):
            best.setdefault(match.record.conversation_id, _hit(match))
        return tuple(best.values())[:limit]


def vector_records(record: MergedRecord, embedder: Embedder) -> Iterator[VectorRecord]:
    """Yield what is searched of a merged record: the conversation, then its segments and windows."""
    conversation = record.conversation
    model = VectorModel(*record.embedding_model.model_dump().values())
    tags = tuple(tag.text for tag in record.tags)
    lines = embedder.embed([line.text for line in conversation.lines])

    def found(level: Level, part: str, text: str, vector: FloatArray, own_tags: Sequence[str]) -> VectorRecord:
        return VectorRecord(
            conversation_id=conversation.id,
            level=level,
            part=part,
            text=text,
            vector=vector,
            model=model,
            title=", ".join(tags[:5]),
            source=conversation.source,
            language=conversation.language,
            started_at=conversation.started_at,
            tags=tuple(own_tags),
        )

    whole = np.asarray(record.embedding, dtype=np.float32)
    yield found(Level.CONVERSATION, "", "\n".join(tags), whole, tags)
    for window in record.windows:
        if window.level > 0:
            span = slice(window.start, window.end)
            text = _text(conversation, conversation.lines[span])
            own = [tag.text for tag in window.tags]
            yield found(Level.WINDOW, window.window_id, text, _mean(lines[span]), own)


def _text(conversation: Conversation, lines: Sequence[Utterance]) -> str:
    return "\n".join(f"{conversation.participants[line.speaker]}: {line.text}" for line in lines)


def _mean(vectors: FloatArray) -> FloatArray:
    total = vectors.sum(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(total))
    mean = total / length if length > 0 else vectors[0]
    return np.asarray(mean, dtype=np.float32)


def _hit(match: Match) -> SearchHit:
    record = match.record
    return SearchHit(
        conversation_id=record.conversation_id,
        window_id=record.part or None,
        score=match.score,
        tags=record.tags,
        snippet=record.text[:SNIPPET_CHARACTERS],
        source=record.source,
    )
