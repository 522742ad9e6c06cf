"""Records as rows of an Arrow table, and back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store.base import FloatArray, Level, Outline, VectorModel, VectorRecord
from conversation_genome.vector_store.terms import fold, terms

TERMS: Final = "terms"
TAG_KEYS: Final = "tag_keys"
LATER_COLUMNS: Final = (pa.field("speakers", pa.list_(pa.string())), pa.field("sketch", pa.binary()))
"""Stores of earlier versions lack them; they are added empty when such a store is opened."""
OUTLINE: Final = ("conversation_id", "title", "source", "language", "started_at", "tags", "speakers", "sketch")
"""What an outline is made of."""
_NAME, _REVISION, _DIMENSIONS = (
    f"conversation_genome.model.{part}".encode() for part in ("name", "revision", "dimensions")
)


def schema_of(model: VectorModel) -> pa.Schema:
    """Return the columns of a store; the model stands in the schema's metadata."""
    texts = ("id", "conversation_id", "level", "part", "text", "title", "source", "language", TERMS, TAG_KEYS)
    columns = [pa.field(name, pa.string(), nullable=name == "language") for name in texts]
    columns += [
        pa.field("started_at", pa.timestamp("us", "UTC")),
        pa.field("tags", pa.list_(pa.string())),
        *LATER_COLUMNS,
        pa.field("vector", pa.list_(pa.float32(), model.dimensions), nullable=False),
    ]
    metadata = {_NAME: model.name, _REVISION: model.revision, _DIMENSIONS: str(model.dimensions)}
    return pa.schema(columns, metadata=metadata)


def model_of(schema: pa.Schema) -> VectorModel:
    """Return the model that a store's schema names.

    Raises:
        VectorStoreError: If the table is none of this project's.
    """
    metadata = schema.metadata or {}
    try:
        return VectorModel(metadata[_NAME].decode(), metadata[_REVISION].decode(), int(metadata[_DIMENSIONS]))
    except (KeyError, ValueError) as exc:
        raise VectorStoreError("the table names no embedding model: it is not a store of this project") from exc


def table_of(records: Sequence[VectorRecord], schema: pa.Schema) -> pa.Table:
    """Return the records as a table."""
    return pa.Table.from_pylist([_row(record) for record in records], schema=schema)


def read(table: pa.Table, model: VectorModel, score: str | None) -> list[tuple[VectorRecord, float]]:
    """Return the records of a result with the column `score`, or 0."""
    vectors: FloatArray = (
        table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(-1, model.dimensions)
    )
    scores = table[score].to_pylist() if score else [0.0] * table.num_rows
    plain = table.drop_columns(["vector", TERMS, TAG_KEYS]).to_pylist()
    return [
        (_record(row, vector.astype(np.float32), model), float(value))
        for row, vector, value in zip(plain, vectors, scores, strict=True)
    ]


def read_outlines(table: pa.Table) -> list[Outline]:
    """Return the outlines of a result that has the columns `OUTLINE`."""
    return [_outline(row) for row in table.select(list(OUTLINE)).to_pylist()]


def tag_keys(tags: Sequence[str]) -> str:
    """Return the folded tags in one string, of which each folded tag with its ends is a part."""
    return valid("\n" + "\n".join(fold(tag).replace("\n", " ") for tag in tags) + "\n")


def _row(record: VectorRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "conversation_id": valid(record.conversation_id),
        "level": str(record.level),
        "part": valid(record.part),
        "text": valid(record.text),
        "title": valid(record.title),
        "source": valid(record.source),
        "language": record.language,
        TERMS: " ".join(terms(record.text)),
        TAG_KEYS: tag_keys(record.tags),
        "started_at": _moment(record.started_at),
        "tags": [valid(tag) for tag in record.tags],
        "speakers": [valid(name) for name in record.speakers],
        "sketch": record.sketch,
        "vector": record.vector,
    }


def _record(row: dict[str, Any], vector: FloatArray, model: VectorModel) -> VectorRecord:
    return VectorRecord(
        conversation_id=row["conversation_id"],
        level=Level(row["level"]),
        part=row["part"],
        text=row["text"],
        vector=vector,
        model=model,
        title=row["title"],
        source=row["source"],
        language=row["language"],
        started_at=row["started_at"],
        tags=tuple(row["tags"] or ()),
        speakers=tuple(row["speakers"] or ()),
        sketch=row["sketch"] or b"",
    )


def _outline(row: dict[str, Any]) -> Outline:
    plain = {name: row[name] for name in ("conversation_id", "title", "source", "language", "started_at")}
    tags, speakers = (tuple(row[name] or ()) for name in ("tags", "speakers"))
    return Outline(**plain, tags=tags, speakers=speakers, sketch=row["sketch"] or b"")


def _moment(moment: datetime | None) -> datetime | None:
    """Return a moment with a time zone; one without is taken for UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def valid(text: str) -> str:
    """Return a text that can be written as UTF-8: lone surrogates are replaced."""
    return text.encode("utf-8", "replace").decode()
