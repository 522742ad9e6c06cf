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
from conversation_genome.vector_store.graph.neighbours import Neighbours
from conversation_genome.vector_store.graph.view import Found as Near
from conversation_genome.vector_store.graph.view import View, is_in
from conversation_genome.vector_store.hybrid import MIN_DEPTH
from conversation_genome.vector_store.lance_filters import expression_of, is_exact, of_levels, required_terms
from conversation_genome.vector_store.lance_reading import Reader

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
        reader: Reader,
        neighbours: Neighbours | None,
        filters: SearchFilter | None,
        *,
        view: View | None = None,
    ) -> None:
        """Take the table, its graphs if it lies in a folder, and what must be true of each answer.

        Args:
            table: At its newest version.
            reader: Of the same table.
            neighbours: Its graphs.
            filters: What must be true of each answer.
            view: What is known of the table without reading it, by its graphs.
        """
        self._table = table
        self._reader = reader
        self._neighbours = neighbours
        self._view = view
        self._filters = filters
        self._condition = self._condition_of(filters)
        self._ahead: tuple[int, Scored] | None = None
        self._looking: tuple[Allowed, Callable[[], pa.Table]] | None = None

    def matches(
        self, vector: FloatArray | None, words: Sequence[str], model: VectorModel, *, limit: int, has_texts: bool = True
    ) -> list[Match]:
        """Return the best of both rankings, best first."""
        depth = max(limit, MIN_DEPTH)
        self.look_for(words, depth)
        near = None if vector is None else self.nearest(vector, depth)
        wordy = self.by_words(words, depth) if words else None
        fused = fused_best(near, wordy, limit)
        read = self.read(list(fused), model, vector=vector, has_texts=has_texts)
        return matches_of(fused, read, wordy, limit=limit)

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
            ahead, self._ahead = self._ahead, None
            found = ahead[1] if ahead is not None and ahead[0] == count else self._nearest(vector, count)
            return self._there(found), len(found.addresses) < count

        return self._sifted(asked, depth)

    def look_ahead(self, near: Near, depth: int) -> None:
        """Take what is known to be near, so that `nearest` of this depth need not ask for it."""
        self._ahead = (depth, _scored(near))

    @property
    def condition_besides_levels(self) -> Any:
        """What rows must pass but for that on their level: each has a graph of its own."""
        return _besides_levels(self._condition, self._filters)

    def _nearest(self, vector: FloatArray, count: int) -> Scored:
        if self._view is None or self._neighbours is None:
            return self._nearest_by_table(vector, self._condition, count)
        levels = self._filters.levels if self._filters is not None else frozenset()
        passing = self._neighbours.passing(self._table, self._view, self.condition_besides_levels)
        [near] = self._view.nearest_of_each(vector, passing, [(levels, count)])
        return _scored(near)

    def _nearest_by_table(self, vector: FloatArray, condition: Any, count: int) -> Scored:
        if isinstance(condition, np.ndarray):
            found = self._compared(condition.tolist(), vector)
            return found.where(_is_among_best(found.scores, count))
        query = self._table.search(vector, query_type="vector", vector_column_name="vector").distance_type("dot")
        if self._neighbours is None:
            query = query.ef(max(BREADTH_IN_BUCKET, 4 * count)).refine_factor(REFINED_IN_BUCKET)
        read = fetched(query, condition, ("_distance",), count)
        return Scored(_addresses(read), 1.0 - read["_distance"].to_numpy())

    def _compared(self, addresses: Sequence[int], vector: FloatArray) -> Scored:
        if not addresses:
            return _NOTHING
        read = self._reader.taken(addresses, ["vector"])
        return Scored(_addresses(read), rows.vectors_of(read).astype(np.float64) @ vector.astype(np.float64))

    def _there(self, found: Scored) -> Scored:
        """Return the rows that were not deleted: what is known of a table may be more than it has."""
        if self._view is None or self._view.is_whole or not len(found.addresses):
            return found
        read = self._reader.taken(found.addresses.tolist(), [rows.STAMP])
        return found.where(np.isin(found.addresses, _addresses(read)))

    def look_for(self, words: Sequence[str], depth: int) -> None:
        """Begin to look for words, so that `by_words` of this depth need not wait as long."""
        if words:
            look_for_each([(self, depth)], self._reader, words)

    def allowed(self, depth: int) -> "Allowed":
        """Return how a search for words to this depth meets what rows must pass."""
        return self._allowed(self._condition, depth)

    def take_words(self, allowed: "Allowed", found: Callable[[], pa.Table]) -> None:
        """Take what is found by words, once it is there."""
        self._looking = allowed, found

    def by_words(self, words: Sequence[str], depth: int) -> Found:
        """Return the rows that have a word and pass, best first, with their BM25."""
        looking, self._looking = self._looking, None
        allowed, condition, first = self.allowed(depth) if looking is None else looking[0]
        if allowed is not None and not len(allowed):
            return {}
        ahead = [] if looking is None else [looking[1]]

        def asked(count: int) -> tuple[Scored, bool]:
            read = ahead.pop()() if ahead else self._reader.worded(words, condition, count).result()
            found = Scored(_addresses(read), read["_score"].to_numpy().astype(np.float64))
            kept = found if allowed is None else found.where(is_in(found.addresses, allowed))
            return kept, len(read) < count

        return self._sifted(asked, depth, first=first)

    def _allowed(self, condition: Any, depth: int) -> "Allowed":
        """Return how a search for words meets a condition.

        A few rows are named to it; many are kept of all that it finds, for to let it look at each is slower by far. What
        is on a level is known to it at once, by an index.
        """
        levels = self._filters.levels if self._filters is not None else frozenset()
        if isinstance(condition, str) and condition == expression_of(SearchFilter(levels=levels)):
            return Allowed(None, of_levels(levels), depth)
        allowed = np.sort(condition) if isinstance(condition, np.ndarray) else None
        if isinstance(condition, str) and self._neighbours is not None and self._view is not None:
            passing = self._neighbours.passing(self._table, self._view, condition)
            allowed = None if passing is None else passing.addresses
        if allowed is None:
            return Allowed(None, condition, depth)
        if len(allowed) <= NAMED_ADDRESSES:
            return Allowed(allowed, f"_rowid IN ({', '.join(map(str, allowed.tolist()))})", depth)
        share = len(allowed) / max(1, self._table.count_rows() if self._view is None else self._view.count)
        if share < NARROW and isinstance(condition, str):
            return Allowed(None, condition, depth)
        return Allowed(allowed, None, int(1.5 * depth / share))

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
        order = np.argsort(-scores, kind="stable")
        if (np.diff(scores[order]) != 0).all():
            return dict(zip(addresses[order].tolist(), scores[order].tolist(), strict=True))
        values, counts = np.unique(scores, return_counts=True)
        ids = self._ids(addresses[np.isin(scores, values[counts > 1])].tolist())
        each = [(-score, ids.get(at, ""), at) for at, score in zip(addresses.tolist(), scores.tolist(), strict=True)]
        return {at: -score for score, _, at in sorted(each)[:depth]}

    def _ids(self, addresses: Sequence[int]) -> dict[int, str]:
        known = {} if self._view is None or not addresses else self._view.ids(addresses)
        if missing := [at for at in addresses if at not in known]:
            read = self._reader.taken(missing, ["id"])
            known |= dict(zip(read["_rowid"].to_pylist(), read["id"].to_pylist(), strict=True))
        return known

    def _held(self, found: Scored) -> Scored:
        if not len(found.addresses):
            return found
        read = self._reader.taken(found.addresses.tolist(), rows.HELD)
        where = where_of(self._filters)
        passing = [
            at for at, held in zip(read["_rowid"].to_pylist(), rows.read_held(read), strict=True) if holds(where, held)
        ]
        return found.where(np.isin(found.addresses, np.array(passing, dtype=np.uint64)))

    def read(
        self, addresses: Sequence[int], model: VectorModel, *, vector: FloatArray | None, has_texts: bool
    ) -> "Read":
        """Return the records at these addresses that are there; what is known of them but for their texts is not read."""
        known = {} if self._view is None else self._view.known(addresses, vector)
        texts = texts_at(self._reader, list(known), self._view) if has_texts else dict.fromkeys(known, "")
        records = {
            at: rows.unpacked(each.facts, each.vector, model, text=texts[at])
            for at, each in known.items()
            if at in texts
        }
        similarities = {at: each.cosine for at, each in known.items() if each.cosine is not None}
        ids = {at: each.id for at, each in known.items()}
        if missing := [at for at in addresses if at not in known]:
            read = self._read(missing, model, has_texts=has_texts)
            records |= read
            similarities |= similarities_of(read, vector)
            ids |= {at: record.id for at, record in read.items()}
        return Read(records, similarities, ids)

    def _read(self, addresses: Sequence[int], model: VectorModel, *, has_texts: bool) -> dict[int, VectorRecord]:
        read = self._reader.taken(addresses, [rows.FACTS, "vector", *(["text"] if has_texts else [])])
        if read[rows.FACTS].null_count:
            read = self._reader.taken(addresses, rows.READ)
            return dict(zip(read["_rowid"].to_pylist(), rows.read(read, model), strict=True))
        return dict(
            zip(read["_rowid"].to_pylist(), rows.read_packed(read, list(rows.vectors_of(read)), model), strict=True)
        )


class Allowed(NamedTuple):
    """How a search for words meets a condition."""

    kept: NDArray[np.uint64] | None
    """Rows to keep of what it finds, in order; None keeps all."""
    condition: str | None
    """What it is told."""
    first: int
    """How many it is asked for at first."""


class Read(NamedTuple):
    """Records by address, the cosine of each and its id."""

    records: dict[int, VectorRecord]
    similarities: dict[int, float]
    ids: dict[int, str]


def texts_at(reader: Reader, addresses: Sequence[int], view: View | None) -> dict[int, str]:
    """Return the texts of the rows that are at these addresses; what lies beside a graph is not read from the table."""
    found = {} if view is None or not addresses else view.texts(addresses)
    if missing := [at for at in addresses if at not in found]:
        read = reader.taken(missing, ["text"])
        found |= dict(zip(read["_rowid"].to_pylist(), read["text"].to_pylist(), strict=True))
    return found


def look_for_each(searches: Sequence[tuple[TableSearch, int]], reader: Reader, words: Sequence[str]) -> None:
    """Begin to look for the words of several searches, each to its depth, all at once."""
    every = [(search, search.allowed(depth)) for search, depth in searches]
    each = [(search, allowed) for search, allowed in every if allowed.kept is None or len(allowed.kept)]
    found = reader.worded_each(words, [(allowed.condition, allowed.first) for _, allowed in each])
    for number, (search, allowed) in enumerate(each):
        search.take_words(allowed, lambda number=number: found.result()[number])  # type: ignore[misc]


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


def matches_of(fused: Mapping[int, float], read: Read, wordy: Found | None, *, limit: int) -> list[Match]:
    """Return the rows that are there as matches, best first, equal ones in order of their id.

    Args:
        fused: Their scores by address.
        read: What is at these addresses.
        wordy: The BM25 of each; none without words.
        limit: Matches at most.
    """
    there = [(-fused[at], read.ids[at], at) for at in fused if at in read.records]
    worded = wordy or {}
    return [
        Match(read.records[at], -score, read.similarities.get(at), worded.get(at, 0.0))
        for score, _, at in sorted(there)[:limit]
    ]


def similarities_of(records: Mapping[int, VectorRecord], vector: FloatArray | None) -> dict[int, float]:
    """Return the cosine of each record and the query's vector, by address; none without a vector."""
    if vector is None or not records:
        return {}
    vectors = np.stack([record.vector for record in records.values()]).astype(np.float64)
    cosines = np.einsum("ij,j->i", vectors, vector.astype(np.float64)).clip(-1.0, 1.0)
    return dict(zip(records, cosines.tolist(), strict=True))


def _is_among_best(scores: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Return which scores are among the best, or equal to the last of these."""
    if len(scores) <= count:
        return np.ones(len(scores), dtype=bool)
    mask: NDArray[np.bool_] = scores >= np.partition(scores, -count)[-count]
    return mask


def _scored(near: Near) -> Scored:
    return Scored(near.addresses, near.cosines)


def _addresses(found: pa.Table) -> Any:
    return found["_rowid"].to_numpy().astype(np.uint64)


def _besides_levels(condition: Any, filters: SearchFilter | None) -> Any:
    """Return a condition without that on the levels: each has a graph of its own."""
    if isinstance(condition, np.ndarray) or filters is None:
        return condition
    return expression_of(replace(filters, levels=frozenset()))


def where_of(filters: SearchFilter | None) -> Any:
    """Return the condition of a filter; None if there is none."""
    return filters.where if filters is not None else None
