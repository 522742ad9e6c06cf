"""TagExplorer: how tags rise and fall, and what stands around one, over the stores of all models."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.scales import scale_of
from conversation_genome.errors import NotFoundError, QueryError
from conversation_genome.protocol.finding import Stretch, TagNeighbours, TagTrends
from conversation_genome.search.caching import AnswerCache
from conversation_genome.search.gathering import Gatherer, model_names
from conversation_genome.search.searcher import version_of
from conversation_genome.search.tag_graph import company_of, neighbours
from conversation_genome.search.tag_trends import tag_trends
from conversation_genome.vector_store.base import Level, Outline, SearchFilter, VectorStore
from conversation_genome.vector_store.by_model import VectorStores
from conversation_genome.vector_store.terms import fold

MAX_TAGS: Final = 200
REMEMBERED: Final = 64
"""Answers; each reads every conversation's outline."""
NEAR_DEPTH: Final = 300
"""Records of tags that are read for those that mean something alike; a tag has one in each of its conversations."""
COMPARED: Final = 200
"""Tags of the same conversations whose meaning is compared, the most frequent ones."""


class TagExplorer:
    """Answers questions about tags; safe to call from several threads."""

    def __init__(self, stores: VectorStores, embedder: Embedder) -> None:
        self._stores = stores
        self._gatherer = Gatherer(embedder)
        self._trends: AnswerCache[TagTrends] = AnswerCache(REMEMBERED)
        self._neighbours: AnswerCache[TagNeighbours] = AnswerCache(REMEMBERED)

    def trends(self, *, stretch: Stretch | None = None, tags: Sequence[str] = (), limit: int = 10) -> TagTrends:
        """Return the tags whose share of the conversations rose and fell most, and the course of named ones.

        Raises:
            QueryError: If the limit is not in 1 to 200.
            VectorStoreError: If a store cannot be read.
        """
        _check(limit)
        stores = self._stores.every()
        asked = (stretch, tuple(tags), limit)
        return self._trends.answer(
            asked, version_of(stores), lambda: tag_trends(_outlines(stores), stretch=stretch, tags=tags, limit=limit)
        )

    def neighbours(self, tag: str, limit: int = 20) -> TagNeighbours:
        """Return the tags that come with a tag or mean something alike, closest first.

        Raises:
            NotFoundError: If no conversation has it.
            QueryError: If the limit is not in 1 to 200.
            VectorStoreError: If a store cannot be read.
        """
        _check(limit)
        stores = self._stores.every()
        asked = (fold(tag), limit)
        return self._neighbours.answer(asked, version_of(stores), lambda: self._around(tag, limit, stores))

    def _around(self, tag: str, limit: int, stores: Sequence[VectorStore]) -> TagNeighbours:
        company = company_of(tag, _outlines(stores))
        if not company.conversations:
            raise NotFoundError(f"no searchable conversation has the tag {tag!r}; `cgp search` shows those there are")
        frequent = sorted(company.together, key=lambda key: (-company.together[key], key))[:COMPARED]
        spelled = [company.spellings[key] for key in frequent]
        likeness: dict[str, float] = {}
        for store in stores:
            likeness |= self._likeness(tag, spelled if not likeness else (), store)
        return neighbours(tag, company, likeness, limit=limit)

    def _likeness(self, tag: str, others: Sequence[str], store: VectorStore) -> dict[str, float]:
        """Return the cosines of a tag with others and with those that are nearest in a store, by folded tag."""
        if store.model is None:
            return {}
        vectors = self._gatherer.reader(store.model).embed([tag, *others])
        tags_only = SearchFilter(levels=frozenset({Level.TAG}))
        near = store.search(vectors[0], filters=tags_only, limit=NEAR_DEPTH)
        carry = scale_of(model_names(store.model)).carried_names
        found = {fold(match.record.part): match.similarity or 0.0 for match in near}
        found |= {fold(other): float(cosine) for other, cosine in zip(others, vectors[1:] @ vectors[0], strict=True)}
        return {key: float(carry(np.array(cosine))) for key, cosine in found.items()}


def _outlines(stores: Sequence[VectorStore]) -> list[Outline]:
    return [outline for store in stores for outline in store.outlines()]


def _check(limit: int) -> None:
    if not 1 <= limit <= MAX_TAGS:
        raise QueryError(f"the limit must be from 1 to {MAX_TAGS}, not {limit}")
