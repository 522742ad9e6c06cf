"""What one machine does alone: duplicates, the search store and the dataset, as conversations grow.

`python -m benchmarks.bulk.finishing [--conversations 2000 8000]`: real shards, copied under other ids, so that no model
has to read them; the tags repeat more than those of as many different talks would.
"""

import argparse
import dataclasses
import itertools
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.bulk.talks import DATA, write_talks
from conversation_genome.bulk.duplicates import Seen
from conversation_genome.bulk.finishing import Finisher
from conversation_genome.bulk.pieces import pieces_of
from conversation_genome.bulk.place import Place
from conversation_genome.bulk.shard import Receipt, ShardWriter, records_of, vectors_of
from conversation_genome.bulk.worker import Job, Worker
from conversation_genome.publishing import write_dataset
from conversation_genome.record import MergedRecord
from conversation_genome.vector_store.base import VectorRecord

REAL: Final = 40
"""Conversations that are read in earnest."""

Talk = tuple[MergedRecord, list[VectorRecord]]


def real_talks(folder: Path, data: Path) -> tuple[Worker, list[Talk]]:
    """Return what a worker makes of real conversations."""
    write_talks(folder / "in", data, REAL, files=1)
    source = Place(str(folder / "in"))
    worker = Worker(
        Job(
            source=source.uri, shards=str(folder / "real"), engine="extractive", moment=datetime(2026, 1, 1, tzinfo=UTC)
        )
    )
    (piece,) = pieces_of(source)[0]
    receipt, place = worker.make(piece), Place(str(folder / "real"))
    vectors: dict[str, list[VectorRecord]] = {}
    for batch in vectors_of(place, receipt):
        for one in batch:
            vectors.setdefault(one.conversation_id, []).append(one)
    return worker, [(record, vectors[record.conversation.id]) for record in records_of(place, receipt.name)]


def copies(talks: list[Talk], first: int, count: int) -> Iterator[Talk]:
    """Yield talks under other ids."""
    for number in range(first, first + count):
        record, vectors = talks[number % len(talks)]
        name = f"copy-{number:09d}"
        talk = record.conversation.model_copy(update={"id": name})
        yield (
            record.model_copy(update={"conversation": talk}),
            [dataclasses.replace(one, conversation_id=name) for one in vectors],
        )


def write_shards(place: Place, talks: list[Talk], count: int, *, each: int = 500) -> list[Receipt]:
    """Write shards of copies."""
    receipts = []
    for first in range(0, count, each):
        name, own = f"shard{first:09d}", list(copies(talks, first, min(each, count - first)))
        with tempfile.TemporaryDirectory() as scratch, ShardWriter(place, name, Path(scratch)) as writer:
            for number, (record, vectors) in enumerate(own, start=first):
                writer.add(record, f"{number:064x}", vectors)
            zeros = dict.fromkeys(("lines_spoken", "lines", "duplicates", "refused", "faults_total"), 0)
            receipt = Receipt(
                name=name, conversations=len(own), faults=(), models=writer.models, cpu_seconds=0, **zeros
            )
            writer.put(receipt)
        receipts.append(receipt)
    return receipts


def size_of(folder: Path) -> float:
    """Return megabytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def measure(folder: Path, worker: Worker, talks: list[Talk], count: int) -> str:
    """Return a row of the table."""
    place = Place(str(folder / f"shards-{count}"))
    receipts = write_shards(place, talks, count)
    finisher = Finisher(folder / f"out-{count}", place, receipts, worker.embedder)
    times = [time.process_time()]
    with Seen() as seen:
        left_out = [finisher._left_out(receipt, seen) for receipt in receipts]  # noqa: SLF001
        times.append(time.process_time())
        finisher._load(left_out, seen, lambda _steps: None)  # noqa: SLF001
    times.append(time.process_time())
    records = finisher._records(left_out, lambda _steps: None)  # noqa: SLF001
    write_dataset(records, finisher.out / "dataset", embedder=worker.embedder)
    times.append(time.process_time())
    rates = [count / (end - start) for start, end in itertools.pairwise(times)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sizes = [size_of(folder / f"shards-{count}"), size_of(finisher.out / "store"), size_of(finisher.out / "dataset")]
    cells = [*(f"{rate:,.0f}" for rate in rates), f"{finisher.records_searched:,}", f"{peak:,.0f}"]
    return f"| {count:,} | " + " | ".join([*cells, *(f"{size * 1000 / count:.1f}" for size in sizes)]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, nargs="+", default=[2_000, 8_000])
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        worker, talks = real_talks(Path(name), arguments.data)
        print(
            "| conversations | duplicates a CPU s | store a CPU s | dataset a CPU s | records in the store | peak MB so far "
            "| shards kB each | store kB each | dataset kB each |\n|---:|" + "---:|" * 8
        )
        for count in arguments.conversations:
            print(measure(Path(name), worker, talks, count), flush=True)


if __name__ == "__main__":
    sys.exit(main())
