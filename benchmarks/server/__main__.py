"""`python -m benchmarks.server`: leases plus submissions a second, over HTTP on loopback.

First with 1, 8 and 64 clients on SQLite and on PostgreSQL; then with one client while the table grows, beside the
original's reference design in the same run. Conversations have one window, each gets one answer: four requests of
ours for two of the reference, which checks, scores and divides nothing.
"""

import argparse
import asyncio
import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text

from benchmarks.server import load
from benchmarks.server.reference import fill
from benchmarks.server.serve import KEY, NETUID
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.client import AdminClient
from conversation_genome.process import bound_socket
from conversation_genome.protocol.signing import Signer
from conversation_server.db.database import Database
from tests_ap.postgres import new_database

CLIENTS = (1, 8, 64)
SIZES = (1_000, 100_000, 1_000_000)
RECORD: dict[str, Any] = {
    "id": "talk 0",
    "source": "bench",
    "license": "CC0",
    "participants": ["Ada", "Bo"],
    "lines": [[n % 2, f"I told you about the cheese and the harbour, and that was number {n}."] for n in range(10)],
}


def main() -> None:
    arguments = _arguments()
    signers = [Signer.from_uri(f"//validator-{number}") for number in range(max(CLIENTS))]
    asyncio.run(_by_clients(signers, arguments.conversations))
    asyncio.run(_by_size(signers, [size for size in SIZES if size <= arguments.largest]))


async def _by_clients(signers: list[Signer], conversations: int) -> None:
    print(f"{conversations} conversations, one window each\n")
    print("| clients | SQLite: calls/s | p95, ms | PostgreSQL: calls/s | p95, ms |\n|---|---|---|---|---|")
    for clients in CLIENTS:
        cells = []
        for database in (_sqlite, _postgresql):
            async with _our_server(database, signers, conversations) as url:
                found = await load.ours(url, signers[:clients], conversations // clients)
            cells += [f"{found.rate:,.0f}", f"{found.p95_milliseconds:.1f}"]
        print(f"| {clients} | {' | '.join(cells)} |", flush=True)


async def _by_size(signers: list[Signer], sizes: list[int]) -> None:
    print("\none client; lease + submission, mean ms (and leases alone, mean ms)\n")
    print("| conversations | ours, SQLite | ours, PostgreSQL | the original's design |\n|---|---|---|---|")
    for size in sizes:
        cells = []
        for database in (_sqlite, _postgresql):
            async with _our_server(database, signers, size) as url:
                await load.ours(url, signers[:1], 20)  # caches are warm, statements made
                cells.append(_means(await load.ours(url, signers[:1], 200)))
        async with _reference_server(size) as url:
            await load.reference(url, 1, 2)
            cells.append(_means(await load.reference(url, 1, 100 if size < 1_000_000 else 10)))
        print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


def _means(found: load.Timings) -> str:
    lease = sum(found.leases) / len(found.leases) * 1e3
    submission = sum(found.submissions) / len(found.submissions) * 1e3
    return f"{lease + submission:,.1f} ({lease:,.1f})"


def _sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/server.sqlite"


def _postgresql(_folder: Path) -> str:
    return new_database()


@contextlib.asynccontextmanager
async def _our_server(database: Callable[[Path], str], signers: list[Signer], conversations: int) -> AsyncIterator[str]:
    folder = Path(tempfile.mkdtemp())
    ledger = LocalLedger.create(folder / "ledger.sqlite", netuid=NETUID)
    for signer in signers:
        ledger.register(NETUID, signer.hotkey, stake=100.0)
    at = database(folder)
    async with _served("ours", folder, at) as url:
        async with AdminClient(url, KEY) as admin:
            await admin.import_records([RECORD])
        await _copy(at, conversations)
        yield url
    shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def _reference_server(conversations: int) -> AsyncIterator[str]:
    folder = Path(tempfile.mkdtemp())
    fill(folder, RECORD, conversations)
    async with _served("reference", folder, "-") as url:
        yield url
    shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def _served(kind: str, folder: Path, database: str) -> AsyncIterator[str]:
    with bound_socket("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.server.serve", kind, str(folder), database, str(port)]
    with subprocess.Popen(command) as process:  # noqa: ASYNC220 - started once, then left alone
        url = f"http://127.0.0.1:{port}"
        try:
            await _answering(url, process)
            yield url
        finally:
            process.terminate()


async def _answering(url: str, process: "subprocess.Popen[bytes]") -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        while True:
            if process.poll() is not None:
                raise SystemExit("the server did not start")
            with contextlib.suppress(httpx2.HTTPError):
                await client.get(f"{url}/healthz")
                return
            await asyncio.sleep(0.05)


async def _copy(url: str, conversations: int) -> None:
    """Copy the rows of the only conversation, inside the database."""
    database = Database(url)
    async with database.write() as session:
        await session.execute(text(_COPY_CONVERSATION), {"last": conversations})
        await session.execute(text(_COPY_RECORD))
    async with database.write() as session:
        await session.execute(text("ANALYZE"))
    await database.close()


_COPY_CONVERSATION = """
WITH RECURSIVE x(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM x WHERE i < :last)
INSERT INTO conversations (seq, id, content_hash, source, language, lines, participants, windows, tasks, state, detail,
    imported_at, available_at, turn, attempts, failures, gradings, merge_attempts, merge_after)
SELECT x.i, 'talk ' || x.i, 'hash ' || x.i, source, language, lines, participants, windows, tasks, state, detail,
    imported_at, available_at, x.i, attempts, failures, gradings, merge_attempts, merge_after
FROM conversations, x WHERE conversations.seq = 1
"""
_COPY_RECORD = """
INSERT INTO records (conversation, body, labels, windows)
SELECT conversations.seq, body, labels, records.windows FROM conversations, records
WHERE records.conversation = 1 AND conversations.seq > 1
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--conversations", type=int, default=1_024, help="conversations that the clients share")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="conversations in the largest table")
    return parser.parse_args()


if __name__ == "__main__":
    main()
