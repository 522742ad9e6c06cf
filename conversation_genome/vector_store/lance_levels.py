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
) -> tuple[list[Match], dict[str, int]]:
    """Return what each group of levels finds, one group after the other, without texts; and where each row lies, by id."""
    seen: dict[int, FloatArray] = {}
    searches = [TableSearch(table, neighbours, replace(filters, levels=levels), seen=seen) for levels in limits]
    depths = [max(limit, MIN_DEPTH) for limit in limits.values()]
    each = list(zip(searches, depths, strict=True))
    looking = [_WORDS.submit(search.by_words, words, depth) for search, depth in each] if words else []
    near = [None] * len(searches) if vector is None else _nearest(table, neighbours, vector, each, list(limits))
    wordy = [look.result() for look in looking] if words else [None] * len(searches)
    fused = [fused_best(*found) for found in zip(near, wordy, limits.values(), strict=True)]
    records = searches[0].read([at for scores in fused for at in scores], model, has_texts=False) if searches else {}
    groups = zip(fused, wordy, limits.values(), strict=True)
    matches = [
        match for scores, found, limit in groups for match in matches_of(scores, records, vector, found, limit=limit)
    ]
    return matches, {record.id: at for at, record in records.items()}


def _nearest(
    table: Any,
    neighbours: Neighbours | None,
    vector: FloatArray,
    searches: Sequence[tuple[TableSearch, int]],
    levels: Sequence[frozenset[Level]],
) -> list[Any]:
    """Return what is nearest of each search; the graphs are asked once and the vectors read once for all."""
    if neighbours is not None and searches:
        groups = [(of, depth) for of, (_, depth) in zip(levels, searches, strict=True)]
        first = searches[0][0]
        found = neighbours.nearest_of_each(table, vector, groups=groups, condition=first.condition_besides_levels)
        ahead = [near.addresses.tolist() for near in found or ()]
        first.read_vectors([at for near in ahead for at in near])
        for (search, depth), near in zip(searches, ahead, strict=False):
            search.look_ahead(near, depth)
    return [search.nearest(vector, depth) for search, depth in searches]
