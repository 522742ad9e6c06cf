"""Merged records in, a dataset folder out: one pass, bounded memory, equal input gives equal bytes."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final

from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.embedding.by_language import embedder_of
from conversation_genome.errors import InputError
from conversation_genome.publishing import rows
from conversation_genome.publishing.card import write_card
from conversation_genome.publishing.folder import replaced_folder
from conversation_genome.publishing.licences import redistribution_licence
from conversation_genome.publishing.other_vectors import OtherVectors
from conversation_genome.publishing.publication import Publication
from conversation_genome.publishing.tables import TABLES, TableWriter, schemas
from conversation_genome.record import ConsensusTag, MergedRecord

EMBEDDED_TAGS: Final = 512
"""New tags that are embedded in one call."""
NO_LICENCE: Final = "no licence stated"


def write_dataset(records: Iterable[MergedRecord], folder: Path, *, embedder: Embedder | None = None) -> Publication:
    """Write the dataset in place of `folder` and return what was written.

    Rows stand in the order of the records. A conversation without a licence that lets it be passed on is
    left out and counted. With an embedder that has the records' own models, tags carry their vectors. The main
    model is the embedder's, or the first record's; vectors of each other model get a table of their own.

    Raises:
        InputError: If the embedder does not have the model of a record.
        OSError: If the folder cannot be written.
    """
    with replaced_folder(folder) as building:
        with ExitStack() as files:
            draft = _Draft(building, embedder, files)
            for record in records:
                draft.add(record)
            draft.finish()
        publication = draft.publication(folder)
        write_card(publication, building / "README.md")
    return publication


class _Draft:
    """A dataset that is being written, and what has been counted so far."""

    def __init__(self, folder: Path, embedder: Embedder | None, files: ExitStack) -> None:
        self._folder = folder
        self._embedder = embedder
        self._model: EmbeddingModel | None = None
        self._files = files
        self._others = OtherVectors(folder, files)
        self._writers: dict[str, TableWriter] = {}
        self._seen_tags: set[tuple[EmbeddingModel, bytes]] = set()
        self._waiting_tags: dict[EmbeddingModel, dict[str, ConsensusTag]] = defaultdict(dict)
        self._only_others: dict[str, tuple[ConsensusTag, EmbeddingModel]] = {}
        self._licences: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._scoring_versions: set[str] = set()
        self._newest: datetime | None = None

    def add(self, record: MergedRecord) -> None:
        licence = redistribution_licence(record.conversation.license)
        if licence is None:
            self._left_out[record.conversation.license or NO_LICENCE] += 1
            return
        self._open(record)
        self._count(record, licence)
        self._add_conversation(record, licence)
        self._writers["windows"].add(rows.window_rows(record))
        self._writers["conversation_tags"].add(rows.conversation_tag_rows(record))
        self._writers["profiles"].add(rows.profile_rows(record))
        self._add_tags(record)

    def finish(self) -> None:
        if not self._writers:
            self._open_writers(self._embedder.model.dimensions if self._embedder else 1)
        self._write_tags()
        self._writers["tags"].add(
            rows.tag_row(id_, tag, model if self._embedder else None, None)
            for id_, (tag, model) in self._only_others.items()
        )

    def publication(self, folder: Path) -> Publication:
        files = sorted(self._folder.rglob("*.parquet"))
        return Publication(
            folder=folder,
            rows={name: self._writers[name].count for name in TABLES} | self._others.rows,
            licences=dict(sorted(self._licences.items())),
            left_out=dict(sorted(self._left_out.items())),
            languages=dict(sorted(self._languages.items())),
            scoring_versions=tuple(sorted(self._scoring_versions)),
            embedding_model=self._model,
            other_models=self._others.models,
            has_tag_vectors=self._embedder is not None,
            newest_record_at=self._newest,
            size_bytes=sum(file.stat().st_size for file in files),
            revision=_revision(self._folder, files),
        )

    def _open(self, record: MergedRecord) -> None:
        model = record.embedding_model
        if self._embedder is not None and embedder_of(self._embedder, model.name, model.revision) is None:
            msg = (
                f"conversation {record.conversation.id!r} has a vector of {model.name} ({model.revision}), which is not "
                "at hand to embed its tags; merge it again, or publish without the tags' vectors"
            )
            raise InputError(msg)
        if self._model is None:
            self._model = self._embedder.model if self._embedder else model
            self._open_writers(self._model.dimensions)

    def _open_writers(self, dimensions: int) -> None:
        for name, schema in schemas(dimensions).items():
            self._writers[name] = self._files.enter_context(TableWriter(self._folder, name, schema))

    def _count(self, record: MergedRecord, licence: str) -> None:
        self._licences[licence] += 1
        if record.conversation.language:
            self._languages[record.conversation.language] += 1
        self._scoring_versions.add(record.scoring_version)
        self._newest = max(record.merged_at, self._newest or record.merged_at)

    def _add_conversation(self, record: MergedRecord, licence: str) -> None:
        """Add the row; a vector of another model than the main one goes into that model's own table."""
        row = rows.conversation_row(record, licence)
        if record.embedding_model != self._model:
            self._others.add(record.embedding_model, "conversation", [(record.conversation.id, record.embedding)])
            row["embedding"] = None
        self._writers["conversations"].add([row])

    def _add_tags(self, record: MergedRecord) -> None:
        model = record.embedding_model
        waiting = self._waiting_tags[model]
        for id_, tag in rows.tags_of(record).items():
            key = (model, bytes.fromhex(id_))
            if key not in self._seen_tags:
                self._seen_tags.add(key)
                waiting[id_] = tag
        if len(waiting) >= EMBEDDED_TAGS:
            self._write_tags()

    def _write_tags(self) -> None:
        waiting, self._waiting_tags = self._waiting_tags, defaultdict(dict)
        for model, tags in waiting.items():
            vectors = self._vectors(model, [tag.text for tag in tags.values()])
            if model == self._model:
                self._write_main_tags(tags, vectors)
            else:
                self._write_other_tags(model, tags, vectors)

    def _vectors(self, model: EmbeddingModel, texts: list[str]) -> FloatArray | None:
        embedder = embedder_of(self._embedder, model.name, model.revision) if self._embedder else None
        return embedder.embed(texts) if embedder else None

    def _write_main_tags(self, tags: dict[str, ConsensusTag], vectors: FloatArray | None) -> None:
        for id_ in tags:
            self._only_others.pop(id_, None)
        made = [None] * len(tags) if vectors is None else list(vectors)
        self._writers["tags"].add(
            rows.tag_row(id_, tag, None if vectors is None else self._model, vector)
            for (id_, tag), vector in zip(tags.items(), made, strict=True)
        )

    def _write_other_tags(
        self, model: EmbeddingModel, tags: dict[str, ConsensusTag], vectors: FloatArray | None
    ) -> None:
        """Put the vectors in the model's own table; a row in `tags` follows at the end, if the main model has none."""
        if vectors is not None:
            self._others.add(model, "tag", zip(tags, vectors, strict=True))
        for id_, tag in tags.items():
            if (self._model, bytes.fromhex(id_)) not in self._seen_tags:
                self._only_others.setdefault(id_, (tag, model))


def _revision(folder: Path, files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        whole.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return whole.hexdigest()
