"""Merged records in, a dataset folder out: bounded memory, equal input gives equal bytes, what is unchanged is kept."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from conversation_genome.embedding.base import Embedder, EmbeddingModel
from conversation_genome.embedding.by_language import embedder_of
from conversation_genome.errors import InputError
from conversation_genome.publishing.card import write_card
from conversation_genome.publishing.folder import interrupted_folder, replaced_folder
from conversation_genome.publishing.manifest import PROGRESS, Kept, Manifest, Shard, note
from conversation_genome.publishing.other_vectors import table_name
from conversation_genome.publishing.publication import Publication
from conversation_genome.publishing.report import write_report
from conversation_genome.publishing.shards import Form, known_vectors, made_of, write_conversations, write_tags
from conversation_genome.publishing.spool import Spool
from conversation_genome.publishing.tables import TABLES, open_parquet
from conversation_genome.record import MergedRecord

SHARD_BYTES: Final = 64 * 1024 * 1024
"""Of merged records, as JSON, behind one shard; its Parquet files are a third of that or less."""
SHARD_TAGS: Final = 8_192
"""Tags in one shard: some 12 MB with 384 dimensions. Few, since the tags of a new conversation fall into many shards."""


def write_dataset(
    records: Iterable[MergedRecord],
    folder: Path,
    *,
    embedder: Embedder | None = None,
    has_original_columns: bool = False,
    shard_bytes: int = SHARD_BYTES,
    shard_tags: int = SHARD_TAGS,
) -> Publication:
    """Write the dataset in place of `folder` and return what was written.

    The order of the records does not matter. A conversation without a licence that lets it be passed on is left
    out and counted. With an embedder that has the records' own models, tags carry their vectors. The main model is
    the embedder's, or that of most records; vectors of each other model get a table of their own. A shard that
    would come out as it is in `folder`, or as an interrupted writing left it, is taken over.

    Args:
        records: What is known of each conversation; a second record of an id is left aside.
        folder: The dataset's folder.
        embedder: Embeds the tags.
        has_original_columns: Whether `conversations` has `c_guid`, and speakers by name in `transcript`.
        shard_bytes: Size of the records behind one shard; only a single record may be larger.
        shard_tags: Tags in one shard.

    Raises:
        InputError: If the embedder does not have the model of a record.
        OSError: If the folder cannot be written.
    """
    with replaced_folder(folder) as building, Spool(folder.with_name(f".{folder.name}.spool")) as spool:
        for record in records:
            spool.add(record)
        form = Form(
            main=embedder.model if embedder else next(iter(spool.models), None),
            embedder=embedder,
            has_original_columns=has_original_columns,
        )
        _check(spool, embedder)
        draft = _Draft(building, Kept(folder, interrupted_folder(folder)), form, spool)
        draft.write(shard_bytes, shard_tags)
        publication = draft.publication(folder)
        write_card(publication, building / "README.md")
        write_report(publication, building)
        (building / PROGRESS).unlink(missing_ok=True)
    return publication


def _check(spool: Spool, embedder: Embedder | None) -> None:
    if embedder is None:
        return
    for model in spool.models:
        if embedder_of(embedder, model.name, model.revision) is None:
            msg = (
                f"conversation {spool.one_of(model)!r} has a vector of {model.name} ({model.revision}), which is not "
                "at hand to embed its tags; merge it again, or publish without the tags' vectors (--no-tag-vectors)"
            )
            raise InputError(msg)


class _Draft:
    """A dataset that is being written."""

    def __init__(self, folder: Path, kept: Kept, form: Form, spool: Spool) -> None:
        self._folder = folder
        self._kept = kept
        self._form = form
        self._spool = spool
        self._shards: list[Shard] = []
        self._taken_over = 0

    def write(self, shard_bytes: int, shard_tags: int) -> None:
        for split, bits, _count in self._spool.shards(shard_bytes):
            name = f"{split}-{bits or 'all'}"
            source = made_of(self._form, name, self._spool.digests(split, bits))
            if not self._take_over(name, source):
                self._add(write_conversations(self._folder, name, source, self._spool.records(split, bits), self._form))
        for bits, _count in self._spool.tag_shards(shard_tags):
            name = f"tags-{bits or 'all'}"
            source = made_of(self._form, name, self._spool.tags(bits))
            if not self._take_over(name, source):
                known = known_vectors(self._kept.tags_among(bits))
                self._add(write_tags(self._folder, name, source, self._spool.tags(bits), self._form, known=known))
        self._write_empty()
        self._manifest = Manifest.of(self._shards)
        self._manifest.write(self._folder)

    def publication(self, folder: Path) -> Publication:
        splits: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for file in self._manifest.files:
            splits[file.table][file.split] += file.rows
        newest = self._spool.newest
        return Publication(
            folder=folder,
            rows=dict.fromkeys(TABLES, 0) | {table: sum(some.values()) for table, some in sorted(splits.items())},
            splits={table: dict(some) for table, some in sorted(splits.items())},
            sources=self._spool.licensed,
            left_out=self._spool.left_out,
            languages=self._spool.counts("language"),
            scoring_versions=tuple(self._spool.counts("scoring_version")),
            embedding_model=self._form.main if self._spool.models else None,
            other_models=self._others(),
            has_tag_vectors=self._form.embedder is not None,
            has_original_columns=self._form.has_original_columns,
            newest_record_at=datetime.fromisoformat(newest) if newest else None,
            size_bytes=sum(file.size_bytes for file in self._manifest.files),
            shards=len(self._shards),
            shards_kept=self._taken_over,
            revision=self._manifest.revision,
        )

    def _others(self) -> tuple[EmbeddingModel, ...]:
        return tuple(sorted((one for one in self._spool.models if one != self._form.main), key=table_name))

    def _take_over(self, name: str, source: str) -> bool:
        shard = self._kept.take(name, source, self._folder)
        if shard is None:
            return False
        self._taken_over += 1
        self._add(shard)
        return True

    def _add(self, shard: Shard) -> None:
        self._shards.append(shard)
        note(self._folder, shard)

    def _write_empty(self) -> None:
        """Give each table without a row a file that shows its columns; the card does not offer it to be loaded."""
        written = {file.table for shard in self._shards for file in shard.files}
        for table, schema in self._form.schemas.items():
            if table not in written:
                open_parquet(self._folder / table / "empty.parquet", schema).close()
