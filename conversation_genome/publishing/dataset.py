"""Merged records in, a dataset folder out: one pass, bounded memory, equal input gives equal bytes."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final

from conversation_genome.embedding.base import Embedder, EmbeddingModel
from conversation_genome.errors import InputError
from conversation_genome.publishing import rows
from conversation_genome.publishing.card import write_card
from conversation_genome.publishing.folder import replaced_folder
from conversation_genome.publishing.licences import redistribution_licence
from conversation_genome.publishing.publication import Publication
from conversation_genome.publishing.tables import TABLES, TableWriter, schemas
from conversation_genome.record import ConsensusTag, MergedRecord

EMBEDDED_TAGS: Final = 512
"""New tags that are embedded in one call."""
NO_LICENCE: Final = "no licence stated"


def write_dataset(records: Iterable[MergedRecord], folder: Path, *, embedder: Embedder | None = None) -> Publication:
    """Write the dataset in place of `folder` and return what was written.

    Rows stand in the order of the records. A conversation without a licence that lets it be passed on is
    left out and counted. With an embedder of the records' own model, tags carry their vectors.

    Raises:
        InputError: If records carry vectors of different models, or the embedder is of another one.
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
        self._writers: dict[str, TableWriter] = {}
        self._seen_tags: set[bytes] = set()
        self._waiting_tags: dict[str, ConsensusTag] = {}
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
        self._writers["conversations"].add([rows.conversation_row(record, licence)])
        self._writers["windows"].add(rows.window_rows(record))
        self._writers["conversation_tags"].add(rows.conversation_tag_rows(record))
        self._writers["profiles"].add(rows.profile_rows(record))
        self._add_tags(record)

    def finish(self) -> None:
        if not self._writers:
            self._open_writers(self._embedder.model.dimensions if self._embedder else 1)
        self._write_tags()

    def publication(self, folder: Path) -> Publication:
        files = sorted(self._folder.rglob("*.parquet"))
        return Publication(
            folder=folder,
            rows={name: self._writers[name].count for name in TABLES},
            licences=dict(sorted(self._licences.items())),
            left_out=dict(sorted(self._left_out.items())),
            languages=dict(sorted(self._languages.items())),
            scoring_versions=tuple(sorted(self._scoring_versions)),
            embedding_model=self._model,
            has_tag_vectors=self._embedder is not None,
            newest_record_at=self._newest,
            size_bytes=sum(file.stat().st_size for file in files),
            revision=_revision(self._folder, files),
        )

    def _open(self, record: MergedRecord) -> None:
        model = record.embedding_model
        for other in (self._model, self._embedder.model if self._embedder else None):
            if other is not None and other != model:
                msg = (
                    f"conversation {record.conversation.id!r} has vectors of {model.name} ({model.revision}), the "
                    f"others of {other.name} ({other.revision}); embed it again, or publish one model at a time"
                )
                raise InputError(msg)
        if self._model is None:
            self._model = model
            self._open_writers(model.dimensions)

    def _open_writers(self, dimensions: int) -> None:
        for name, schema in schemas(dimensions).items():
            self._writers[name] = self._files.enter_context(TableWriter(self._folder, name, schema))

    def _count(self, record: MergedRecord, licence: str) -> None:
        self._licences[licence] += 1
        if record.conversation.language:
            self._languages[record.conversation.language] += 1
        self._scoring_versions.add(record.scoring_version)
        self._newest = max(record.merged_at, self._newest or record.merged_at)

    def _add_tags(self, record: MergedRecord) -> None:
        for id_, tag in rows.tags_of(record).items():
            key = bytes.fromhex(id_)
            if key not in self._seen_tags:
                self._seen_tags.add(key)
                self._waiting_tags[id_] = tag
        if len(self._waiting_tags) >= EMBEDDED_TAGS:
            self._write_tags()

    def _write_tags(self) -> None:
        tags = self._waiting_tags
        self._waiting_tags = {}
        vectors = self._embedder.embed([tag.text for tag in tags.values()]) if self._embedder else [None] * len(tags)
        self._writers["tags"].add(
            rows.tag_row(id_, tag, self._model if self._embedder else None, vector)
            for (id_, tag), vector in zip(tags.items(), vectors, strict=True)
        )


def _revision(folder: Path, files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        whole.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return whole.hexdigest()
