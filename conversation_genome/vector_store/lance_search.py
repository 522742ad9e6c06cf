"""TableSearch: one question to a LanceDB table. The rankings first, by as few columns as they need; then the winners' rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from lancedb.query import MatchQuery
from numpy.typing import NDArray

from conversation_genome.vector_store import rows
from conversation_genome.vector_store.base import FloatArray, Match, SearchFilter, VectorModel, VectorRecord
from conversation_genome.vector_store.conditions import holds
from conversation_genome.vector_store.fusion import fuse
from conversation_genome.vector_store.graph.neighbours import Neighbours, is_in
from conversation_genome.vector_store.hybrid import MIN_DEPTH, similarity_of
from conversation_genome.vector_store.lance_filters import expression_of, is_exact, required_terms

DEPTH_GROWTH: Final = 4
NARROW: Final = 0.02
"""Share of the rows, below which a search for words looks at a condition itself."""
NAMED_ADDRESSES: Final = 2_000
"""Rows that a search for words may be confined to by their addresses."""
BREADTH_IN_BUCKET: Final = 400
REFINED_IN_BUCKET: Final = 2
"""Times as many candidates as are wanted are compared by their exact vectors."""

Found = dict[int, float]
"""Score by address, best first, equal ones in order of their id."""


class Scored(NamedTuple):
    """Rows with their scores, in no order: shapes (n,) and (n,)."""

    addresses: NDArray[np.uint64]
    scores: NDArray[np.float64]

    def where(self, mask: NDArray[np.bool_]) -> "Scored":
        """Return some of the rows."""
        return Scored(self.addresses[mask], self.scores[mask])


_NOTHING: Final = Scored(np.empty(0, dtype=np.uint64), np.empty(0))


class TableSearch:
    """Asks a table what passes a filter: what is near, what has the words, and the best of both."""

    def __init__(
        self,
        table: Any,
        neighbours: Neighbours | None,
        filters: SearchFilter | None,
        *,
        seen: dict[int, FloatArray] | None = None,
    ) -> None:
        """Take the table, its graphs if it lies in a folder, and what must be true of each answer.

        Args:
            table: At its newest version.
            neighbours: Its graphs.
            filters: What must be true of each answer.
            seen: The vectors that were read already, by address; those that are read are added.
        """
        self._table = table
        self._neighbours = neighbours
        self._filters = filters
        self._condition = self._condition_of(filters)
        self._ahead: dict[int, list[int]] = {}
        self._seen: dict[int, FloatArray] = {} if seen is None else seen

    def matches(
        self, vector: FloatArray | None, words: Sequence[str], model: VectorModel, *, limit: int, has_texts: bool = True
    ) -> list[Match]:
        """Return the best of both rankings, best first."""
        depth = max(limit, MIN_DEPTH)
        near = None if vector is None else self.nearest(vector, depth)
        wordy = self.by_words(words, depth) if words else None
        fused = fused_best(near, wordy, limit)
        return matches_of(fused, self.read(list(fused), model, has_texts=has_texts), vector, wordy, limit=limit)

    def _condition_of(self, filters: SearchFilter | None) -> Any:
        """Return what rows must pass: an expression, or the addresses of those that have the terms that are asked for."""
        condition, required = expression_of(filters), required_terms(filters)
        if not required:
            return condition
        match = MatchQuery(" ".join(required), rows.TERMS, operator="AND")  # type: ignore[arg-type, call-arg]
        query = self._table.search(match, query_type="fts")
        return _addresses(fetched(query, condition, ("_score",), max(1, self._table.count_rows())))

    def nearest(self, vector: FloatArray, depth: int) -> Found:
        """Return the nearest rows that pass, best first, with their cosines."""

        def asked(count: int) -> tuple[Scored, bool]:
            near = self._ahead.pop(count, None) or self._by_graphs(vector, count)
            if near is None:
                found = self._nearest_by_table(vector, self._condition, count)
                return found, len(found.addresses) < count
            return self._with_cosines(near, vector), len(near) < count

        return self._sifted(asked, depth)

    def look_ahead(self, near: list[int], depth: int) -> None:
        """Take what the graphs say is near, so that `nearest` of this depth need not ask them."""
        self._ahead[depth] = near

    @property
    def condition_besides_levels(self) -> Any:
        """What rows must pass but for that on their level: each has a graph of its own."""
        return _besides_levels(self._condition, self._filters)

    def _by_graphs(self, vector: FloatArray, count: int) -> list[int] | None:
        if self._neighbours is None:
            return None
        levels = self._filters.levels if self._filters is not None else frozenset()
        near = self._neighbours.nearest(
            self._table, vector, levels=levels, condition=self.condition_besides_levels, count=count
        )
        return None if near is None else near.addresses.tolist()

    def _nearest_by_table(self, vector: FloatArray, condition: Any, count: int) -> Scored:
        query = self._table.search(vector, query_type="vector", vector_column_name="vector").distance_type("dot")
        if isinstance(condition, np.ndarray):
            found = self._with_cosines(condition.tolist(), vector)
            return found.where(_is_among_best(found.scores, count))
        if self._neighbours is None:
            query = query.ef(max(BREADTH_IN_BUCKET, 4 * count)).refine_factor(REFINED_IN_BUCKET)
        read = fetched(query, condition, ("_distance",), count)
        return Scored(_addresses(read), 1.0 - read["_distance"].to_numpy())

    def _with_cosines(self, addresses: Sequence[int], vector: FloatArray) -> Scored:
        self.read_vectors(addresses)
        there = [at for at in addresses if at in self._seen]
        if not there:
            return _NOTHING
        vectors = np.stack([self._seen[at] for at in there]).astype(np.float64)
        return Scored(np.array(there, dtype=np.uint64), vectors @ vector.astype(np.float64))

    def read_vectors(self, addresses: Sequence[int]) -> None:
        """Read the vectors of the rows that are there, once each."""
        if missing := [at for at in addresses if at not in self._seen]:
            found = self._table.take_row_ids(missing).select(["vector"]).with_row_id().to_arrow()
            self._seen.update(_by_address(found))

    def by_words(self, words: Sequence[str], depth: int) -> Found:
        """Return the rows that have a word and pass, best first, with their BM25."""
        match = MatchQuery(" ".join(words), rows.TERMS)  # type: ignore[call-arg]  # its defaults are invisible to mypy
        allowed, condition, first = self._allowed(self._condition, depth)
        if allowed is not None and not len(allowed):
            return {}

        def asked(count: int) -> tuple[Scored, bool]:
            read = fetched(self._table.search(match, query_type="fts"), condition, ("_score",), count)
            found = Scored(_addresses(read), read["_score"].to_numpy().astype(np.float64))
            kept = found if allowed is None else found.where(is_in(found.addresses, allowed))
            return kept, len(read) < count

        return self._sifted(asked, depth, first=first)

    def _allowed(self, condition: Any, depth: int) -> tuple[Any, str | None, int]:
        """Return how a search for words meets a condition: rows to keep of what it finds, what it is told, how many it is asked.

        A few rows are named to it; many are kept of all that it finds, for to let it look at each is slower by far. What
        is on a level is known to it at once, by an index.
        """
        if isinstance(condition, str) and condition == expression_of(_only_levels(self._filters)):
            return None, condition, depth
        allowed = np.sort(condition) if isinstance(condition, np.ndarray) else None
        if isinstance(condition, str) and self._neighbours is not None:
            allowed = self._neighbours.allowed(self._table, condition)
        if allowed is None:
            return None, condition, depth
        if len(allowed) <= NAMED_ADDRESSES:
            return allowed, f"_rowid IN ({', '.join(map(str, allowed.tolist()))})", depth
        share = len(allowed) / max(1, self._table.count_rows())
        if share < NARROW and isinstance(condition, str):
            return None, condition, depth
        return allowed, None, int(1.5 * depth / share)

    def _sifted(
        self,
        asked: Callable[[int], tuple[Scored, bool]],
        depth: int,
        *,
        first: int | None = None,
    ) -> Found:
        """Return the first `depth` that pass; where only the records themselves can tell, ever more are asked for.

        Args:
            asked: Returns as many as it is asked for, as far as they are still there, and whether these are all.
            depth: How many are wanted.
            first: How many are asked for at first; by default as many as are wanted.
        """
        count = first or depth
        while True:
            found, is_all = asked(count)
            passing = found if is_exact(self._filters) else self._held(found)
            if len(passing.addresses) >= depth or is_all:
                return self._first(passing, depth)
            count *= DEPTH_GROWTH

    def _first(self, found: Scored, depth: int) -> Found:
        """Return the best in their order; ids are read only of those that it takes ids to order."""
        addresses, scores = found.where(_is_among_best(found.scores, depth))
        values, counts = np.unique(scores, return_counts=True)
        ids = self._ids(addresses[np.isin(scores, values[counts > 1])].tolist())
        each = zip(addresses.tolist(), scores.tolist(), strict=True)
        return dict(sorted(each, key=lambda one: (-one[1], ids.get(one[0], "")))[:depth])

    def _ids(self, addresses: Sequence[int]) -> dict[int, str]:
        if not addresses:
            return {}
        read = self._table.take_row_ids(addresses).select(["id"]).with_row_id().to_arrow()
        return dict(zip(read["_rowid"].to_pylist(), read["id"].to_pylist(), strict=True))

    def _held(self, found: Scored) -> Scored:
        if not len(found.addresses):
            return found
        read = self._table.take_row_ids(found.addresses.tolist()).select(list(rows.HELD)).with_row_id().to_arrow()
        where = where_of(self._filters)
        passing = [
            at for at, held in zip(read["_rowid"].to_pylist(), rows.read_held(read), strict=True) if holds(where, held)
        ]
        return found.where(np.isin(found.addresses, np.array(passing, dtype=np.uint64)))

    def read(self, addresses: Sequence[int], model: VectorModel, *, has_texts: bool) -> dict[int, VectorRecord]:
        """Return the records at these addresses that are there; vectors that were read before are not read again."""
        if not addresses:
            return {}
        is_known = all(at in self._seen for at in addresses)
        columns = ["facts", *(["text"] if has_texts else []), *([] if is_known else ["vector"])]
        read = self._table.take_row_ids(addresses).select(columns).with_row_id().to_arrow()
        if read["facts"].null_count:
            read = self._table.take_row_ids(addresses).select(list(rows.READ)).with_row_id().to_arrow()
            return dict(zip(read["_rowid"].to_pylist(), rows.read(read, model), strict=True))
        known = self._seen if is_known else _by_address(read)
        found = read["_rowid"].to_pylist()
        return dict(zip(found, rows.read_packed(read, [known[at] for at in found], model), strict=True))


def fetched(query: Any, condition: str | None, columns: Sequence[str], limit: int) -> pa.Table:
    """Return these columns of what a query finds that passes, with the address of each row."""
    query = query if condition is None else query.where(condition)
    return query.select(list(columns)).with_row_id(True).limit(limit).to_arrow()


def fused_best(near: Found | None, wordy: Found | None, limit: int) -> dict[int, float]:
    """Return the fused scores of the best rows, and of those that are as good as the last of them."""
    scores = fuse([list(found) for found in (near, wordy) if found is not None])
    if len(scores) <= limit:
        return scores
    least = sorted(scores.values(), reverse=True)[limit - 1]
    return {at: score for at, score in scores.items() if score >= least}


def matches_of(
    fused: Mapping[int, float],
    records: Mapping[int, VectorRecord],
    vector: FloatArray | None,
    wordy: Found | None,
    *,
    limit: int,
) -> list[Match]:
    """Return the rows that are there as matches, best first, equal ones in order of their id."""
    there = [(at, records[at]) for at in fused if at in records]
    order = sorted(there, key=lambda one: (-fused[one[0]], one[1].id))[:limit]
    return [Match(record, fused[at], similarity_of(record, vector), (wordy or {}).get(at, 0.0)) for at, record in order]


def _is_among_best(scores: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Return which scores are among the best, or equal to the last of these."""
    if len(scores) <= count:
        return np.ones(len(scores), dtype=bool)
    mask: NDArray[np.bool_] = scores >= np.partition(scores, -count)[-count]
    return mask


def _by_address(found: pa.Table) -> dict[int, FloatArray]:
    return dict(zip(found["_rowid"].to_pylist(), rows.vectors_of(found), strict=True))


def _addresses(found: pa.Table) -> Any:
    return found["_rowid"].to_numpy().astype(np.uint64)


def _besides_levels(condition: Any, filters: SearchFilter | None) -> Any:
    """Return a condition without that on the levels: each has a graph of its own."""
    if isinstance(condition, np.ndarray) or filters is None:
        return condition
    return expression_of(replace(filters, levels=frozenset()))


def _only_levels(filters: SearchFilter | None) -> SearchFilter:
    return SearchFilter(levels=filters.levels if filters is not None else frozenset())


def where_of(filters: SearchFilter | None) -> Any:
    """Return the condition of a filter; None if there is none."""
    return filters.where if filters is not None else None
