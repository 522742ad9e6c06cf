"""One shard: the files that are made of one set of records, or of tags."""

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final, Self

import numpy as np
import pyarrow as pa

from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.embedding.by_language import embedder_of
from conversation_genome.publishing import other_vectors, rows
from conversation_genome.publishing.manifest import Shard, ShardFile, shard_file
from conversation_genome.publishing.rows import Provenance, Row
from conversation_genome.publishing.spool import SpooledTag
from conversation_genome.publishing.tables import BATCH_ROWS, VECTOR_BATCH_ROWS, TableWriter, rows_of, schemas
from conversation_genome.record import MergedRecord

FORMAT: Final = "2"
"""Raised when equal records shall give other rows than before."""
EMBEDDED_TAGS: Final = 512
"""Tags that are embedded in one call."""
WHOLE: Final = "train"
"""The split of tables that are looked things up in: they are not divided."""

Known = dict[tuple[str, str, str, str], FloatArray]
"""Vectors by the id and the text of the tag, and by the name and the revision of the model."""


@dataclass(frozen=True)
class Form:
    """What decides the bytes besides the records."""

    main: EmbeddingModel | None
    """Whose vectors stand in `conversations` and `tags`."""
    embedder: Embedder | None
    """Embeds the tags; None leaves them without vectors."""
    has_original_columns: bool

    @cached_property
    def schemas(self) -> dict[str, pa.Schema]:
        """The columns of the five tables."""
        return schemas(self.main.dimensions if self.main else 1, has_original_columns=self.has_original_columns)

    @cached_property
    def words(self) -> str:
        """All of it in words: equal words and records, equal bytes."""
        columns = "\n".join(f"{name}: {schema}" for name, schema in self.schemas.items())
        return f"{FORMAT} {pa.__version__} {self.main} {self.embedder is not None}\n{columns}"


def made_of(form: Form, name: str, parts: Iterable[object]) -> str:
    """Return the SHA-256 (hex) of all that decides the bytes of a shard."""
    whole = hashlib.sha256(f"{name} {form.words}\n".encode())
    for part in parts:
        whole.update(f"{part!r}\n".encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def write_conversations(
    folder: Path, name: str, source: str, records: Iterable[tuple[MergedRecord, Provenance]], form: Form
) -> Shard:
    """Write the rows of a shard of conversations into their four tables, and vectors of other models into theirs."""
    split = name.partition("-")[0]
    with _Files(folder, name, form) as files:
        for record, provenance in records:
            row = rows.conversation_row(record, provenance)
            if record.embedding_model != form.main:
                vector = other_vectors.row(
                    record.embedding_model, "conversation", record.conversation.id, record.embedding
                )
                files.of_model(record.embedding_model).add([vector])
                row["embedding"] = None
            files.of("conversations", split).add(
                [rows.with_original_columns(row) if form.has_original_columns else row]
            )
            files.of("windows", split).add(rows.window_rows(record, provenance))
            files.of("conversation_tags", split).add(rows.conversation_tag_rows(record, provenance))
            files.of("profiles", split).add(rows.profile_rows(record, provenance))
    return files.shard(source)


def known_vectors(files: Iterable[tuple[Path, ShardFile]]) -> Known:
    """Return the vectors of tags that files of an earlier publication hold."""
    tables = list(files)
    texts: dict[str, str] = {}
    known: Known = {}
    for path, _ in (one for one in tables if one[1].table == "tags"):
        for row in rows_of([path], ["tag_id", "text", "model", "revision", "vector"]):
            texts[row["tag_id"]] = row["text"]
            if row["vector"] is not None:
                known[row["tag_id"], row["text"], row["model"], row["revision"]] = np.array(
                    row["vector"], dtype=np.float32
                )
    for path, _ in (one for one in tables if one[1].table != "tags"):
        for row in rows_of([path], ["id", "model", "revision", "vector"]):
            known[row["id"], texts.get(row["id"], ""), row["model"], row["revision"]] = np.array(
                row["vector"], dtype=np.float32
            )
    return known


def write_tags(folder: Path, name: str, source: str, tags: Iterable[SpooledTag], form: Form, *, known: Known) -> Shard:
    """Write a shard of tags: one row each, with the main model's vector where one of its records holds the tag.

    A tag whose vector is known is not embedded again.
    """
    with _Files(folder, name, form) as files:
        remaining = iter(tags)
        while batch := tuple(islice(remaining, EMBEDDED_TAGS)):
            main = _vectors(form, form.main, batch, known)
            files.of("tags", WHOLE).add(_tag_row(tag, form, main.get(tag.id)) for tag in batch)
            for model in sorted({model for tag in batch for model in tag.models} - {form.main}, key=str):
                vectors = _vectors(form, model, batch, known).items()
                files.of_model(model).add(other_vectors.row(model, "tag", id_, vector) for id_, vector in vectors)
    return files.shard(source)


def _vectors(
    form: Form, model: EmbeddingModel | None, tags: Iterable[SpooledTag], known: Known
) -> dict[str, FloatArray]:
    """Return the vectors by id of those tags that records of a model hold; none without an embedder."""
    embedder = embedder_of(form.embedder, model.name, model.revision) if form.embedder and model else None
    if model is None or embedder is None:
        return {}
    keys = {(tag.id, tag.text, model.name, model.revision) for tag in tags if model in tag.models}
    found: dict[str, FloatArray] = {key[0]: known[key] for key in keys & known.keys()}
    new = sorted(keys - known.keys())
    if new:
        found |= zip((key[0] for key in new), embedder.embed([key[1] for key in new]), strict=True)
    return dict(sorted(found.items()))


def _tag_row(tag: SpooledTag, form: Form, vector: FloatArray | None) -> Row:
    model = form.main if form.main in tag.models else tag.models[0]
    return rows.tag_row(tag.id, tag.text, tag.aspect, model if form.embedder else None, vector)


class _Files:
    """The files of a shard: each is made with its first row, and closed at the end."""

    def __init__(self, folder: Path, name: str, form: Form) -> None:
        self._folder = folder
        self._name = name
        self._form = form
        self._open = ExitStack()
        self._writers: dict[tuple[str, str], TableWriter] = {}

    def __enter__(self) -> Self:
        self._open.__enter__()
        return self

    def __exit__(self, *fault: object) -> None:
        self._open.__exit__(*fault)  # type: ignore[arg-type]

    def of(self, table: str, split: str) -> TableWriter:
        """Return the writer of one of the five tables."""
        return self._writer(table, split, self._form.schemas[table], BATCH_ROWS[table])

    def of_model(self, model: EmbeddingModel) -> TableWriter:
        """Return the writer of a model's own table."""
        schema = other_vectors.schema(model.dimensions)
        return self._writer(other_vectors.table_name(model), WHOLE, schema, VECTOR_BATCH_ROWS)

    def shard(self, source: str) -> Shard:
        """Return the entry of the whole shard, once its files are closed."""
        files = (
            shard_file(self._folder, writer.path, table=table, split=split, rows=writer.count)
            for (table, split), writer in self._writers.items()
            if writer.count
        )
        return Shard(name=self._name, made_of=source, files=tuple(sorted(files, key=lambda file: file.path)))

    def _writer(self, table: str, split: str, schema: pa.Schema, batch_rows: int) -> TableWriter:
        if (table, split) not in self._writers:
            writer = TableWriter(self._folder / table / f"{self._name}.parquet", schema, batch_rows=batch_rows)
            self._writers[table, split] = self._open.enter_context(writer)
        return self._writers[table, split]
