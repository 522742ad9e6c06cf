"""What is searched, as rows that travel from a worker to the store: all that a record of the store holds, and no index."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from conversation_genome.vector_store.base import Level, VectorModel, VectorRecord

_PLAIN: Final = ("conversation_id", "part", "text", "title", "source", "language", "started_at", "sketch")
_LISTS: Final = ("tags", "speakers")


def schema_of(model: VectorModel) -> pa.Schema:
    """Return the columns of a file whose vectors are a model's."""
    texts = {name: pa.string() for name in (*_PLAIN, "level")}
    return pa.schema(
        texts
        | {"started_at": pa.timestamp("us", "UTC"), "sketch": pa.binary()}
        | {name: pa.list_(pa.string()) for name in _LISTS}
        | {"vector": pa.list_(pa.float32(), model.dimensions)}
    )


def table_of(records: Sequence[VectorRecord], schema: pa.Schema) -> pa.Table:
    """Return records as a table."""
    return pa.Table.from_pylist([_row(record) for record in records], schema=schema)


def records_of(batch: pa.RecordBatch, model: VectorModel) -> list[VectorRecord]:
    """Return the records of a batch of rows, made by a model."""
    vectors = batch.column("vector").flatten().to_numpy(zero_copy_only=False).reshape(-1, model.dimensions)
    plain = batch.drop_columns(["vector"]).to_pylist()
    return [_record(row, vector, model) for row, vector in zip(plain, vectors, strict=True)]


def _row(record: VectorRecord) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in (*_PLAIN, *_LISTS, "vector")}
    return {name: _valid(value) for name, value in row.items()} | {"level": str(record.level)}


def _record(row: dict[str, Any], vector: Any, model: VectorModel) -> VectorRecord:
    fields: dict[str, Any] = {name: row[name] for name in _PLAIN} | {name: tuple(row[name]) for name in _LISTS}
    return VectorRecord(
        **fields,
        level=Level(row["level"]),
        vector=vector.astype(np.float32),
        model=model,
    )


def _valid(value: Any) -> Any:
    """Return a text that can be written as UTF-8, as the store itself would: lone surrogates are replaced."""
    if isinstance(value, tuple):
        return [_valid(one) for one in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
