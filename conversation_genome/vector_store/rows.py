"""Records as rows of an Arrow table, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store.base import FloatArray, Level, Outline, VectorModel, VectorRecord
from conversation_genome.vector_store.conditions import Held, speaker_keys
from conversation_genome.vector_store.terms import fold, terms

TERMS: Final = "terms"
TAG_KEYS: Final = "tag_keys"
STAMP: Final = "stamp"
"""Another number at each writing of a row: what is known of a row by its stamp stays true."""
LATER_COLUMNS: Final = (
    pa.field("speakers", pa.list_(pa.string())),
    pa.field("sketch", pa.binary()),
    pa.field("source_key", pa.string()),
    pa.field("speaker_keys", pa.string()),
)
"""Stores of earlier versions lack them; they are added empty when such a store is opened."""
HELD: Final = ("text", "source", "language", "started_at", "tags", "speakers")
"""What a condition is asked of."""
OUTLINE: Final = ("conversation_id", "title", "source", "language", "started_at", "tags", "speakers", "sketch")
"""What an outline is made of."""
_NAME, _REVISION, _DIMENSIONS = (
    f"conversation_genome.model.{part}".encode() for part in ("name", "revision", "dimensions")
)


FACTS: Final = "facts"
STORED_COLUMNS: Final = (pa.field(STAMP, pa.int64()), pa.field(FACTS, pa.binary()))
"""What a table has besides. `facts` is what a record is made of but for its text and its vector, as JSON: a column costs
a read, and a winner has twelve."""
READ: Final = ("level", "part", "text", *OUTLINE, "vector")
"""What a record is made of."""
_LEVELS: Final = {str(level): level for level in Level}
_PACKED: Final = ("level", "part", "conversation_id", "title", "source", "language", "tags", "speakers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What conditions are asked of."""

    text: str
    source: str
    language: str | None
    started_at: datetime | None
    tags: tuple[str, ...]
    speakers: tuple[str, ...]


def stored_schema_of(model: VectorModel) -> pa.Schema:
    """Return the columns of a store that also stamps its rows and keeps what a winner is made of in one column."""
    schema = schema_of(model)
    for field in STORED_COLUMNS:
        schema = schema.append(field)
    return schema


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
    """Return the records as a table; where the schema has stamps, each gets one."""
    rows = [_row(record) for record in records]
    arrays = [_array(rows, records, field) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(rows: Sequence[dict[str, Any]], records: Sequence[VectorRecord], field: pa.Field) -> pa.Array:
    if field.name == FACTS:
        return pa.array([_packed(row) for row in rows], type=field.type)
    if field.name == STAMP:
        return pa.array(np.random.default_rng().integers(1, 2**63 - 1, size=len(rows), dtype=np.int64))
    if field.name == "vector":
        flat = np.concatenate([record.vector for record in records]).astype(np.float32, copy=False)
        return pa.FixedSizeListArray.from_arrays(pa.array(flat), type=field.type)
    return pa.array([row[field.name] for row in rows], type=field.type)


def read(table: pa.Table, model: VectorModel) -> list[VectorRecord]:
    """Return the records of a result that has the columns `READ`."""
    plain = table.drop_columns(["vector"]).to_pylist()
    return [_record(row, vector, model) for row, vector in zip(plain, vectors_of(table), strict=True)]


def vectors_of(table: pa.Table) -> FloatArray:
    """Return the vectors of a result: shape (n, d)."""
    column = table["vector"].combine_chunks()
    flat: FloatArray = column.flatten().to_numpy(zero_copy_only=False)
    return flat.reshape(-1, column.type.list_size).astype(np.float32, copy=False)


def read_packed(table: pa.Table, vectors: Sequence[FloatArray], model: VectorModel) -> list[VectorRecord]:
    """Return the records of a result that has the column `facts` and may have `text`, with their vectors in the same order."""
    texts = table["text"].to_pylist() if "text" in table.column_names else [""] * len(table)
    each = zip(texts, table[FACTS].to_pylist(), vectors, strict=True)
    return [unpacked(facts, vector, model, text=text) for text, facts, vector in each]


def unpacked(facts: bytes, vector: FloatArray, model: VectorModel, *, text: str = "") -> VectorRecord:
    """Return the record of which these are the facts, with its vector and its text."""
    row = orjson.loads(facts)
    moment = row["started_at"]
    return VectorRecord(
        conversation_id=row["conversation_id"],
        level=_LEVELS[row["level"]],
        part=row["part"],
        text=text,
        vector=vector,
        model=model,
        title=row["title"],
        source=row["source"],
        language=row["language"],
        started_at=moment and datetime.fromisoformat(moment),
        tags=tuple(row["tags"]),
        speakers=tuple(row["speakers"]),
        sketch=bytes.fromhex(row["sketch"]),
    )


def _packed(row: dict[str, Any]) -> bytes:
    moment, sketch = row["started_at"], row["sketch"]
    plain = {name: row[name] for name in _PACKED}
    return orjson.dumps(plain | {"started_at": moment and moment.isoformat(), "sketch": sketch.hex()})


def read_held(table: pa.Table) -> list[Held]:
    """Return what conditions are asked of, of a result that has the columns `HELD`."""
    return [
        Facts(
            **{name: row[name] for name in ("text", "source", "language", "started_at")},
            tags=tuple(row["tags"] or ()),
            speakers=tuple(row["speakers"] or ()),
        )
        for row in table.select(list(HELD)).to_pylist()
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
        "source_key": valid(fold(record.source)),
        "speaker_keys": valid(speaker_keys(record.speakers)),
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
