"""The five tables on disk: their columns, and a writer that holds no more than one batch of rows.

The only module that knows Parquet.
"""

from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from conversation_genome.publishing.rows import Row

TABLES: Final = ("conversations", "windows", "tags", "conversation_tags", "profiles")
BATCH_ROWS: Final = {
    "conversations": 256,
    "windows": 4_096,
    "tags": 2_048,
    "conversation_tags": 16_384,
    "profiles": 8_192,
}
"""Rows that are held in memory, and that make a row group; a conversation may be large, a tag is not."""
VECTOR_BATCH_ROWS: Final = 2_048
"""Of the tables that only a publication of several embedding models has."""
_ZSTD_LEVEL: Final = 6


def schemas(dimensions: int, *, has_original_columns: bool = False) -> dict[str, pa.Schema]:
    """Return the columns of every table; vectors are fixed-size lists of `dimensions` float32."""
    vector = pa.list_(pa.float32(), dimensions)
    texts = pa.list_(pa.string())
    line = pa.struct({"speaker": pa.int32(), "name": pa.string(), "text": pa.string(), "at": pa.float64()})
    original_line = pa.struct({"speaker": pa.string(), "text": pa.string()})
    quality = pa.struct(dict.fromkeys(("relevance", "engagement", "novelty", "coherence", "fluency"), pa.float32()))
    moment = pa.timestamp("us", tz="UTC")
    provenance = {
        "miners": pa.int32(),
        "validators": pa.int32(),
        "scoring_version": pa.string(),
        "record_revision": pa.string(),
    }
    return {
        "conversations": pa.schema(
            {
                "id": pa.string(),
                **({"c_guid": pa.string()} if has_original_columns else {}),
                "source": pa.string(),
                "license": pa.string(),
                "license_statement": pa.string(),
                "language": pa.string(),
                "started_at": moment,
                "participants": texts,
                "transcript": pa.list_(original_line if has_original_columns else line),
                "tags": texts,
                "quality": quality,
                "boring_index": pa.float32(),
                "line_quality": pa.list_(pa.float32()),
                "windows": pa.int32(),
                "answers": pa.int32(),
                "merged_at": moment,
                "content_hash": pa.string(),
                "embedding_model": pa.string(),
                "embedding_revision": pa.string(),
                "embedding": vector,
                **provenance,
            }
        ),
        "windows": pa.schema(
            {
                "conversation_id": pa.string(),
                "window_id": pa.string(),
                "level": pa.int32(),
                "start": pa.int32(),
                "end": pa.int32(),
                "thread": pa.int32(),
                "lines": pa.list_(pa.int32()),
                "tags": texts,
                "answers": pa.int32(),
                **provenance,
            }
        ),
        "tags": pa.schema(
            {
                "tag_id": pa.string(),
                "text": pa.string(),
                "aspect": pa.string(),
                "model": pa.string(),
                "revision": pa.string(),
                "vector": vector,
            }
        ),
        "conversation_tags": pa.schema(
            {
                "conversation_id": pa.string(),
                "tag_id": pa.string(),
                "text": pa.string(),
                "level": pa.int32(),
                "window_id": pa.string(),
                "windows": texts,
                "support": pa.int32(),
                "score": pa.float32(),
                **provenance,
            }
        ),
        "profiles": pa.schema(
            {
                "conversation_id": pa.string(),
                "participant": pa.string(),
                "kind": pa.string(),
                "text": pa.string(),
                "evidence": pa.list_(pa.int32()),
                "windows": texts,
                "confidence": pa.float32(),
                **provenance,
            }
        ),
    }


def type_words(kind: pa.DataType) -> str:
    """Return an Arrow type as the card names it."""
    if pa.types.is_fixed_size_list(kind):
        return f"{type_words(kind.value_type)} x {kind.list_size}"
    if pa.types.is_list(kind):
        return f"list of {type_words(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "struct"
    return {"float": "float32", "double": "float64"}.get(str(kind), str(kind).partition("[")[0])


class TableWriter:
    """Writes one file in batches; a file without rows is not made."""

    def __init__(self, path: Path, schema: pa.Schema, *, batch_rows: int) -> None:
        """Open nothing yet; the file is made with the first batch."""
        self.path = path
        self._schema = schema
        self._batch_rows = batch_rows
        self._rows: list[Row] = []
        self._writer: Any = None
        self.count = 0

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write what is left, unless the block failed."""
        if kind is None:
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows; they are written when they fill a batch."""
        for row in rows:
            self._rows.append(row)
            self.count += 1
            if len(self._rows) >= self._batch_rows:
                self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._writer is None:
            self._writer = open_parquet(self.path, self._schema)
        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


def open_parquet(path: Path, schema: pa.Schema) -> Any:
    """Return a writer of a new file. Closed at once it makes a file with columns and no row group."""
    path.parent.mkdir(parents=True, exist_ok=True)
    vectors = [field.name for field in schema if pa.types.is_fixed_size_list(field.type)]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=_ZSTD_LEVEL,
        use_dictionary=[field.name for field in schema if pa.types.is_string(field.type)],
        use_byte_stream_split=[f"{name}.list.element" for name in vectors],
    )


def ids_in(source: Path | IO[bytes]) -> frozenset[str]:
    """Return the ids of the conversations in a file of `conversations`; reads no other column. None in another's file."""
    file = pq.ParquetFile(source)
    if "id" not in file.schema_arrow.names:
        return frozenset()
    return frozenset(map(str, file.read(columns=["id"]).column("id").to_pylist()))


def files_of(folder: Path, table: str, limit: int | None = None) -> list[Path]:
    """Return the files of a table by name, or the first of them."""
    return sorted((folder / table).glob("*.parquet"))[:limit]


def rows_of(files: Iterable[Path], columns: list[str], wanted: Container[str] | None = None) -> Iterator[Row]:
    """Yield the rows of some files with some columns, a batch in memory at a time.

    Args:
        files: Of one table.
        columns: What is read.
        wanted: Values of the first column that a row must have; None for all rows.
    """
    for path in files:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=VECTOR_BATCH_ROWS, columns=columns):
            values = batch.column(columns[0]).to_pylist() if wanted is not None else []
            chosen = batch if wanted is None else batch.filter(pa.array([one in wanted for one in values], pa.bool_()))
            yield from chosen.to_pylist()
