"""Conversations that meet conditions, newest first, from the stores of all models as one list."""

from collections.abc import Sequence
from heapq import merge
from itertools import islice

from conversation_genome.search.gathering import joined
from conversation_genome.search.query import Query
from conversation_genome.vector_store.base import Outline, SearchFilter, VectorStore


def listed_after(
    query: Query, filters: SearchFilter, stores: Sequence[VectorStore], *, after: Outline | None, limit: int
) -> list[Outline]:
    """Return the conversations that meet a query's conditions, newest first.

    Args:
        query: The conditions.
        filters: What a conversation must be besides.
        stores: Where they are.
        after: Only those that come after this one.
        limit: Conversations at most.
    """
    narrowed = joined(filters, query)
    lists = [store.outlines(narrowed, after=after, limit=limit) for store in stores]
    return list(islice(merge(*lists, key=lambda outline: outline.place), limit))
