"""ConversationIndex: what keeps a vector store in step with the merged conversations, and asks it."""

from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.protocol import reads
from conversation_genome.record import MergedRecord
from conversation_genome.search.hits import SearchHit
from conversation_genome.search.indexing import vector_records
from conversation_genome.search.searcher import Searcher
from conversation_genome.vector_store.by_model import VectorStores, replace


class ConversationIndex:
    """Makes conversations searchable; every call blocks, and all are safe from several threads."""

    def __init__(self, stores: VectorStores, embedder: Embedder) -> None:
        self._stores = stores
        self._embedder = embedder
        self._searcher = Searcher(stores, embedder)

    def upsert(self, record: MergedRecord) -> None:
        """Make a conversation searchable, in place of what was there under its id; its language decides the model.

        Raises:
            ModelUnavailableError: If that model cannot be loaded.
            VectorStoreError: If a store cannot be written.
        """
        embedder = embedder_for(self._embedder, record.conversation.language)
        replace(self._stores, record.conversation.id, vector_records(record, embedder))

    def delete(self, conversation_id: str) -> None:
        """Make a conversation unsearchable."""
        for store in self._stores.every():
            store.delete(conversation_id)

    def search(self, query: str, limit: int) -> tuple[reads.SearchHit, ...]:
        """Return what answers a query best, as the server tells it.

        Raises:
            QueryError: If the query is empty or too long, or the limit out of bounds.
        """
        return tuple(map(wire_hit, self._searcher.search(query, limit)))

    def refresh(self) -> None:
        """Bring the store's indices up to date after a batch."""
        for store in self._stores.every():
            store.refresh()


def wire_hit(hit: SearchHit) -> reads.SearchHit:
    """Return a hit as it goes over the wire."""
    return reads.SearchHit(
        conversation_id=hit.conversation_id,
        window_id=hit.window_id,
        score=hit.score,
        tags=hit.tags,
        snippet=" … ".join(hit.quotes) or hit.title,
        title=hit.title,
        reasons=hit.reasons,
        source=hit.source,
    )


def hit_from_wire(hit: reads.SearchHit) -> SearchHit:
    """Return a hit as a server told it."""
    return SearchHit(
        conversation_id=hit.conversation_id,
        title=hit.title,
        score=hit.score,
        window_id=hit.window_id,
        quotes=(hit.snippet,) if hit.snippet else (),
        tags=hit.tags,
        reasons=hit.reasons,
        source=hit.source or "unknown",
    )
