"""LanceVectorStore: a LanceDB table in a folder or in a bucket. With its filters and its search the only one that knows LanceDB.

Every write is one transaction of the table: a process that is killed leaves all of it or nothing. Filters
are built as expressions and words are looked up as terms, so no text of a user is ever read as SQL or as a query.
"""

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.expr import col

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store import lance_indices as indices
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
    Verification,
    check_owner,
    check_records,
    check_vector,
)
from conversation_genome.vector_store.conditions import holds
from conversation_genome.vector_store.graph.breadths import Breadths
from conversation_genome.vector_store.graph.files import GraphFiles
from conversation_genome.vector_store.graph.neighbours import ROWS_WORTH_A_GRAPH, Neighbours
from conversation_genome.vector_store.health import SAMPLED, TOP, Exam, LastVerification, Sample, warn
from conversation_genome.vector_store.hybrid import MIN_DEPTH, latest
from conversation_genome.vector_store.lance_caches import shared_session
from conversation_genome.vector_store.lance_filters import expression_of, is_, is_exact
from conversation_genome.vector_store.lance_levels import matches_of_levels
from conversation_genome.vector_store.lance_places import in_order, retried
from conversation_genome.vector_store.lance_reading import Reader
from conversation_genome.vector_store.lance_search import TableSearch, fetched, texts_at, where_of
from conversation_genome.vector_store.place import Place
from conversation_genome.vector_store.terms import terms
from conversation_genome.vector_store.upkeep import Upkeep

TABLE: Final = "vectors"
WRITES_BEFORE_REFRESH: Final = 50
"""Writes after which the store refreshes itself: each leaves a small file that every search has to open."""
OUTLINES_AT_ONCE: Final = 500
ANSWERS_PLACED: Final = 8
"""Answers whose rows are remembered: as many threads may search at once before each shows what it found."""
OLD_VERSIONS_KEPT: Final = timedelta(minutes=10)
"""A search that runs in another process may still read them."""


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
        self._last = LastVerification(None if folder is None else folder / f"{table}.graph" / "verified.json")
        with self._translated():
            self._database = lancedb.connect(
                str(place), read_consistency_interval=timedelta(0), session=shared_session()
            )
        self._table: Any = None
        self._reader = Reader(self._opened_for_reading)
        self._places: deque[Mapping[str, int]] = deque(maxlen=ANSWERS_PLACED)
        """Where the rows of the last answers lay, whose texts are likely to be asked for; a hint, never trusted."""
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
        gone = is_("conversation_id", conversation_id)
        with self._lock, self._translated():
            return 0 if self.model is None else int(retried(lambda: self._table.delete(gone)).num_deleted_rows)

    def count(self, filters: SearchFilter | None = None) -> int:
        """Return the number of records."""
        if self.model is None:
            return 0
        condition = expression_of(filters)
        with self._translated():
            if is_exact(filters):
                return int(self._table.count_rows(condition))
            held = rows.read_held(self._scanned(condition, rows.HELD))
        return sum(1 for each in held if holds(where_of(filters), each))

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
            addresses = in_order(places, after)["_rowid"].to_pylist()
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
        self._upkeep.finish()

    def _index_and_measure(self) -> None:
        if self._index_vectors():
            warn(self.verify(), self._place.shown)

    def verify(self) -> Health:
        """Return what the graphs find, or the index that LanceDB keeps in a bucket."""
        records = self.count()
        if not records or not self._has_vector_index():
            return Health(records=records, recall=None, filtered_recall=None)
        with self._translated():
            exam = Exam(records, self._sample(records), self._cosines_nearest)
            if self._neighbours is None:
                health = exam.health(self._cosines_near)
            else:
                health = self._neighbours.widened(lambda by: exam.health(partial(self._cosines_near, by=by)))
        return self._last.keep(health)

    def verified(self) -> Verification | None:
        """Return what came of the newest `verify`."""
        return self._last.newest()

    def _sample(self, records: int) -> Sample:
        offsets = np.random.default_rng(0).choice(records, size=min(SAMPLED, records), replace=False)
        found = self._table.take_offsets(offsets.tolist()).select(["source", "vector"]).to_arrow()
        return Sample(rows.vectors_of(found), found["source"].to_pylist())

    def _cosines_near(
        self, vector: FloatArray, filters: SearchFilter | None, *, by: Breadths | None = None
    ) -> list[float]:
        return list(self._asked(filters, breadths=by).nearest(vector, MIN_DEPTH).values())[:TOP]

    def _cosines_nearest(self, vector: FloatArray, filters: SearchFilter | None) -> list[float]:
        query = self._table.search(vector, query_type="vector", vector_column_name="vector").distance_type("dot")
        found = fetched(query.bypass_vector_index(), expression_of(filters), ("_distance",), TOP)
        return [1.0 - distance for distance in found["_distance"].to_pylist()]

    def search(
        self,
        vector: FloatArray | None,
        text: str = "",
        *,
        filters: SearchFilter | None = None,
        limit: int = 10,
        has_texts: bool = True,
    ) -> list[Match]:
        """Return the matches, best first."""
        model = self.model
        if model is None:
            return []
        if vector is not None:
            check_vector(vector, model)
        words = sorted(set(terms(text)))
        with self._translated():
            known = words if self._has_word_index() else []
            return self._asked(filters).matches(vector, known, model, limit=limit, has_texts=has_texts)

    def search_levels(
        self,
        vector: FloatArray | None,
        text: str = "",
        *,
        limits: Mapping[frozenset[Level], int],
        filters: SearchFilter | None = None,
    ) -> list[Match]:
        """Return the matches of each group of levels."""
        model = self.model
        if model is None:
            return []
        if vector is not None:
            check_vector(vector, model)
        with self._translated():
            words = sorted(set(terms(text))) if self._has_word_index() else []
            wanted = filters or SearchFilter()
            matches, places = matches_of_levels(
                self._table,
                self._reader,
                self._neighbours,
                wanted,
                vector=vector,
                words=words,
                model=model,
                limits=limits,
            )
            self._places.append(places)
            return matches

    def texts(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the texts of records."""
        if self.model is None or not ids:
            return {}
        wanted = set(ids)
        with self._translated():
            placed = {places[key]: key for places in tuple(self._places) for key in wanted & places.keys()}
            # What is at an address is never another record, but it may have been deleted since.
            view = None if self._neighbours is None else self._neighbours.view(self._table)
            texts = texts_at(self._reader, list(placed), view if view is not None and view.is_whole else None)
            found = {placed[at]: text for at, text in texts.items()}
            if missing := sorted(wanted - found.keys()):
                read = self._scanned(str(col("id").isin(missing).to_sql()), ("id", "text"))
                found |= dict(zip(read["id"].to_pylist(), read["text"].to_pylist(), strict=True))
        return found

    def _asked(self, filters: SearchFilter | None, *, breadths: Breadths | None = None) -> TableSearch:
        view = None if self._neighbours is None else self._neighbours.view(self._table)
        if view is not None and breadths is not None:
            view = replace(view, breadths=breadths)
        return TableSearch(self._table, self._reader, self._neighbours, filters, view=view)

    def _outlines_at(self, addresses: Sequence[int], filters: SearchFilter) -> list[Outline]:
        columns = sorted({*rows.OUTLINE, *(() if is_exact(filters) else rows.HELD)})
        read = self._reader.taken(addresses, columns)
        found = rows.read_outlines(read)
        if not is_exact(filters):
            where = where_of(filters)
            found = [one for one, held in zip(found, rows.read_held(read), strict=True) if holds(where, held)]
        return sorted(found, key=lambda outline: outline.place)

    def _scanned(self, condition: Any, columns: Sequence[str]) -> pa.Table:
        return fetched(self._table.search(), condition, columns, max(1, self._table.count_rows()))

    def _write(self, records: Sequence[VectorRecord], *, replaced: str | None) -> None:
        if not records:
            return
        check_records(records, self.model)
        kept = list(latest(records).values())
        with self._lock, self._translated():
            model = check_records(records[:1], self.model)
            if self._table is None and model is not None:
                self._create(model)
            retried(self._make_word_index)
            table = rows.table_of(kept, self._table.schema)
            merge = self._table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            if replaced is not None and self._table.count_rows(is_("conversation_id", replaced)):
                # To look for what is to go takes a walk through the whole table: nothing is to go of what is new.
                merge = merge.when_not_matched_by_source_delete(is_("conversation_id", replaced))
            retried(lambda: merge.execute(table))
            self._writes += 1
            if self._writes >= WRITES_BEFORE_REFRESH:
                self._merge_files()
                self._index_columns()
                if self._table.count_rows() >= ROWS_WORTH_A_GRAPH:
                    self._upkeep.start()

    def _create(self, model: VectorModel) -> None:
        table = self._database.create_table(self._name, schema=rows.stored_schema_of(model), exist_ok=True)
        # Other threads take the model for the sign that there is a table.
        self._table = table
        self._model = check_records((), rows.model_of(table.schema))

    def _make_word_index(self) -> None:
        if not self._has_word_index():
            indices.make_for_words(self._table)

    def _has_word_index(self) -> bool:
        """Tell whether words can be looked up; where they cannot, nothing was written yet."""
        if not self._is_indexed:
            self._is_indexed = indices.has_for_words(self._table)
        return self._is_indexed

    def _open(self) -> None:
        if not self._place.holds(self._database, self._name):
            return
        with self._translated():
            # Its folder is there a moment before what it holds can be read.
            table = retried(lambda: self._database.open_table(self._name), after="not found", tries=4)
            if missing := [field for field in rows.LATER_COLUMNS if field.name not in table.schema.names]:
                table.add_columns(missing)
            if rows.STAMP not in table.schema.names:
                table.add_columns({rows.STAMP: "cast(random() * 9.0e18 as bigint)"})
            if rows.FACTS not in table.schema.names:
                table.add_columns(list(rows.STORED_COLUMNS[1:]))
        self._table, self._model = table, rows.model_of(table.schema)

    async def _opened_for_reading(self) -> Any:
        database = await lancedb.connect_async(
            self._place.shown, read_consistency_interval=timedelta(0), session=shared_session()
        )
        return await database.open_table(self._name)

    def _merge_files(self) -> None:
        with self._translated():
            retried(lambda: self._table.optimize(cleanup_older_than=OLD_VERSIONS_KEPT))
        self._writes = 0

    def _index_columns(self) -> None:
        with self._translated():
            if self._table.count_rows() >= ROWS_WORTH_A_GRAPH:
                indices.make_for_columns(self._table)

    def _index_vectors(self) -> bool:
        """Build the index of the vectors where it pays; returns whether it was."""
        with self._translated():
            if self._neighbours is not None:
                return bool(self._neighbours.grow(self._table))
            if self._table.count_rows() < ROWS_WORTH_A_GRAPH or self._has_vector_index():
                return False
            indices.make_for_vectors(self._table)
            return True

    def _has_vector_index(self) -> bool:
        if self._neighbours is not None:
            return self._neighbours.has_graphs
        return indices.has_for_vectors(self._table)

    def _translated(self) -> AbstractContextManager[None]:
        return _translated(self._place)


@contextmanager
def _translated(place: Place) -> Iterator[None]:
    """Turn what LanceDB raises into this project's error, once."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as exc:
        raise VectorStoreError(f"the vector store in {place.shown!r} cannot be used: {str(exc)[:300]}") from exc


def tables_of(place: Path | str) -> list[str]:
    """Return the names of the tables in a place.

    Raises:
        VectorStoreError: If a bucket cannot be read.
    """
    known = Place(place)
    with _translated(known):
        return known.tables(None if known.folder is not None else lancedb.connect(str(place)))
