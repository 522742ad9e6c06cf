"""A worker: loads the models once, then makes shards of pieces."""

import hashlib
import tempfile
import time
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict

from conversation_genome import __version__
from conversation_genome.bulk.duplicates import Seen
from conversation_genome.bulk.establishing import Reader
from conversation_genome.bulk.faults import Fault
from conversation_genome.bulk.pieces import Piece
from conversation_genome.bulk.place import Place
from conversation_genome.bulk.reading import PieceReader
from conversation_genome.bulk.shard import Receipt, ShardWriter
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.by_language import ByLanguage, embedder_for
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.engines.loading import load_engine
from conversation_genome.errors import ConversationGenomeError, InputError
from conversation_genome.record import MergedRecord
from conversation_genome.search.indexing import vector_records
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.vector_store.base import VectorRecord
from conversation_genome.windowing.settings import WindowingSettings

FORMAT: Final = "1"
"""Raised when equal pieces shall give other shards than before."""
_log = structlog.get_logger(__name__)


class Job(BaseModel):
    """What every worker of a run must know, wherever it runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    """Where the files are, as a path or a URI."""
    shards: str
    """Where the shards go."""
    engine: str
    moment: datetime
    """When the run began: what records give as the moment they were made."""


class Worker:
    """Makes shards; one at a time."""

    def __init__(self, job: Job) -> None:
        """Load the models.

        Raises:
            InputError: If there is no such engine.
            ModelUnavailableError: If a model is missing.
        """
        self._job = job
        settings = load_settings(RoleSettings)
        self._embedder = load_embedder(
            settings.models_path,
            threads=settings.embedding_threads,
            cache_entries=settings.embedding_cache_entries,
            device=settings.embedding_device,
        )
        engine = load_engine(job.engine, self._embedder, settings)
        self._reader = Reader(engine, self._embedder, WindowingSettings(), keeps_sensitive=settings.profiles_sensitive)
        self._source, self._shards = Place(job.source), Place(job.shards)

    @property
    def embedder(self) -> ByLanguage:
        """What makes the vectors."""
        return self._embedder

    @cached_property
    def fingerprint(self) -> str:
        """All that decides what a shard holds, besides its piece."""
        models = [repr(model) for model in self._embedder.models]
        reader = self._reader
        parts = (FORMAT, __version__, reader.version, repr(reader.windowing), str(reader.keeps_sensitive), *models)
        return "\n".join(parts)

    def name_of(self, piece: Piece) -> str:
        """Return the name of a piece's shard: another one when anything changes that decides what is in it."""
        whole = f"{self._job.source}\n{self.fingerprint}\n{piece.model_dump_json()}"
        return hashlib.sha256(whole.encode()).hexdigest()[:24]

    def make(self, piece: Piece) -> Receipt:
        """Make the shard of a piece and return its receipt.

        Raises:
            OSError: If the file is gone or the shard cannot be written.
        """
        started = time.process_time()
        name = self.name_of(piece)
        with tempfile.TemporaryDirectory(prefix="cgp-bulk-") as folder:
            scratch = Path(folder)
            (scratch / "piece").mkdir()
            reader = PieceReader(self._source, piece, scratch / "piece")
            with ShardWriter(self._shards, name, scratch) as writer:
                refused, duplicates = self._fill(writer, reader)
                receipt = Receipt(
                    name=name,
                    conversations=writer.conversations,
                    lines_spoken=writer.lines_spoken,
                    lines=reader.lines,
                    duplicates=duplicates,
                    refused=refused,
                    faults_total=reader.faults.total,
                    faults=tuple(reader.faults.told),
                    models=writer.models,
                    cpu_seconds=round(time.process_time() - started, 3),
                )
                writer.put(receipt)
        return receipt

    def _fill(self, writer: ShardWriter, reader: PieceReader) -> tuple[int, int]:
        """Write what is known of every conversation; returns how many were refused, and how many were there before."""
        refused, duplicates = 0, 0
        with Seen() as seen:
            for conversation in reader.conversations():
                try:
                    record, vectors = self._read(conversation)
                except InputError as exc:
                    refused += 1
                    reader.faults.add(Fault(reason=f"{conversation.id!r} is left out: {exc}"))
                    continue
                if seen.is_new(conversation.id, conversation.content_hash):
                    writer.add(record, conversation.content_hash, vectors)
                else:
                    duplicates += 1
        return refused, duplicates

    def _read(self, conversation: Conversation) -> tuple[MergedRecord, list[VectorRecord]]:
        """Return what is known of a conversation and what is searched; a fault of ours in it holds up no other."""
        try:
            record = self._reader.record(conversation, self._job.moment)
            return record, vector_records(record, embedder_for(self._embedder, record.conversation.language))
        except ConversationGenomeError:
            raise
        except Exception as exc:  # the edge of a loop over what strangers wrote
            _log.exception("a conversation cannot be read", conversation=conversation.id)
            raise InputError(f"{type(exc).__name__}: {exc}; report it") from exc
