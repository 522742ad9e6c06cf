"""Bulk: one run, from a folder of files to a dataset and a search store."""

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa

from conversation_genome.bulk.pieces import PIECE_BYTES, Piece, pieces_of
from conversation_genome.bulk.place import Place
from conversation_genome.bulk.shard import Receipt, receipt_of
from conversation_genome.bulk.summary import Summary
from conversation_genome.bulk.worker import Job, Worker
from conversation_genome.errors import InputError, UnavailableError

SHARDS: Final = "shards"
READ_AT_ONCE: Final = 16
"""Receipts: in a bucket each is a round trip."""
MOMENT: Final = ".moment"
"""In the folder of shards while a run is not finished: when it began."""


Advance = Callable[[int], object]
"""Is told of steps that are done."""


class Runner(Protocol):
    """Has the shards made."""

    def describe(self) -> str:
        """Return what makes them, in words."""

    def receipts(self, job: Job, worker: Worker, pieces: Sequence[Piece]) -> Iterator[Receipt]:
        """Yield the receipts of all pieces as they are made, in any order."""


class InProcess:
    """Makes all shards here, one after the other."""

    def describe(self) -> str:
        """Return what makes them."""
        return "process"

    def receipts(self, job: Job, worker: Worker, pieces: Sequence[Piece]) -> Iterator[Receipt]:  # noqa: ARG002
        """Yield the receipts in the order of the pieces."""
        return map(worker.make, pieces)


class Bulk:
    """One run; the same run again does only what is not done."""

    def __init__(
        self,
        source: str,
        out: Path,
        runner: Runner,
        *,
        engine: str = "extractive",
        piece_bytes: int = PIECE_BYTES,
        moment: datetime | None = None,
        shards: str | None = None,
        store: str | None = None,
    ) -> None:
        """Know what is wanted.

        Args:
            source: A folder, or a file, by its path or its URI.
            out: The folder of the dataset, the store and the shards.
            runner: Who makes the shards.
            engine: What reads the conversations.
            piece_bytes: What one shard is made of, at most; a larger record is a piece of its own.
            moment: What new records give as the moment they were made; when the first run began, if None.
            shards: Where the shards go, if not into `out`: where every worker can write.
            store: The search store, if not in `out`: `s3://bucket/path`, or a PostgreSQL database.

        Raises:
            InputError: If no file system knows the source.
        """
        self._source = Place(source)
        self._out = out.resolve()
        self._runner = runner
        self._engine = engine
        self._piece_bytes = piece_bytes
        self._moment = moment
        self._store = store
        self._shards = Place(shards or str(self._out / SHARDS))

    def run(self, tell: Callable[[str, int], Advance]) -> Summary:
        """Do all that is not done, and return what there is.

        Args:
            tell: Is told what begins and of how many steps it is; returns what is told of the steps.

        Raises:
            InputError: If there is nothing to read.
            ModelUnavailableError: If a model is missing.
            UnavailableError: If a file cannot be read or written any more; the same run goes on from there.
        """
        try:
            return self._run(tell)
        except (OSError, pa.ArrowException) as exc:
            reason = str(exc).splitlines()[0][:300]
            raise UnavailableError(f"the run stopped ({reason}); the same command goes on from there") from exc

    def _run(self, tell: Callable[[str, int], Advance]) -> Summary:
        started = time.monotonic()
        pieces, passed_over = pieces_of(self._source, piece_bytes=self._piece_bytes)
        with self._alone(), self._begun() as moment:
            folder = self._source.parent if self._source.is_file() else self._source
            job = Job(source=folder.uri, shards=self._shards.uri, engine=self._engine, moment=moment)
            worker = Worker(job)
            done = self._finished(worker, pieces)
            kept = len(done)
            self._make(job, worker, pieces, done, tell)
            receipts = [done[worker.name_of(piece)] for piece in pieces]
            from conversation_genome.bulk.finishing import Finisher  # noqa: PLC0415 - LanceDB must not be there yet when Ray starts processes

            finisher = Finisher(self._out, self._shards, receipts, worker.embedder, self._store)
            total = sum(receipt.conversations for receipt in receipts)
            publication = finisher.finish(lambda what: tell(what, total))
            finisher.write_faults(pieces)
        refused = sum(receipt.refused for receipt in receipts)
        return Summary(
            out=self._out,
            runner=self._runner.describe(),
            files=len({piece.file for piece in pieces}),
            passed_over=tuple(passed_over),
            shards=len(receipts),
            shards_kept=kept,
            conversations=total,
            lines=sum(receipt.lines_spoken for receipt in receipts),
            duplicates=finisher.duplicates + sum(receipt.duplicates for receipt in receipts),
            refused=refused,
            faults=sum(receipt.faults_total for receipt in receipts) - refused,
            publication=publication,
            records_searched=finisher.records_searched,
            cpu_seconds=round(sum(receipt.cpu_seconds for receipt in receipts), 3),
            seconds=round(time.monotonic() - started, 3),
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self._out.mkdir(parents=True, exist_ok=True)
            (self._out / ".lock").touch()
        except OSError as exc:
            raise InputError(f"{self._out} cannot be written ({exc.strerror}); give another folder") from exc
        with (self._out / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise InputError(f"another run writes to {self._out}; wait for it, or give another folder") from exc
            yield

    @contextmanager
    def _begun(self) -> Iterator[datetime]:
        """Yield the moment of this run: that of the run before it, where that did not end."""
        if self._moment is not None:
            yield self._moment
            return
        if self._shards.has(MOMENT):
            moment = datetime.fromisoformat(self._shards.read(MOMENT).decode())
        else:
            moment = datetime.now(UTC).replace(microsecond=0)
            self._shards.write(MOMENT, moment.isoformat().encode())
        yield moment
        self._shards.remove(MOMENT)

    def _finished(self, worker: Worker, pieces: Sequence[Piece]) -> dict[str, Receipt]:
        there = {held.name for held in self._shards.files()}
        names = [name for name in map(worker.name_of, pieces) if f"{name}.json" in there]
        with ThreadPoolExecutor(READ_AT_ONCE) as threads:
            found = threads.map(lambda name: receipt_of(self._shards, name), names)
            return {receipt.name: receipt for receipt in found if receipt is not None}

    def _make(
        self,
        job: Job,
        worker: Worker,
        pieces: Sequence[Piece],
        done: dict[str, Receipt],
        tell: Callable[[str, int], Advance],
    ) -> None:
        advance = tell("bytes read", sum(piece.size for piece in pieces))
        missing = {worker.name_of(piece): piece for piece in pieces if worker.name_of(piece) not in done}
        advance(sum(piece.size for piece in pieces) - sum(piece.size for piece in missing.values()))
        if not missing:
            return
        for receipt in self._runner.receipts(job, worker, list(missing.values())):
            if not self._shards.has(f"{receipt.name}.json"):
                raise InputError(
                    f"a worker finished a shard that is not in {self._shards.uri} here; "
                    "give --shards a folder that every machine can write"
                )
            done[receipt.name] = receipt
            advance(missing[receipt.name].size)
