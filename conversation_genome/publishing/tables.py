"""The five tables on disk: their columns, and a writer that holds no more than one batch of rows.

The only module that knows Parquet.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from conversation_genome.embedding.base import EmbeddingModel
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
SHARD_ROWS: Final = {
    "conversations": 20_000,
    "windows": 500_000,
    "tags": 200_000,
    "conversation_tags": 5_000_000,
    "profiles": 1_000_000,
}
"""Rows in one file."""
VECTOR_BATCH_ROWS: Final = 2_048
"""Of the tables that only a publication of several embedding models has."""
VECTOR_SHARD_ROWS: Final = 200_000
_ZSTD_LEVEL: Final = 6


def schemas(dimensions: int) -> dict[str, pa.Schema]:
    """Return the columns of every table; vectors are fixed-size lists of `dimensions` float32."""
    vector = pa.list_(pa.float32(), dimensions)
    texts = pa.list_(pa.string())
    line = pa.struct({"speaker": pa.int32(), "name": pa.string(), "text": pa.string(), "at": pa.float64()})
    quality = pa.struct(dict.fromkeys(("relevance", "engagement", "novelty", "coherence", "fluency"), pa.float32()))
    moment = pa.timestamp("us", tz="UTC")
    return {
        "conversations": pa.schema(
            {
                "id": pa.string(),
                "source": pa.string(),
                "license": pa.string(),
                "license_statement": pa.string(),
                "language": pa.string(),
                "started_at": moment,
                "participants": texts,
                "transcript": pa.list_(line),
                "tags": texts,
                "quality": quality,
                "boring_index": pa.float32(),
                "line_quality": pa.list_(pa.float32()),
                "windows": pa.int32(),
                "answers": pa.int32(),
                "miners": pa.int32(),
                "validators": pa.int32(),
                "scoring_version": pa.string(),
                "merged_at": moment,
                "content_hash": pa.string(),
                "embedding_model": pa.string(),
                "embedding_revision": pa.string(),
                "embedding": vector,
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
                "support": pa.int32(),
                "score": pa.float32(),
            }
        ),
        "profiles": pa.schema(
            {
                "conversation_id": pa.string(),
                "participant": pa.string(),
                "kind": pa.string(),
                "text": pa.string(),
                "evidence": pa.list_(pa.int32()),
                "confidence": pa.float32(),
            }
        ),
    }


def column_types(table: str, model: EmbeddingModel | None) -> list[tuple[str, str]]:
    """Return the name and the type of each column, as the card states them."""
    schema = schemas(model.dimensions if model else 1)[table]
    return [(field.name, type_words(field.type)) for field in schema]


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
    """Writes one table in batches, a new file whenever one is full; always at least one file."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema) -> None:
        """Open nothing yet; `folder/name` is made with the first batch."""
        self._folder = folder / name
        self._name = name
        self._schema = schema
        self._rows: list[Row] = []
        self._writer: Any = None
        self._rows_in_shard = 0
        self._shards = 0
        self.count = 0

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write what is left, unless the block failed."""
        if kind is None:
            self._flush(is_last=True)
        if self._writer is not None:
            self._writer.close()

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows; they are written when they fill a batch."""
        for row in rows:
            self._rows.append(row)
            self.count += 1
            if len(self._rows) >= BATCH_ROWS.get(self._name, VECTOR_BATCH_ROWS):
                self._flush()

    def _flush(self, *, is_last: bool = False) -> None:
        if not self._rows and not (is_last and self._shards == 0):
            return
        if self._writer is None or self._rows_in_shard >= SHARD_ROWS.get(self._name, VECTOR_SHARD_ROWS):
            self._open_shard()
        if self._rows:  # a file without rows has no row group either: readers stumble over an empty one
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows_in_shard += len(self._rows)
        self._rows = []

    def _open_shard(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        vectors = [field.name for field in self._schema if pa.types.is_fixed_size_list(field.type)]
        self._writer = pq.ParquetWriter(
            self._folder / f"part-{self._shards:05d}.parquet",
            self._schema,
            compression="zstd",
            compression_level=_ZSTD_LEVEL,
            use_dictionary=[field.name for field in self._schema if pa.types.is_string(field.type)],
            use_byte_stream_split=[f"{name}.list.element" for name in vectors],
        )
        self._shards += 1
        self._rows_in_shard = 0
