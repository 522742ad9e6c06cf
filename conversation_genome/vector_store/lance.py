"""LanceVectorStore: a LanceDB table in a folder. The only module that knows LanceDB.

Every write is one transaction of the table: a process that is killed leaves all of it or nothing. Filters
are built as expressions and words are looked up as terms, so no text of a user is ever read as SQL or as a query.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from operator import and_
from pathlib import Path
from typing import Any, Final

import lancedb
from lancedb.expr import col, lit
from lancedb.index import FTS
from lancedb.query import MatchQuery

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store import rows
from conversation_genome.vector_store.base import (
    FloatArray,
    Level,
    Match,
    Outline,
    SearchFilter,
    VectorModel,
    VectorRecord,
    check_owner,
    check_records,
    check_vector,
    outline_of,
)
from conversation_genome.vector_store.conditions import holds
from conversation_genome.vector_store.hybrid import MIN_DEPTH, latest, matches, similarity_of, winners
from conversation_genome.vector_store.terms import terms

TABLE: Final = "vectors"
WRITES_BEFORE_REFRESH: Final = 50
"""Writes after which the store refreshes itself: each leaves a small file that every search has to open."""
DEPTH_GROWTH: Final = 4
OLD_VERSIONS_KEPT: Final = timedelta(minutes=10)
"""A search that runs in another process may still read them."""
_FULL_TEXT: Final = FTS(
    base_tokenizer="whitespace", stem=False, remove_stop_words=False, ascii_folding=False, lower_case=False
)
"""Terms are read by `terms`, not by LanceDB."""


class LanceVectorStore:
    """A VectorStore in a folder, shared by any number of processes."""

    def __init__(self, path: Path, *, table: str = TABLE) -> None:
        """Open a folder; it is made by the first upsert.

        Args:
            path: The folder.
            table: The table's name in the folder.
        """
        self._path = path
        self._name = table
        self._lock = threading.Lock()
        self._writes = 0
        self._is_indexed = False
        with _translated(path):
            self._database = lancedb.connect(path, read_consistency_interval=timedelta(0))
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
        with self._lock, _translated(self._path):
            if self.model is None:
                return 0
            return int(self._table.delete(_is("conversation_id", conversation_id)).num_deleted_rows)

    def count(self, filters: SearchFilter | None = None) -> int:
        """Return the number of records."""
        if self.model is None:
            return 0
        if filters is not None and filters.where is not None:
            return len(self._scanned(filters))
        condition = _condition(filters)
        with _translated(self._path):
            return int(self._table.count_rows(None if condition is None else condition.to_sql()))

    def records_of(self, conversation_id: str, levels: frozenset[Level] = frozenset()) -> list[VectorRecord]:
        """Return what is kept of a conversation."""
        found = self._scanned(SearchFilter(conversation_ids=frozenset({conversation_id}), levels=levels))
        return sorted(found, key=lambda record: (str(record.level), record.part))

    def outlines(
        self, filters: SearchFilter | None = None, *, after: Outline | None = None, limit: int | None = None
    ) -> list[Outline]:
        """Return the conversations in order of their place."""
        whole = replace(filters or SearchFilter(), levels=frozenset({Level.CONVERSATION}))
        found = sorted(map(outline_of, self._scanned(whole)), key=lambda outline: outline.place)
        return [outline for outline in found if after is None or outline.place > after.place][:limit]

    def version(self) -> str:
        """Return the table's version, which every process sees."""
        if self.model is None:
            return ""
        with _translated(self._path):
            return str(self._table.version)

    def refresh(self) -> None:
        """Merge small files, bring the word index up to date and drop old versions."""
        with self._lock:
            self._refresh()

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
        words = sorted(set(terms(text)))
        depth = max(limit, MIN_DEPTH)
        with _translated(self._path):
            near = None if vector is None else self._nearest(vector, model, filters, depth)
            wordy = self._by_words(words, model, filters, depth) if words else None
        records = {record.id: record for record in (*(near or ()), *(record for record, _ in wordy or ()))}
        cosines = None if near is None else {record.id: similarity_of(record, vector) or 0.0 for record in near}
        scores = None if wordy is None else {record.id: score for record, score in wordy}
        return matches(winners(cosines, scores, limit=limit), records, vector=vector)

    def _nearest(
        self, vector: FloatArray, model: VectorModel, filters: SearchFilter | None, depth: int
    ) -> list[VectorRecord]:
        check_vector(vector, model)

        def query() -> Any:
            found = self._table.search(vector, query_type="vector", vector_column_name="vector")
            return found.distance_type("dot")

        return [record for record, _ in self._found(query, model, filters, depth, score=None)]

    def _by_words(
        self, words: Sequence[str], model: VectorModel, filters: SearchFilter | None, depth: int
    ) -> list[tuple[VectorRecord, float]]:
        if not words or not self._has_word_index():
            return []
        match = MatchQuery(" ".join(words), rows.TERMS)  # type: ignore[call-arg]  # its defaults are invisible to mypy
        return self._found(lambda: self._table.search(match, query_type="fts"), model, filters, depth, score="_score")

    def _found(
        self,
        query: Callable[[], Any],
        model: VectorModel,
        filters: SearchFilter | None,
        depth: int,
        *,
        score: str | None,
    ) -> list[tuple[VectorRecord, float]]:
        """Return the first `depth` that pass; where only the records themselves can tell, ever more are read."""
        condition, asked = _condition(filters), depth
        where = filters.where if filters is not None else None
        while True:
            asked_query = query() if condition is None else query().where(condition)
            read = rows.read(asked_query.limit(asked).to_arrow(), model, score)
            passing = [item for item in read if where is None or holds(where, item[0])]
            if where is None or len(passing) >= depth or len(read) < asked:
                return passing[:depth]
            asked *= DEPTH_GROWTH

    def _scanned(self, filters: SearchFilter) -> list[VectorRecord]:
        """Return every record that passes."""
        model = self.model
        if model is None:
            return []
        condition = _condition(filters)
        with _translated(self._path):
            query = self._table.search() if condition is None else self._table.search().where(condition)
            found = rows.read(query.limit(self._table.count_rows() or 1).to_arrow(), model, None)
        return [record for record, _ in found if filters.where is None or holds(filters.where, record)]

    def _write(self, records: Sequence[VectorRecord], *, replaced: str | None) -> None:
        if not records:
            return
        with self._lock, _translated(self._path):
            model = check_records(records, self.model)
            if self._table is None and model is not None:
                self._create(model)
            if not self._has_word_index():
                self._table.create_index(rows.TERMS, config=_FULL_TEXT)
            table = rows.table_of(list(latest(records).values()), self._table.schema)
            merge = self._table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            if replaced is not None:
                merge = merge.when_not_matched_by_source_delete(_is("conversation_id", replaced))
            merge.execute(table)
            self._writes += 1
            if self._writes >= WRITES_BEFORE_REFRESH:
                self._refresh()

    def _create(self, model: VectorModel) -> None:
        table = self._database.create_table(self._name, schema=rows.schema_of(model), exist_ok=True)
        self._model = check_records((), rows.model_of(table.schema))
        self._table = table

    def _has_word_index(self) -> bool:
        """Tell whether words can be looked up; where they cannot, nothing was written yet."""
        if not self._is_indexed:
            self._is_indexed = any(index.index_type == "FTS" for index in self._table.list_indices())
        return self._is_indexed

    def _open(self) -> None:
        if not (self._path / f"{self._name}.lance").is_dir():
            return
        with _translated(self._path):
            table = self._database.open_table(self._name)
            if missing := [field for field in rows.LATER_COLUMNS if field.name not in table.schema.names]:
                table.add_columns(missing)
        self._table, self._model = table, rows.model_of(table.schema)

    def _refresh(self) -> None:
        if self.model is None:
            return
        with _translated(self._path):
            self._table.optimize(cleanup_older_than=OLD_VERSIONS_KEPT)
        self._writes = 0


def _is(column: str, value: str) -> Any:
    return col(column) == lit(rows.valid(value))


def _condition(filters: SearchFilter | None) -> Any:
    """Return the filter as an expression of LanceDB; None if it asks for nothing."""
    if filters is None:
        return None
    among = (
        ("level", [str(level) for level in filters.levels]),
        ("conversation_id", filters.conversation_ids),
        ("source", filters.sources),
        ("language", filters.languages),
    )
    conditions = [col(name).isin(sorted(map(rows.valid, values))) for name, values in among if values]
    if filters.tag is not None:
        conditions.append(col(rows.TAG_KEYS).contains(lit(rows.tag_keys((filters.tag,)))))
    if filters.started_from is not None:
        conditions.append(col("started_at") >= lit(filters.started_from))
    if filters.started_before is not None:
        conditions.append(col("started_at") < lit(filters.started_before))
    return reduce(and_, conditions) if conditions else None


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn what LanceDB raises into this project's error, once."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as exc:
        raise VectorStoreError(f"the vector store in {str(path)!r} cannot be used: {str(exc)[:300]}") from exc
