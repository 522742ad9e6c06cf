"""Several levels of a LanceDB table asked the same at once: each has its own rankings, what they read is read together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from conversation_genome.vector_store.base import FloatArray, Level, Match, SearchFilter, VectorModel
from conversation_genome.vector_store.graph.neighbours import Neighbours
from conversation_genome.vector_store.hybrid import MIN_DEPTH
from conversation_genome.vector_store.lance_reading import Reader
from conversation_genome.vector_store.lance_search import TableSearch, fused_best, look_for_each, matches_of


def matches_of_levels(
    table: Any,
    reader: Reader,
    neighbours: Neighbours | None,
    filters: SearchFilter,
    *,
    vector: FloatArray | None,
    words: Sequence[str],
    model: VectorModel,
    limits: Mapping[frozenset[Level], int],
) -> tuple[list[Match], dict[str, int]]:
    """Return what each group of levels finds, one group after the other, without texts; and where each row lies, by id."""
    if not limits:
        return [], {}
    view = None if neighbours is None else neighbours.view(table)
    searches = [TableSearch(table, reader, neighbours, replace(filters, levels=of), view=view) for of in limits]
    each = [(search, max(limit, MIN_DEPTH)) for search, limit in zip(searches, limits.values(), strict=True)]
    if words:
        look_for_each(each, reader, words)
    condition = searches[0].condition_besides_levels
    if vector is not None and view is not None and neighbours is not None and not isinstance(condition, np.ndarray):
        groups = [(of, depth) for of, (_, depth) in zip(limits, each, strict=True)]
        passing = neighbours.passing(table, view, condition)
        for (search, depth), ahead in zip(each, view.nearest_of_each(vector, passing, groups), strict=True):
            search.look_ahead(ahead, depth)
    near = [None if vector is None else search.nearest(vector, depth) for search, depth in each]
    wordy = [search.by_words(words, depth) if words else None for search, depth in each]
    fused = [fused_best(one, other, limit) for one, other, limit in zip(near, wordy, limits.values(), strict=True)]
    every = dict.fromkeys(at for scores in fused for at in scores)
    read = searches[0].read(list(every), model, vector=vector, has_texts=False)
    found = zip(fused, wordy, limits.values(), strict=True)
    return [match for scores, worded, limit in found for match in matches_of(scores, read, worded, limit=limit)], {
        key: at for at, key in read.ids.items()
    }
