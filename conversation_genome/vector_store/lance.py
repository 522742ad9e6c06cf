"""LanceVectorStore: a LanceDB table in a folder or in a bucket. With its filters, the only module that knows LanceDB.

Every write is one transaction of the table: a process that is killed leaves all of it or nothing. Filters
are built as expressions and words are looked up as terms, so no text of a user is ever read as SQL or as a query.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import lancedb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import structlog
from lancedb.index import FTS, Bitmap, BTree, HnswSq
from lancedb.query import MatchQuery

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store import rows
from conversation_genome.vector_store.base import (
    FloatArray,
    Health,
    Level,
    Match,
    Outline,
    SearchFilter,
    VectorModel,
    VectorRecord,
    check_owner,
    check_records,
    check_vector,
)
from conversation_genome.vector_store.conditions import holds
from conversation_genome.vector_store.graph.files import GraphFiles
from conversation_genome.vector_store.graph.neighbours import ROWS_WORTH_A_GRAPH, Neighbours, is_in
from conversation_genome.vector_store.health import SAMPLED, TOP, Sample, measured, warn
from conversation_genome.vector_store.hybrid import MIN_DEPTH, latest, matches, winners
from conversation_genome.vector_store.lance_filters import expression_of, is_, is_exact, required_terms
from conversation_genome.vector_store.place import Place
from conversation_genome.vector_store.terms import terms
from conversation_genome.vector_store.upkeep import Upkeep

Result = TypeVar("Result")
_log = structlog.get_logger(__name__)

TABLE: Final = "vectors"
WRITES_BEFORE_REFRESH: Final = 50
"""Writes after which the store refreshes itself: each leaves a small file that every search has to open."""
TRIES: Final = 8
FIRST_WAIT_SECONDS: Final = 0.02
DEPTH_GROWTH: Final = 4
NARROW: Final = 0.02
"""Share of the rows, below which a search for words looks at a condition itself."""
NAMED_ADDRESSES: Final = 2_000
"""Rows that a search for words may be confined to by their addresses."""
OUTLINES_AT_ONCE: Final = 500
OLD_VERSIONS_KEPT: Final = timedelta(minutes=10)
"""A search that runs in another process may still read them."""
_FULL_TEXT: Final = FTS(
    base_tokenizer="whitespace", stem=False, remove_stop_words=False, ascii_folding=False, lower_case=False
)
"""Terms are read by `terms`, not by LanceDB."""
_COLUMN_INDICES: Final = {
    "id": BTree(),
    "conversation_id": BTree(),
    "started_at": BTree(),
    "level": Bitmap(),
    "source": Bitmap(),
    "language": Bitmap(),
}
BREADTH_IN_BUCKET: Final = 400
REFINED_IN_BUCKET: Final = 2
"""Times as many candidates as are wanted are compared by their exact vectors."""
_GRAPH_IN_BUCKET: Final = HnswSq(distance_type="dot", num_partitions=1)

Vectors = Mapping[int, FloatArray]
Found = dict[str, tuple[float, int]]
"""Score and address by id, best first."""


class LanceVectorStore:
    """A VectorStore in a folder or a bucket, shared by any number of processes."""

    def __init__(self, place: Path | str, *, table: str = TABLE) -> None:
        """Open a place; a folder is made by the first upsert, a bucket must be there.

        Args:
            place: The folder, or `s3://bucket/path`.
            table: The table's name in it.
        """
        self._place = Place(place)
        self._name = table
        self._lock = threading.Lock()
        self._writes = 0
        self._is_indexed = False
        self._upkeep = Upkeep(self._index_and_measure)
        folder = self._place.folder
        self._neighbours = None if folder is None else Neighbours(GraphFiles(folder / f"{table}.graph"))
        with self._translated():
            self._database = lancedb.connect(str(place), read_consistency_interval=timedelta(0))
        self._table: Any = None
        self._model: VectorModel | None = None
        self._open()

    @property
    def model(self) -> VectorModel | None:
        """The model of the first record."""
        if self._model is None:
            self._open()
        return self._model

    def upsert(self, records: Sequence[VectorRecord]) -> None:
        """Add or replace records in one transaction."""
        self._write(records, replaced=None)

    def replace(self, conversation_id: str, records: Sequence[VectorRecord]) -> None:
        """Put records in place of a conversation's in one transaction."""
        check_owner(conversation_id, records)
        if records:
            self._write(records, replaced=conversation_id)
        else:
            self.delete(conversation_id)

    def delete(self, conversation_id: str) -> int:
        """Remove a conversation's records."""
        with self._lock, self._translated():
            if self.model is None:
                return 0
            gone = is_("conversation_id", conversation_id)
            return int(_retried(lambda: self._table.delete(gone)).num_deleted_rows)

    def count(self, filters: SearchFilter | None = None) -> int:
        """Return the number of records."""
        if self.model is None:
            return 0
        condition = expression_of(filters)
        with self._translated():
            if is_exact(filters):
                return int(self._table.count_rows(condition))
            held = rows.read_held(self._scanned(condition, rows.HELD))
        return sum(1 for each in held if holds(_where(filters), each))

    def records_of(self, conversation_id: str, levels: frozenset[Level] = frozenset()) -> list[VectorRecord]:
        """Return what is kept of a conversation."""
        model = self.model
        if model is None:
            return []
        wanted = SearchFilter(conversation_ids=frozenset({conversation_id}), levels=levels)
        with self._translated():
            found = rows.read(self._scanned(expression_of(wanted), rows.READ), model)
        return sorted(found, key=lambda record: (str(record.level), record.part))

    def outlines(
        self, filters: SearchFilter | None = None, *, after: Outline | None = None, limit: int | None = None
    ) -> list[Outline]:
        """Return the conversations in order of their place."""
        if self.model is None:
            return []
        whole = replace(filters or SearchFilter(), levels=frozenset({Level.CONVERSATION}))
        with self._translated():
            places = self._scanned(expression_of(whole), ("conversation_id", "started_at"))
            addresses = _in_order(places, after)["_rowid"].to_pylist()
            found: list[Outline] = []
            step = max(1, limit or len(addresses)) if is_exact(whole) else OUTLINES_AT_ONCE
            for start in range(0, len(addresses), step):
                found += self._outlines_at(addresses[start : start + step], whole)
                if limit is not None and len(found) >= limit:
                    break
        return found[:limit]

    def version(self) -> str:
        """Return the table's version, which every process sees."""
        if self.model is None:
            return ""
        with self._translated():
            return str(self._table.version)

    def refresh(self) -> None:
        """Merge small files, bring the indices up to date, build those that pay by now, and drop old versions."""
        if self.model is None:
            return
        with self._lock:
            self._merge_files()
            self._index_columns()
        self._index_and_measure()

    def _index_and_measure(self) -> None:
        if self._index_vectors():
            warn(self.verify(), self._place.shown)

    def verify(self) -> Health:
        """Return what the graphs find, or the index that LanceDB keeps in a bucket."""
        records = self.count()
        if not records or not self._has_vector_index():
            return Health(records=records, recall=None, filtered_recall=None)
        with self._translated():
            return measured(records, self._sample(records), found=self._cosines_near, expected=self._cosines_nearest)

    def _sample(self, records: int) -> Sample:
        offsets = np.random.default_rng(0).choice(records, size=min(SAMPLED, records), replace=False)
        found = self._table.take_offsets(offsets.tolist()).select(["source", "vector"]).to_arrow()
        return Sample(rows.vectors_of(found), found["source"].to_pylist())

    def _cosines_near(self, vector: FloatArray, filters: SearchFilter | None) -> list[float]:
        found = self._nearest(vector, filters, expression_of(filters), MIN_DEPTH, {})
        return [cosine for cosine, _ in found.values()][:TOP]

    def _cosines_nearest(self, vector: FloatArray, filters: SearchFilter | None) -> list[float]:
        query = self._table.search(vector, query_type="vector", vector_column_name="vector").distance_type("dot")
        found = _fetched(query.bypass_vector_index(), expression_of(filters), ("_distance",), TOP)
        return [1.0 - distance for distance in found["_distance"].to_pylist()]

    def search(
        self,
        vector: FloatArray | None,
        text: str = "",
        *,
        filters: SearchFilter | None = None,
        limit: int = 10,
    ) -> list[Match]:
        """Return the matches, best first."""
        model = self.model
        if model is None:
            return []
        if vector is not None:
            check_vector(vector, model)
        words = sorted(set(terms(text)))
        depth = max(limit, MIN_DEPTH)
        with self._translated():
            condition = self._condition(filters)
            seen: dict[int, FloatArray] = {}
            near = None if vector is None else self._nearest(vector, filters, condition, depth, seen)
            wordy = self._by_words(words, filters, condition, depth) if words else None
            won = winners(_scores(near), _scores(wordy), limit=limit)
            addresses = {key: at for found in (near, wordy) for key, (_, at) in (found or {}).items()}
            records = self._read([addresses[each.id] for each in won], seen, model)
            return matches(won, records, vector=vector)

    def _condition(self, filters: SearchFilter | None) -> Any:
        """Return what rows must pass: an expression, or the addresses of those that have the terms that are asked for."""
        condition, required = expression_of(filters), required_terms(filters)
        if not required:
            return condition
        match = MatchQuery(" ".join(required), rows.TERMS, operator="AND")  # type: ignore[arg-type, call-arg]
        query = self._table.search(match, query_type="fts")
        return _addresses(_fetched(query, condition, ("_score",), max(1, self._table.count_rows())))

    def _nearest(
        self, vector: FloatArray, filters: SearchFilter | None, condition: Any, depth: int, seen: dict[int, FloatArray]
    ) -> Found:
        """Return the nearest that pass; vectors that are read on the way are put into `seen`."""
        levels = filters.levels if filters is not None else frozenset()

        def asked(count: int) -> tuple[Found, bool]:
            near = None
            if self._neighbours is not None:
                near = self._neighbours.nearest(
                    self._table, vector, levels=levels, condition=_besides_levels(condition, filters), count=count
                )
            if near is None:
                found = self._nearest_by_table(vector, condition, count, seen)
                return found, len(found) < count
            return self._with_cosines(near.addresses.tolist(), vector, seen), len(near.addresses) < count

        return self._sifted(asked, filters, depth)

    def _nearest_by_table(self, vector: FloatArray, condition: Any, count: int, seen: dict[int, FloatArray]) -> Found:
        query = self._table.search(vector, query_type="vector", vector_column_name="vector").distance_type("dot")
        if isinstance(condition, np.ndarray):
            return dict(list(self._with_cosines(condition.tolist(), vector, seen).items())[:count])
        if self._neighbours is None:
            query = query.ef(max(BREADTH_IN_BUCKET, 4 * count)).refine_factor(REFINED_IN_BUCKET)
        found = _fetched(query, condition, ("id", "_distance"), count)
        return _found(found["id"], 1.0 - found["_distance"].to_numpy(), found["_rowid"])

    def _with_cosines(self, addresses: Sequence[int], vector: FloatArray, seen: dict[int, FloatArray]) -> Found:
        if not addresses:
            return {}
        found = self._table.take_row_ids(addresses).select(["id", "vector"]).with_row_id().to_arrow()
        seen |= _by_address(found)
        cosines = rows.vectors_of(found).astype(np.float64) @ vector.astype(np.float64)
        return _found(found["id"], cosines, found["_rowid"])

    def _by_words(self, words: Sequence[str], filters: SearchFilter | None, condition: Any, depth: int) -> Found:
        if not self._has_word_index():
            return {}
        match = MatchQuery(" ".join(words), rows.TERMS)  # type: ignore[call-arg]  # its defaults are invisible to mypy
        allowed, condition, first = self._allowed(condition, depth)
        if allowed is not None and not len(allowed):
            return {}

        def asked(count: int) -> tuple[Found, bool]:
            found = _fetched(self._table.search(match, query_type="fts"), condition, ("id", "_score"), count)
            kept = found if allowed is None else found.filter(pa.array(is_in(_addresses(found), allowed)))
            return _found(kept["id"], kept["_score"].to_numpy(), kept["_rowid"]), len(found) < count

        return self._sifted(asked, filters, depth, first=first)

    def _allowed(self, condition: Any, depth: int) -> tuple[Any, str | None, int]:
        """Return how a search for words meets a condition: rows to keep of what it finds, what it is told, how many it is asked.

        A few rows are named to it; many are kept of all that it finds, for to let it look at each is slower by far.
        """
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
        asked: Callable[[int], tuple[Found, bool]],
        filters: SearchFilter | None,
        depth: int,
        *,
        first: int | None = None,
    ) -> Found:
        """Return the first `depth` that pass; where only the records themselves can tell, ever more are asked for.

        Args:
            asked: Returns as many as it is asked for, as far as they are still there, and whether these are all.
            filters: What they must be.
            depth: How many are wanted.
            first: How many are asked for at first; by default as many as are wanted.
        """
        count = first or depth
        while True:
            found, is_all = asked(count)
            passing = found if is_exact(filters) else self._held(found, filters)
            if len(passing) >= depth or is_all:
                return dict(list(passing.items())[:depth])
            count *= DEPTH_GROWTH

    def _held(self, found: Found, filters: SearchFilter | None) -> Found:
        if not found:
            return found
        addresses = [at for _, at in found.values()]
        read = self._table.take_row_ids(addresses).select(list(rows.HELD)).with_row_id().to_arrow()
        where = _where(filters)
        passing = {
            at for at, held in zip(read["_rowid"].to_pylist(), rows.read_held(read), strict=True) if holds(where, held)
        }
        return {key: each for key, each in found.items() if each[1] in passing}

    def _read(self, addresses: Sequence[int], near: Vectors, model: VectorModel) -> dict[str, VectorRecord]:
        """Return the records at these addresses; vectors that were read before are not read again."""
        if not addresses:
            return {}
        is_known = all(at in near for at in addresses)
        columns = ["text", "facts"] if is_known else ["text", "facts", "vector"]
        read = self._table.take_row_ids(addresses).select(columns).with_row_id().to_arrow()
        if read["facts"].null_count:
            old = self._table.take_row_ids(addresses).select(list(rows.READ)).to_arrow()
            return {record.id: record for record in rows.read(old, model)}
        known = near if is_known else _by_address(read)
        vectors = [known[at] for at in read["_rowid"].to_pylist()]
        return {record.id: record for record in rows.read_packed(read, vectors, model)}

    def _outlines_at(self, addresses: Sequence[int], filters: SearchFilter) -> list[Outline]:
        columns = sorted({*rows.OUTLINE, *(() if is_exact(filters) else rows.HELD)})
        read = self._table.take_row_ids(addresses).select(columns).to_arrow()
        found = rows.read_outlines(read)
        if not is_exact(filters):
            where = _where(filters)
            found = [one for one, held in zip(found, rows.read_held(read), strict=True) if holds(where, held)]
        return sorted(found, key=lambda outline: outline.place)

    def _scanned(self, condition: Any, columns: Sequence[str]) -> pa.Table:
        return _fetched(self._table.search(), condition, columns, max(1, self._table.count_rows()))

    def _write(self, records: Sequence[VectorRecord], *, replaced: str | None) -> None:
        if not records:
            return
        check_records(records, self.model)
        kept = list(latest(records).values())
        with self._lock, self._translated():
            model = check_records(records[:1], self.model)
            if self._table is None and model is not None:
                self._create(model)
            _retried(self._make_word_index)
            table = rows.table_of(kept, self._table.schema)
            merge = self._table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            if replaced is not None and self._table.count_rows(is_("conversation_id", replaced)):
                # To look for what is to go takes a walk through the whole table: nothing is to go of what is new.
                merge = merge.when_not_matched_by_source_delete(is_("conversation_id", replaced))
            _retried(lambda: merge.execute(table))
            self._writes += 1
            if self._writes >= WRITES_BEFORE_REFRESH:
                self._merge_files()
                self._index_columns()
                if self._table.count_rows() >= ROWS_WORTH_A_GRAPH:
                    self._upkeep.start()

    def _create(self, model: VectorModel) -> None:
        table = self._database.create_table(self._name, schema=rows.stored_schema_of(model), exist_ok=True)
        self._model = check_records((), rows.model_of(table.schema))
        self._table = table

    def _make_word_index(self) -> None:
        if not self._has_word_index():
            self._table.create_index(rows.TERMS, config=_FULL_TEXT)

    def _has_word_index(self) -> bool:
        """Tell whether words can be looked up; where they cannot, nothing was written yet."""
        if not self._is_indexed:
            self._is_indexed = any(index.index_type == "FTS" for index in self._table.list_indices())
        return self._is_indexed

    def _open(self) -> None:
        if not self._place.holds(self._database, self._name):
            return
        with self._translated():
            table = self._database.open_table(self._name)
            if missing := [field for field in rows.LATER_COLUMNS if field.name not in table.schema.names]:
                table.add_columns(missing)
            if rows.STAMP not in table.schema.names:
                table.add_columns({rows.STAMP: "cast(random() * 9.0e18 as bigint)"})
            if "facts" not in table.schema.names:
                table.add_columns(list(rows.STORED_COLUMNS[1:]))
        self._table, self._model = table, rows.model_of(table.schema)

    def _merge_files(self) -> None:
        with self._translated():
            _retried(lambda: self._table.optimize(cleanup_older_than=OLD_VERSIONS_KEPT))
        self._writes = 0

    def _index_columns(self) -> None:
        with self._translated():
            if self._table.count_rows() < ROWS_WORTH_A_GRAPH:
                return
            for column in _COLUMN_INDICES:
                _retried(partial(self._index_column, column))

    def _index_column(self, column: str) -> None:
        if all(column not in index.columns for index in self._table.list_indices()):
            self._table.create_index(column, config=_COLUMN_INDICES[column])

    def _index_vectors(self) -> bool:
        """Build the index of the vectors where it pays; returns whether it was."""
        with self._translated():
            if self._neighbours is not None:
                return bool(self._neighbours.grow(self._table))
            if self._table.count_rows() < ROWS_WORTH_A_GRAPH or self._has_vector_index():
                return False
            self._table.create_index("vector", config=_GRAPH_IN_BUCKET)
            return True

    def _has_vector_index(self) -> bool:
        if self._neighbours is not None:
            return self._neighbours.has_graphs
        return any("vector" in index.columns for index in self._table.list_indices())

    def _translated(self) -> AbstractContextManager[None]:
        return _translated(self._place)


@contextmanager
def _translated(place: Place) -> Iterator[None]:
    """Turn what LanceDB raises into this project's error, once."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as exc:
        raise VectorStoreError(f"the vector store in {place.shown!r} cannot be used: {str(exc)[:300]}") from exc


def _retried(work: Callable[[], Result]) -> Result:
    """Return what the work returns, tried again where another process committed in between."""
    for attempt in range(TRIES):
        try:
            return work()
        except (OSError, RuntimeError, ValueError) as exc:
            if "conflict" not in str(exc).lower():
                raise
            _log.debug("another process committed in between", attempt=attempt, error=str(exc)[:200])
            time.sleep(random.uniform(0.5, 1.0) * FIRST_WAIT_SECONDS * 2**attempt)  # noqa: S311 - so that two part ways
    return work()


def tables_of(place: Path | str) -> list[str]:
    """Return the names of the tables in a place.

    Raises:
        VectorStoreError: If a bucket cannot be read.
    """
    known = Place(place)
    with _translated(known):
        return known.tables(None if known.folder is not None else lancedb.connect(str(place)))


def _fetched(query: Any, condition: Any, columns: Sequence[str], limit: int) -> pa.Table:
    query = query if condition is None else query.where(condition)
    return query.select(list(columns)).with_row_id(True).limit(limit).to_arrow()


def _found(ids: pa.ChunkedArray, scores: Any, addresses: pa.ChunkedArray) -> Found:
    each = zip(ids.to_pylist(), scores.tolist(), addresses.to_pylist(), strict=True)
    return {key: (score, at) for key, score, at in sorted(each, key=lambda one: (-one[1], one[0]))}


def _by_address(found: pa.Table) -> dict[int, FloatArray]:
    return dict(zip(found["_rowid"].to_pylist(), rows.vectors_of(found), strict=True))


def _scores(found: Found | None) -> Mapping[str, float] | None:
    return None if found is None else {key: score for key, (score, _) in found.items()}


def _addresses(found: pa.Table) -> Any:
    return found["_rowid"].to_numpy().astype(np.uint64)


def _besides_levels(condition: Any, filters: SearchFilter | None) -> Any:
    """Return a condition without that on the levels: each has a graph of its own."""
    if isinstance(condition, np.ndarray) or filters is None:
        return condition
    return expression_of(replace(filters, levels=frozenset()))


def _where(filters: SearchFilter | None) -> Any:
    return filters.where if filters is not None else None


def _in_order(places: pa.Table, after: Outline | None) -> pa.Table:
    """Return the rows in order of their place, from after an outline on."""
    ordered = places.sort_by([("started_at", "descending"), ("conversation_id", "ascending")])
    if after is None:
        return ordered
    is_later = pc.greater(ordered["conversation_id"], after.conversation_id)
    undated = pc.is_null(ordered["started_at"])
    if after.started_at is None:
        return ordered.filter(pc.and_(undated, is_later))
    moment = pa.scalar(after.started_at, type=ordered["started_at"].type)
    is_older = pc.fill_null(pc.less(ordered["started_at"], moment), fill_value=False)
    is_same = pc.fill_null(pc.equal(ordered["started_at"], moment), fill_value=False)
    return ordered.filter(pc.or_(undated, pc.or_(is_older, pc.and_(is_same, is_later))))
