"""ConversationIndex: what keeps a vector store in step with the merged conversations, and asks it."""

from collections.abc import Sequence

from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.protocol import reads
from conversation_genome.protocol.finding import SearchSort, Stretch, TagNeighbours, TagTrends
from conversation_genome.record import MergedRecord
from conversation_genome.search.caching import CacheCounters
from conversation_genome.search.hits import SearchHit, SearchPage
from conversation_genome.search.indexing import vector_records
from conversation_genome.search.searcher import Searcher
from conversation_genome.search.tags import TagExplorer
from conversation_genome.vector_store.base import Health, Verification
from conversation_genome.vector_store.by_model import VectorStores, replace


class ConversationIndex:
    """Makes conversations searchable; every call blocks, and all are safe from several threads."""

    def __init__(self, stores: VectorStores, embedder: Embedder) -> None:
        self._stores = stores
        self._embedder = embedder
        self._searcher = Searcher(stores, embedder)
        self._tags = TagExplorer(stores, embedder)

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

    def search(
        self, query: str, limit: int, *, sort: SearchSort | None = None, cursor: str | None = None
    ) -> reads.SearchHits:
        """Return one page of what answers a query, as the server tells it.

        Raises:
            QueryError: If the query, the cursor or the limit is wrong.
        """
        return wire_page(self._searcher.page(query, limit=limit, sort=sort, cursor=cursor))

    def similar(self, conversation_id: str, limit: int) -> reads.SimilarConversations:
        """Return the conversations that are like one, as the server tells it.

        Raises:
            NotFoundError: If it is not searchable.
        """
        hits = self._searcher.similar(conversation_id, limit)
        return reads.SimilarConversations(conversation_id=conversation_id, hits=tuple(map(wire_hit, hits)))

    def tag_trends(self, *, stretch: Stretch | None = None, tags: Sequence[str] = (), limit: int = 10) -> TagTrends:
        """Return the tags that rise and fall."""
        return self._tags.trends(stretch=stretch, tags=tags, limit=limit)

    def tag_neighbours(self, tag: str, limit: int) -> TagNeighbours:
        """Return what stands around a tag.

        Raises:
            NotFoundError: If no searchable conversation has it.
        """
        return self._tags.neighbours(tag, limit)

    def verify(self) -> dict[str, Health]:
        """Return how much the index of each store finds, by the name of its model; takes most of a minute at a million.

        Raises:
            VectorStoreError: If a store cannot be read.
        """
        return {store.model.name: store.verify() for store in self._stores.every() if store.model is not None}

    def verified(self) -> dict[str, Verification]:
        """Return what came of the newest `verify` of each store, by the name of its model; nothing where none is known of.

        Raises:
            VectorStoreError: If a store cannot be read.
        """
        each = [(store.model, store.verified()) for store in self._stores.every()]
        return {model.name: newest for model, newest in each if model is not None and newest is not None}

    @property
    def counters(self) -> CacheCounters:
        """How often the answer to a query was remembered."""
        return self._searcher.counters

    def refresh(self) -> None:
        """Bring the store's indices up to date after a batch."""
        for store in self._stores.every():
            store.refresh()


def wire_page(page: SearchPage) -> reads.SearchHits:
    """Return a page of hits as it goes over the wire."""
    return reads.SearchHits(
        query=page.query,
        hits=tuple(map(wire_hit, page.hits)),
        sort=page.sort,
        next_cursor=page.next_cursor,
        is_changed=page.is_changed,
    )


def page_from_wire(page: reads.SearchHits) -> SearchPage:
    """Return a page of hits as a server told it."""
    return SearchPage(
        query=page.query,
        sort=page.sort,
        hits=tuple(map(hit_from_wire, page.hits)),
        next_cursor=page.next_cursor,
        is_changed=page.is_changed,
    )


def wire_hit(hit: SearchHit) -> reads.SearchHit:
    """Return a hit as it goes over the wire."""
    plain = hit.model_dump(exclude={"quotes", "passages"})
    return reads.SearchHit(**plain, passages=hit.passages, snippet=" … ".join(hit.quotes) or hit.title)


def hit_from_wire(hit: reads.SearchHit) -> SearchHit:
    """Return a hit as a server told it."""
    plain = hit.model_dump(exclude={"snippet", "passages", "source"})
    quotes = tuple(quote.text for quote in hit.passages[0].quotes) if hit.passages else ()
    if not quotes and hit.snippet and hit.snippet != hit.title:
        quotes = (hit.snippet,)
    return SearchHit(**plain, passages=hit.passages, quotes=quotes, source=hit.source or "unknown")
