"""Records as rows of a table, and back."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from conversation_genome.vector_store.base import Level, Outline, VectorModel, VectorRecord
from conversation_genome.vector_store.conditions import speaker_keys, utc
from conversation_genome.vector_store.rows import valid
from conversation_genome.vector_store.terms import fold, terms

OUTLINE: Final = ("conversation_id", "title", "source", "language", "started_at", "tags", "speakers", "sketch")
READ: Final = ("id", "level", "part", "text", *OUTLINE, "vector")
WRITTEN: Final = (*READ, "source_key", "language_key", "tag_keys", "speaker_keys", "terms")


@lru_cache(maxsize=262_144)
def term_key(term: str) -> int:
    """Return the number that stands for a term: 64 bits of its hash, as PostgreSQL's bigint."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big", signed=True)


def stored(text: str) -> str:
    """Return a text as PostgreSQL can keep it: lone surrogates and NUL are replaced."""
    return valid(text).replace("\x00", "\ufffd")


def written(record: VectorRecord) -> tuple[Any, ...]:
    """Return a record's values in the order of `WRITTEN`."""
    return (
        UUID(record.id),
        str(record.level),
        stored(record.part),
        stored(record.text),
        stored(record.conversation_id),
        stored(record.title),
        stored(record.source),
        None if record.language is None else stored(record.language),
        None if record.started_at is None else utc(record.started_at),
        [stored(tag) for tag in record.tags],
        [stored(name) for name in record.speakers],
        record.sketch,
        record.vector,
        stored(fold(record.source)),
        "" if record.language is None else stored(fold(record.language)) + "-",
        [stored(fold(tag)) for tag in record.tags],
        stored(speaker_keys(record.speakers)),
        [term_key(term) for term in terms(record.text)],
    )


def read(row: Mapping[str, Any], model: VectorModel) -> VectorRecord:
    """Return the record of a row that has the columns `READ`."""
    return VectorRecord(
        level=Level(row["level"]),
        part=row["part"],
        text=row["text"],
        vector=row["vector"],
        model=model,
        **_outline(row),
    )


def read_outline(row: Mapping[str, Any]) -> Outline:
    """Return the outline of a row that has the columns `OUTLINE`."""
    return Outline(**_outline(row))


def _outline(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: row[name] for name in OUTLINE}
    return plain | {"tags": tuple(row["tags"]), "speakers": tuple(row["speakers"])}
