"""Gatherer: asks the stores of all models on every level; what is far in meaning and holds no word is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.embedding.by_language import embedder_of
from conversation_genome.embedding.scales import scale_of
from conversation_genome.errors import VectorModelError
from conversation_genome.search.framing import content_of
from conversation_genome.search.ordering import Found
from conversation_genome.search.query import Query, only_fields
from conversation_genome.vector_store.base import Level, Match, SearchFilter, VectorModel, VectorStore
from conversation_genome.vector_store.conditions import All

MIN_SIMILARITY: Final = 0.25
"""Cosine on MiniLM's scale below which a record is not near in meaning: unrelated texts have about 0.1."""
MAX_NAMED: Final = 2_000
"""Conversations that a store is asked for by name; of more, what it finds is sifted instead."""
_GROWTH: Final = 4
_MAX_DEPTH: Final = 64_000
_TOGETHER: Final = (
    (frozenset({Level.WINDOW}), 1),
    (frozenset({Level.CONVERSATION}), 2),
    (frozenset({Level.TAG, Level.PROFILE}), 2),
)
"""Levels that a store is asked for at once, and into what the depth is divided for them.

Their texts are of one length, so that none crowds out another. There are fewer conversations than windows, and their
texts are long to read.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: the query, what it is narrowed to, and its vector by model."""

    query: Query
    filters: SearchFilter
    text: str
    """The words that rank; empty if there are none."""
    vectors: Mapping[VectorModel, FloatArray]


def model_names(model: VectorModel) -> EmbeddingModel:
    """Return a store's model as embedders name it."""
    return EmbeddingModel(name=model.name, revision=model.revision, dimensions=model.dimensions)


class Gatherer:
    """Asks stores; safe to call from several threads."""

    def __init__(self, embedder: Embedder, *, min_similarity: float = MIN_SIMILARITY) -> None:
        self._embedder = embedder
        self._min_similarity = min_similarity

    def asked(self, query: Query, filters: SearchFilter, stores: Sequence[VectorStore]) -> Asked:
        """Return a query with its vector by each store's model.

        Raises:
            VectorModelError: If a store's vectors are of a model that is not at hand.
        """
        models = [store.model for store in stores if store.model is not None]
        text = content_of(query.ranked)
        vectors = {model: self.reader(model).embed([text])[0] for model in models} if text else {}
        return Asked(query, filters, text, vectors)

    def reader(self, model: VectorModel) -> Embedder:
        """Return the embedder of a store's model.

        Raises:
            VectorModelError: If it is not at hand.
        """
        embedder = embedder_of(self._embedder, model.name, model.revision)
        if embedder is None:
            raise VectorModelError(
                f"the store holds vectors of {model.name}@{model.revision[:12]}, the query would be embedded with "
                f"{self._embedder.model.name}@{self._embedder.model.revision[:12]}; use the store's model"
            )
        return embedder

    def found(self, asked: Asked, stores: Sequence[VectorStore], *, depth: int) -> Found:
        """Return what the stores find on each level.

        Conditions are asked of whole conversations. Fields stand in every record, so every level can be asked them at
        once; where something must be said, the conversations of which it is true are looked up first.
        """
        where = asked.query.where
        if where is None or only_fields(where):
            narrowed = replace(asked, filters=joined(asked.filters, asked.query))
            return self._by_level(narrowed, stores, depth=depth, among=None)
        among = frozenset(
            outline.conversation_id
            for store in stores
            for outline in store.outlines(replace(joined(asked.filters, asked.query), levels=frozenset()))
        )
        if len(among) > MAX_NAMED:
            return self._by_level(asked, stores, depth=depth, among=among)
        named = replace(asked.filters, conversation_ids=among)
        return self._by_level(replace(asked, filters=named), stores, depth=depth, among=None) if among else {}

    def _by_level(
        self, asked: Asked, stores: Sequence[VectorStore], *, depth: int, among: frozenset[str] | None
    ) -> Found:
        wanted = asked.filters.levels or frozenset(Level)
        found: dict[Level, list[list[Match]]] = {level: [] for level in wanted}
        limits = {levels & wanted: depth // share for levels, share in _TOGETHER if levels & wanted}
        for store in stores:
            matches = self._matches(store, asked, limits, among=among)
            for level in wanted:
                found[level].append([match for match in matches if match.record.level is level])
        return found

    def _matches(
        self, store: VectorStore, asked: Asked, limits: Mapping[frozenset[Level], int], *, among: frozenset[str] | None
    ) -> list[Match]:
        """Return what one store finds, how near it is on the scale that all models share; texts may be missing."""
        if store.model is None:
            return []
        vector = asked.vectors.get(store.model)
        if among is None:
            found = store.search_levels(vector, asked.text, limits=limits, filters=asked.filters)
        else:
            each = limits.items()
            found = [match for one, depth in each for match in _sifted(store, asked, one, depth=depth, among=among)]
        scaled = all_on_shared_scale(found, store.model)
        return [match for match in scaled if self.is_near(match) or match.word_score > 0]

    def is_near(self, match: Match) -> bool:
        """Tell whether a match is near in meaning."""
        return (match.similarity or 0.0) >= self._min_similarity


def _sifted(
    store: VectorStore, asked: Asked, levels: frozenset[Level], *, depth: int, among: frozenset[str]
) -> list[Match]:
    """Return what a store finds of some conversations, too many to name them."""
    filters, limit = replace(asked.filters, levels=levels), depth
    vector = None if store.model is None else asked.vectors.get(store.model)
    while True:
        read = store.search(vector, asked.text, filters=filters, limit=limit, has_texts=False)
        kept = [match for match in read if match.record.conversation_id in among]
        if len(kept) >= depth or len(read) < limit or limit >= _MAX_DEPTH:
            return kept[:depth]
        limit *= _GROWTH


def all_on_shared_scale(found: Sequence[Match], model: VectorModel) -> list[Match]:
    """Return the matches of a model with the cosines that MiniLM would have had."""
    if not found or found[0].similarity is None:
        return list(found)
    scale = scale_of(model_names(model))
    if not (scale.names or scale.passages):
        return list(found)
    cosines = np.array([match.similarity for match in found], dtype=np.float64)
    is_name = np.array([match.record.level is Level.TAG for match in found])
    carried = np.where(is_name, scale.carried_names(cosines), scale.carried_passages(cosines)).tolist()
    each = zip(found, carried, strict=True)
    return [Match(match.record, match.score, cosine, match.word_score) for match, cosine in each]


def joined(filters: SearchFilter, query: Query) -> SearchFilter:
    """Return the filters with the query's conditions; conditions of the filters themselves stay, too."""
    if query.where is None:
        return filters
    both = query.where if filters.where is None else All((filters.where, query.where))
    return replace(filters, where=both)
