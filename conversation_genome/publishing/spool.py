"""The records of a publication on disk, sorted: whatever order they come in, they are read in one, a shard at a time."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from conversation_genome.annotation import Aspect
from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.publishing.licences import redistribution_licence
from conversation_genome.publishing.publication import LeftOut, Licensed
from conversation_genome.publishing.rows import Provenance, tags_of
from conversation_genome.publishing.splits import SPLITS, bounds, key_of, shards, split_of
from conversation_genome.record import MergedRecord

NO_LICENCE: Final = "no licence stated"
_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE record (
    id TEXT PRIMARY KEY, key INTEGER, split TEXT, source TEXT, licence TEXT, statement TEXT, language TEXT, model INTEGER,
    size INTEGER, digest TEXT, scoring_version TEXT, merged_at TEXT, body TEXT
) WITHOUT ROWID;
CREATE INDEX record_by_key ON record (split, key);
CREATE TABLE tag (id TEXT, model INTEGER, key INTEGER, text TEXT, aspect TEXT, PRIMARY KEY (id, model)) WITHOUT ROWID;
CREATE INDEX tag_by_key ON tag (key);
CREATE TABLE left_out (id TEXT PRIMARY KEY, source TEXT, statement TEXT) WITHOUT ROWID;
"""
_PUT_RECORD: Final = "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PUT_TAG: Final = """
INSERT INTO tag VALUES (?, ?, ?, ?, ?) ON CONFLICT (id, model) DO UPDATE SET text = min(text, excluded.text)
"""


@dataclass(frozen=True, slots=True)
class SpooledTag:
    """A tag, however many hold it, and the models of the records that do."""

    id: str
    text: str
    aspect: Aspect
    models: tuple[EmbeddingModel, ...]


class Spool:
    """Takes records once, in any order; a second one of an id is left aside. Bounded by the disk, not by memory."""

    def __init__(self, path: Path) -> None:
        """Make the file anew."""
        self._path = path
        path.unlink(missing_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")
        self._models: list[EmbeddingModel] = []

    def __enter__(self) -> Self:
        """Return the spool."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove the file."""
        self._database.close()
        self._path.unlink(missing_ok=True)

    def add(self, record: MergedRecord) -> None:
        """Take a record, or count it as left out where no licence lets it be passed on."""
        talk = record.conversation
        licence = redistribution_licence(talk.license)
        if licence is None:
            row: tuple[object, ...] = (talk.id, talk.source, talk.license or NO_LICENCE)
            self._database.execute("INSERT OR IGNORE INTO left_out VALUES (?, ?, ?)", row)
            return
        body = record.model_dump_json()
        row = (
            *(talk.id, key_of(talk.id), split_of(talk.content_hash), talk.source, licence, talk.license, talk.language),
            *(self._number(record.embedding_model), len(body), hashlib.sha256(body.encode()).hexdigest()),
            *(record.scoring_version, record.merged_at.isoformat(), body),
        )
        if self._database.execute(_PUT_RECORD, row).rowcount:
            self._add_tags(record)

    def shards(self, limit_bytes: int) -> Iterator[tuple[str, str, int]]:
        """Yield (split, bits, conversations) of each shard of conversations."""
        for split in SPLITS:
            rows = self._database.execute("SELECT key, size FROM record WHERE split = ? ORDER BY key", (split,))
            yield from ((split, bits, count) for bits, count in shards(rows, limit_bytes))

    def digests(self, split: str, bits: str) -> Iterator[tuple[str, str]]:
        """Yield (id, SHA-256) of the records of a shard, by id."""
        yield from self._records("id, digest", split, bits)

    def records(self, split: str, bits: str) -> Iterator[tuple[MergedRecord, Provenance]]:
        """Yield the records of a shard with their provenance, by id."""
        for body, licence, digest in self._records("body, licence, digest", split, bits):
            record = MergedRecord.model_validate_json(body)
            yield record, Provenance.of(record, licence=licence, revision=digest)

    def tag_shards(self, limit: int) -> Iterator[tuple[str, int]]:
        """Yield (bits, tags) of each shard of tags."""
        rows = self._database.execute("SELECT DISTINCT key, 1 FROM tag ORDER BY key")
        return shards(rows, limit)

    def tags(self, bits: str) -> Iterator[SpooledTag]:
        """Yield the tags of a shard by id."""
        rows = self._database.execute(
            "SELECT id, min(text), aspect, group_concat(model) FROM tag WHERE key BETWEEN ? AND ? GROUP BY id ORDER BY id",
            bounds(bits),
        )
        for id_, text, aspect, numbers in rows:
            models = (self._models[int(number)] for number in numbers.split(","))
            yield SpooledTag(id_, text, Aspect(aspect), tuple(sorted(models, key=_order)))

    @property
    def models(self) -> tuple[EmbeddingModel, ...]:
        """The models of the records, that of most records first."""
        counts = Counter(dict(self._database.execute("SELECT model, count(*) FROM record GROUP BY model")))
        numbers = sorted(counts, key=lambda number: (-counts[number], _order(self._models[number])))
        return tuple(self._models[number] for number in numbers)

    def one_of(self, model: EmbeddingModel) -> str:
        """Return the id of a conversation whose vector a model made."""
        statement = "SELECT min(id) FROM record WHERE model = ?"
        return str(self._database.execute(statement, (self._models.index(model),)).fetchone()[0])

    @property
    def licensed(self) -> tuple[Licensed, ...]:
        """What is published, by source and licence."""
        rows = self._database.execute("SELECT source, licence, count(*) FROM record GROUP BY 1, 2 ORDER BY 1, 2")
        return tuple(Licensed(source=one, licence=two, conversations=count) for one, two, count in rows)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What is not published, by source and by what it states as its licence."""
        rows = self._database.execute("SELECT source, statement, count(*) FROM left_out GROUP BY 1, 2 ORDER BY 1, 2")
        return tuple(LeftOut(source=one, statement=two, conversations=count) for one, two, count in rows)

    def counts(self, column: str) -> dict[str, int]:
        """Return the conversations by `language`, `scoring_version` or `split`; those without one are not counted."""
        rows = self._database.execute(
            f"SELECT {column}, count(*) FROM record WHERE {column} IS NOT NULL AND {column} != '' GROUP BY 1 ORDER BY 1"  # noqa: S608
        )
        return dict(rows)

    @property
    def newest(self) -> str | None:
        """When the newest record was merged, as ISO 8601."""
        rows = self._database.execute(
            "SELECT merged_at FROM record ORDER BY julianday(merged_at) DESC, merged_at LIMIT 1"
        )
        return next((str(row[0]) for row in rows), None)

    def _add_tags(self, record: MergedRecord) -> None:
        model = self._number(record.embedding_model)
        self._database.executemany(
            _PUT_TAG,
            [(id_, model, int(id_, 16) >> 1, tag.text, tag.aspect.value) for id_, tag in tags_of(record).items()],
        )

    def _records(self, columns: str, split: str, bits: str) -> sqlite3.Cursor:
        return self._database.execute(
            f"SELECT {columns} FROM record WHERE split = ? AND key BETWEEN ? AND ? ORDER BY id",  # noqa: S608
            (split, *bounds(bits)),
        )

    def _number(self, model: EmbeddingModel) -> int:
        if model not in self._models:
            self._models.append(model)
        return self._models.index(model)


def _order(model: EmbeddingModel) -> tuple[str, str, int]:
    return model.name, model.revision, model.dimensions
