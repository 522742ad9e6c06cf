"""Several levels of a LanceDB table asked the same at once: each has its own rankings, what they read is read together."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from conversation_genome.vector_store.base import FloatArray, Level, Match, SearchFilter, VectorModel
from conversation_genome.vector_store.graph.neighbours import Neighbours
from conversation_genome.vector_store.hybrid import MIN_DEPTH
from conversation_genome.vector_store.lance_search import TableSearch, fused_best, matches_of

_WORDS: Final = ThreadPoolExecutor(4, "words")
"""LanceDB looks up words outside the interpreter's lock."""


def matches_of_levels(
    table: Any,
    neighbours: Neighbours | None,
    filters: SearchFilter,
    *,
    vector: FloatArray | None,
    words: Sequence[str],
    model: VectorModel,
    limits: Mapping[frozenset[Level], int],
) -> list[Match]:
    """Return what each group of levels finds, one group after the other, without texts."""
    seen: dict[int, FloatArray] = {}
    searches = [TableSearch(table, neighbours, replace(filters, levels=levels), seen=seen) for levels in limits]
    depths = [max(limit, MIN_DEPTH) for limit in limits.values()]
    each = list(zip(searches, depths, strict=True))
    looking = [_WORDS.submit(search.by_words, words, depth) for search, depth in each] if words else []
    near = [None] * len(searches) if vector is None else _nearest(each, vector)
    wordy = [look.result() for look in looking] if words else [None] * len(searches)
    fused = [fused_best(*found) for found in zip(near, wordy, limits.values(), strict=True)]
    records = searches[0].read([at for scores in fused for at in scores], model, has_texts=False) if searches else {}
    groups = zip(fused, wordy, limits.values(), strict=True)
    return [
        match for scores, found, limit in groups for match in matches_of(scores, records, vector, found, limit=limit)
    ]


def _nearest(searches: Sequence[tuple[TableSearch, int]], vector: FloatArray) -> list[Any]:
    looked_at = [at for search, depth in searches for at in search.ahead(vector, depth)]
    if searches:
        searches[0][0].read_vectors(looked_at)
    return [search.nearest(vector, depth) for search, depth in searches]
