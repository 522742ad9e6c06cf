"""`python -m benchmarks.server.design`: the two designs without HTTP: to hand out a conversation, to keep an answer.

Both run in this process, by turns, in one thread at a time, and both have what they write on the disk when they return.
Ours uses up a signed request's nonce, hands out by turns of the sources, checks the lease, the ground truth and whether
the answer is there; the score comes in ready made, and no signature is checked. The original's checks nothing.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import orjson
from sqlalchemy import Connection

from benchmarks.server import load, reference
from benchmarks.server.filling import RECORD, copy, postgresql, sqlite
from benchmarks.server.serve import NO_INDEX
from conversation_genome.annotation import Hotkey
from conversation_genome.embedding.cache import CachedEmbedder
from conversation_genome.protocol.messages import Bundle, LeaseRequest
from conversation_genome.settings import ServerSettings
from conversation_genome.tasks.registry import task_type
from conversation_genome.testing.embedder import HashEmbedder
from conversation_server.db import conversations, leases
from conversation_server.db.database import Database
from conversation_server.db.upgrade import upgrade_database
from conversation_server.services import importing
from conversation_server.services.calling import Call, use
from conversation_server.services.grading import Grade, Grader, Material
from conversation_server.services.leasing import Leases
from conversation_server.services.submitting import Submissions, record
from conversation_server.services.tools import Tools

SIZES = (1_000, 100_000, 1_000_000)
VALIDATOR = Hotkey("validator")
GRADE = Grade(0.0, ("covers 0% of the window's themes",), agrees=True)


class Watch:
    """Tells how much time has gone since it was made."""

    def __init__(self) -> None:
        self._at, self._processor = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Return (seconds, seconds of the processor in this process)."""
        return time.perf_counter() - self._at, time.process_time() - self._processor


Pair = tuple[tuple[float, float], tuple[float, float]]
"""Of a lease and of an answer: (seconds, seconds of the processor)."""


class Ours:
    """Our design on one database."""

    def __init__(self, url: str, folder: Path) -> None:
        settings = ServerSettings(
            _env_file=None, server_database_url=url, server_dataset_path=folder, server_lease_seconds=1e6
        )
        embedder = CachedEmbedder(HashEmbedder())
        self.database = Database(url)
        self.tools = Tools(settings=settings, embedder=embedder, index=NO_INDEX, task_type=task_type)
        self.grader = Grader(self.tools)
        self._nonce = 0

    async def fill(self, conversations: int) -> None:
        """Import one conversation and copy it inside the database."""
        await upgrade_database(self.database)
        batch = importing.read_batch([(1, orjson.dumps(RECORD))])
        rows = importing.prepare(batch, (), self.tools.windowing, self.tools.embedder, time.time())
        await self.database.transact(partial(importing.store, batch=rows), is_write=True)
        await copy(self.database, conversations)

    async def lease(self, holding: list[str]) -> bytes:
        """Hand out a conversation."""

        def work(connection: Connection) -> bytes:
            use(connection, self._call(), now=time.time())
            handing = Leases(connection, self.tools).lease_next(VALIDATOR, LeaseRequest(holding=tuple(holding)))
            assert handing is not None, "the conversations are used up"
            return handing.bundle()

        return await self.database.transact(work, is_write=True)

    async def ground(self, bundle: Bundle) -> Material:
        """Store a ground truth, and return what an answer is graded with."""
        truth = load.truth(bundle)

        def work(connection: Connection) -> Material:
            body = truth.model_dump_json().encode()
            Leases(connection, self.tools).put_ground_truth(VALIDATOR, bundle.lease_id, truth, body)
            lease = Leases(connection, self.tools).own(VALIDATOR, bundle.lease_id)
            return Submissions(connection, self.tools, self.grader).material(lease)

        return await self.database.transact(work, is_write=True)

    async def keep(self, bundle: Bundle, material: Material) -> None:
        """Keep an answer."""
        answer = load.answers(bundle)[0]
        await self.database.transact(
            lambda connection: record(connection, self._call(), answer, material, GRADE, time.time()), is_write=True
        )

    async def pair(self) -> Pair:
        """Return what a lease and an answer take."""
        watch = Watch()
        body = await self.lease([])
        leased = watch.read()
        bundle = Bundle.model_validate_json(body)
        material = await self.ground(bundle)
        watch = Watch()
        await self.keep(bundle, material)
        kept = watch.read()
        await self.database.transact(lambda connection: _complete(connection, bundle.lease_id), is_write=True)
        return leased, kept

    def _call(self) -> Call:
        self._nonce += 1
        return Call(VALIDATOR, self._nonce)


def _complete(connection: Connection, lease_id: str) -> None:
    lease = leases.with_id(connection, lease_id)
    assert lease is not None, "a lease is gone"
    leases.end(connection, lease_id, "completed")
    conversations.set_columns(connection, lease.conversation, state="completed", available_at=None)


def reference_pair(folder: Path) -> Pair:
    """Return what the original's design takes to hand out a conversation, and to keep an answer."""
    body = {"hotkey": "5" * 48, "uid": 7, "tags": [tag.text for tag in load.TAGS], "mode": "validator"}
    watch = Watch()
    conversation = orjson.dumps(reference.reserve(folder))
    leased = watch.read()
    watch = Watch()
    reference.record(folder, orjson.loads(conversation)["guid"], body)
    return leased, watch.read()


@asynccontextmanager
async def _ours(database: Callable[[Path], str], conversations: int) -> AsyncIterator[Ours]:
    folder = Path(tempfile.mkdtemp())
    ours = Ours(database(folder), folder)
    await ours.fill(conversations)
    for _ in range(20):
        await ours.pair()
    yield ours
    await ours.database.close()
    shutil.rmtree(folder)


async def measure(size: int, rounds: int) -> str:
    """Return a row of the table."""
    folder = Path(tempfile.mkdtemp())
    reference.fill(folder, RECORD, size)
    found: dict[str, list[Pair]] = {"SQLite": [], "PostgreSQL": [], "original": []}
    async with _ours(sqlite, size) as on_sqlite, _ours(postgresql, size) as on_postgresql:
        for turn in range(rounds):
            found["SQLite"].append(await on_sqlite.pair())
            found["PostgreSQL"].append(await on_postgresql.pair())
            if size < SIZES[-1] or turn < 10:
                found["original"].append(reference_pair(folder))
    shutil.rmtree(folder)
    both = {name: _median([lease[0] + kept[0] for lease, kept in pairs]) for name, pairs in found.items()}
    alone = {name: _median([lease[0] for lease, _ in pairs]) for name, pairs in found.items()}
    processor = {name: _median([lease[1] + kept[1] for lease, kept in pairs]) for name, pairs in found.items()}
    cells = [f"{both[name]:,.2f} ({alone[name]:,.2f})" for name in found]
    times = [f"{both['original'] / both[name]:,.1f}" for name in ("SQLite", "PostgreSQL")]
    busy = [f"{processor[name]:,.2f}" for name in ("SQLite", "original")]
    return f"| {size:,} | {' | '.join([*cells, *times, *busy])} |"


def _median(seconds: list[float]) -> float:
    """Return the median in milliseconds."""
    return sorted(seconds)[len(seconds) // 2] * 1e3


async def main(sizes: list[int], rounds: int) -> None:
    print("lease + answer, median ms (leases alone); how many times ours is as fast; ms of the processor\n")
    print(
        "| conversations | ours, SQLite | ours, PostgreSQL | the original's design "
        "| times, SQLite | times, PostgreSQL | processor, SQLite | processor, original |"
    )
    print("|---" * 8 + "|")
    for size in sizes:
        print(await measure(size, rounds), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server.design", description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="conversations in the largest table")
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    asyncio.run(main([size for size in SIZES if size <= arguments.largest], arguments.rounds))
