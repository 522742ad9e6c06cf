"""The rival: the same shards by `concurrent.futures`, which Python brings. `python -m benchmarks.bulk.pool IN OUT WORKERS`."""

import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

from conversation_genome.bulk.pieces import Piece
from conversation_genome.bulk.run import Bulk
from conversation_genome.bulk.shard import Receipt
from conversation_genome.bulk.worker import Job, Worker

_workers: list[Worker] = []


class Pool:
    """Makes the shards in processes of this machine."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def describe(self) -> str:
        """Return what makes them."""
        return f"pool, {self._workers} workers"

    def receipts(self, job: Job, worker: Worker, pieces: Sequence[Piece]) -> Iterator[Receipt]:  # noqa: ARG002
        """Yield the receipts as they come."""
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self._workers, mp_context=context, initializer=_load, initargs=(job,)) as pool:
            for done in as_completed([pool.submit(_make, piece) for piece in pieces]):
                yield done.result()


def _load(job: Job) -> None:
    _workers.append(Worker(job))


def _make(piece: Piece) -> Receipt:
    return _workers[0].make(piece)


def main() -> None:
    source, out, workers, shard_bytes = sys.argv[1:]
    run = Bulk(
        source, Path(out), Pool(int(workers)), piece_bytes=int(shard_bytes), moment=datetime(2026, 1, 1, tzinfo=UTC)
    )
    print(run.run(lambda _what, _total: lambda _steps: None).model_dump_json())


if __name__ == "__main__":
    main()
