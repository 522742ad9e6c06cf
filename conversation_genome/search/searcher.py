"""Searcher: a query in, conversations out; found by meaning and by words on every level at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from conversation_genome.embedding.base import Embedder
from conversation_genome.errors import NotFoundError, QueryError
from conversation_genome.protocol.finding import SearchSort
from conversation_genome.search.caching import AnswerCache, CacheCounters
from conversation_genome.search.folding import folded
from conversation_genome.search.gathering import MIN_SIMILARITY, Asked, Gatherer
from conversation_genome.search.hits import SearchHit, SearchPage
from conversation_genome.search.listing import listed_after
from conversation_genome.search.ordering import Key, Order, order_of
from conversation_genome.search.paging import Cursor, digest_of, read, written
from conversation_genome.search.parsing import parsed
from conversation_genome.search.presenting import OfOne, Presenter, by_conversation
from conversation_genome.search.query import Query
from conversation_genome.search.similar import similar_hits
from conversation_genome.search.texts import Texts
from conversation_genome.vector_store.base import Level, Outline, SearchFilter, VectorRecord, VectorStore, outline_of
from conversation_genome.vector_store.by_model import VectorStores

MAX_HITS: Final = 1_000
REMEMBERED_HITS: Final = 20
"""Pages of more are not remembered: they are rare, and a thousand of them would fill the memory."""
HEAD_DEPTH: Final = 100
"""Records of each ranking that are read for the first hits."""
DEEP_DEPTH: Final = 1_000
"""Records of each ranking that are read where more hits are wanted than the head holds, or all of them by date."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """All that an answer depends on besides what is searched."""

    text: str
    query: Query
    sort: SearchSort
    limit: int
    cursor: str | None
    filters: SearchFilter


@dataclass(frozen=True, slots=True)
class _Pool:
    """What was found to some depth."""

    order: Order
    of_each: dict[str, OfOne]
    passages: dict[str, list[Key]]


class Searcher:
    """Finds conversations in the stores of all models; safe to call from several threads.

    The query is embedded with the model of each store that there is. Records of different models are not compared
    by their vectors: each is ranked by how near it is on the scale of its own model.
    """

    def __init__(self, stores: VectorStores, embedder: Embedder, *, min_similarity: float = MIN_SIMILARITY) -> None:
        self._stores = stores
        self._gatherer = Gatherer(embedder, min_similarity=min_similarity)
        self._pages: AnswerCache[SearchPage] = AnswerCache()

    @property
    def counters(self) -> CacheCounters:
        """How often an answer was remembered."""
        return self._pages.counters

    def search(self, query: str, limit: int = 10, *, filters: SearchFilter | None = None) -> list[SearchHit]:
        """Return the conversations that answer a query, best first.

        Raises:
            QueryError: If the query cannot be read, or the limit is not in 1 to 1,000.
            VectorModelError: If a store's vectors are of a model that is not at hand.
            VectorStoreError: If a store cannot be read.
        """
        return list(self.page(query, limit=limit, filters=filters).hits)

    def page(
        self,
        query: str,
        *,
        limit: int = 10,
        sort: SearchSort | None = None,
        cursor: str | None = None,
        filters: SearchFilter | None = None,
    ) -> SearchPage:
        """Return one page of the conversations that answer a query.

        Args:
            query: In the query language.
            limit: Hits at most.
            sort: In which order; None takes relevance, or the date where nothing ranks.
            cursor: `next_cursor` of the page before.
            filters: What a conversation must be besides.

        Raises:
            QueryError: If the query or the cursor cannot be read, or the limit is not in 1 to 1,000.
            VectorModelError: If a store's vectors are of a model that is not at hand.
            VectorStoreError: If a store cannot be read.
        """
        if not 1 <= limit <= MAX_HITS:
            raise QueryError(f"the limit must be from 1 to {MAX_HITS:,}, not {limit}")
        tree = parsed(query)
        order = SearchSort.DATE if not tree.ranked else sort or SearchSort.RELEVANCE
        stores = self._stores.every()
        version = version_of(stores)
        wanted = _Wanted(query.strip(), tree, order, limit, cursor, filters or SearchFilter())
        if limit > REMEMBERED_HITS:
            return self._page(wanted, stores, version)
        return self._pages.answer(wanted, version, lambda: self._page(wanted, stores, version))

    def passages(self, query: str, limit: int = 10, *, filters: SearchFilter | None = None) -> list[tuple[Key, float]]:
        """Return the windows that answer a query as (conversation, window) with their worth, best first.

        Raises:
            QueryError: If the query cannot be read.
        """
        stores = self._stores.every()
        asked = self._gatherer.asked(parsed(query), filters or SearchFilter(), stores)
        pool = self._pool(asked, stores, HEAD_DEPTH if limit <= HEAD_DEPTH else DEEP_DEPTH)
        return list(islice(pool.order.passages.items(), limit))

    def similar(self, conversation_id: str, limit: int = 10) -> list[SearchHit]:
        """Return the conversations that are like one, most similar first; near-copies are said to be such.

        Conversations that another model reads, those of another language, are not compared.

        Raises:
            NotFoundError: If there is none with this id.
            QueryError: If the limit is not in 1 to 1,000.
        """
        if not 1 <= limit <= MAX_HITS:
            raise QueryError(f"the limit must be from 1 to {MAX_HITS:,}, not {limit}")
        for store in self._stores.every():
            if kept := store.records_of(conversation_id, frozenset({Level.CONVERSATION})):
                return similar_hits(kept[0], store, limit)
        raise NotFoundError(f"there is no searchable conversation {conversation_id!r}; `cgp search` shows their ids")

    def _page(self, wanted: _Wanted, stores: Sequence[VectorStore], version: str) -> SearchPage:
        digest = digest_of(str(wanted.query), wanted.sort, repr(wanted.filters))
        start, is_changed = read(wanted.cursor, digest, version) if wanted.cursor else (Cursor(version), False)
        if wanted.query.ranked:
            hits, onward = self._ranked(wanted, start, stores)
        else:
            hits, onward = self._listed(wanted, start, stores)
        return SearchPage(
            query=wanted.text,
            sort=wanted.sort,
            hits=tuple(hits),
            next_cursor=None if onward is None else written(onward, digest),
            is_changed=is_changed and start.last is None,
        )

    def _ranked(
        self, wanted: _Wanted, start: Cursor, stores: Sequence[VectorStore]
    ) -> tuple[list[SearchHit], Cursor | None]:
        asked = self._gatherer.asked(wanted.query, wanted.filters, stores)
        is_by_date, end = wanted.sort is SearchSort.DATE, start.given + wanted.limit
        pools = [] if is_by_date else [self._pool(asked, stores, HEAD_DEPTH)]
        chosen = _chosen(pools)
        if len(chosen) <= end:
            pools.append(self._pool(asked, stores, DEEP_DEPTH))
            chosen = _chosen(pools)
        order = list(chosen)
        if is_by_date:
            order.sort(key=lambda key: _outline(pools[-1].of_each[key]).place)
        shown = order[start.given : end]
        presenter = Presenter(asked, self._gatherer, Texts(stores))
        presenter.read_ahead(_found_of(key, pools) for key in shown)
        hits = [_hit(presenter, key, pools).model_copy(update={"near_copies": chosen[key]}) for key in shown]
        return hits, Cursor(start.version, end) if len(order) > end else None

    def _pool(self, asked: Asked, stores: Sequence[VectorStore], depth: int) -> _Pool:
        found = self._gatherer.found(asked, stores, depth=depth)
        order = order_of(found, self._gatherer.is_near)
        return _Pool(order, dict(by_conversation(found)), order.passages_of())

    def _listed(
        self, wanted: _Wanted, start: Cursor, stores: Sequence[VectorStore]
    ) -> tuple[list[SearchHit], Cursor | None]:
        limit, query = wanted.limit, wanted.query
        outlines = listed_after(query, wanted.filters, stores, after=start.last, limit=limit + 1)
        presenter = Presenter(Asked(query, wanted.filters, "", {}), self._gatherer, Texts(stores))
        hits = [presenter.listed(outline, self._whole(outline, presenter, stores)) for outline in outlines[:limit]]
        onward = Cursor(start.version, 0, outlines[limit - 1]) if len(outlines) > limit else None
        return hits, onward

    def _whole(self, outline: Outline, presenter: Presenter, stores: Sequence[VectorStore]) -> list[VectorRecord]:
        if not presenter.shows_lines:
            return []
        level = frozenset({Level.CONVERSATION})
        return next((kept for store in stores if (kept := store.records_of(outline.conversation_id, level))), [])


def version_of(stores: Sequence[VectorStore]) -> str:
    """Return a text that differs after every write to any of the stores."""
    return "|".join(f"{store.model}:{store.version()}" for store in stores)


def _chosen(pools: Sequence[_Pool]) -> dict[str, tuple[str, ...]]:
    """Return the conversations of all pools, those of the first pool first, each with its near-copies."""
    order = list(dict.fromkeys(key for pool in pools for key in pool.order.conversations))
    sketches = {key: _record(of_one).sketch for pool in pools for key, of_one in pool.of_each.items()}
    return folded(order, sketches)


def _hit(presenter: Presenter, key: str, pools: Sequence[_Pool]) -> SearchHit:
    pool = _pool_of(key, pools)
    return presenter.hit(key, pool.order, pool.passages.get(key, []), pool.of_each[key])


def _found_of(key: str, pools: Sequence[_Pool]) -> tuple[OfOne, list[Key]]:
    pool = _pool_of(key, pools)
    return pool.of_each[key], pool.passages.get(key, [])


def _pool_of(key: str, pools: Sequence[_Pool]) -> _Pool:
    return next(pool for pool in pools if key in pool.order.conversations)


def _outline(found: OfOne) -> Outline:
    return outline_of(_record(found))


def _record(found: OfOne) -> VectorRecord:
    return next(match for matches in found.values() for match in matches).record
