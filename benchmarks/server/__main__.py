"""`python -m benchmarks.server`: leases plus submissions a second, over HTTP on loopback.

First with 1, 8 and 64 clients on SQLite and on PostgreSQL; then with one client while the table grows, beside the
original's reference design in the same run. Conversations have one window, each gets one answer: four requests of
ours for two of the reference, which checks, scores and divides nothing. Ours merges what is completed beside the
calls, in the same process; `unmerged` lets it lie, as the reference does.
"""

import argparse
import asyncio
import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2

from benchmarks.server import load
from benchmarks.server.filling import RECORD, copy, postgresql, sqlite
from benchmarks.server.processor import postgres_processes, seconds_of
from benchmarks.server.reference import fill
from benchmarks.server.serve import KEY, NETUID
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.client import AdminClient
from conversation_genome.process import bound_socket
from conversation_genome.protocol.signing import Signer
from conversation_server.db.database import Database

CLIENTS = (1, 8, 64)
SIZES = (1_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers."""

    url: str
    pid: int


def main() -> None:
    arguments = _arguments()
    signers = [Signer.from_uri(f"//validator-{number}") for number in range(max(CLIENTS))]
    asyncio.run(_by_clients(signers, arguments.conversations))
    asyncio.run(_by_size(signers, [size for size in SIZES if size <= arguments.largest], arguments.rounds))


async def _by_clients(signers: list[Signer], conversations: int) -> None:
    print(f"{conversations} conversations, one window each; calls/s (p95, ms; processor, ms a conversation)\n")
    print("| clients | ours, SQLite | ours, PostgreSQL | the original's design |\n|---|---|---|---|")
    for clients in CLIENTS:
        share, cells = conversations // clients, []
        for database in (sqlite, postgresql):
            async with filled(database, signers, conversations) as (folder, at), served("ours", folder, at) as server:
                others = postgres_processes() if database is postgresql else []
                before = seconds_of([server.pid, *others])
                found = await load.ours(server.url, signers[:clients], share)
                cells.append(_rate(found, seconds_of([server.pid, *others]) - before))
        async with reference_server("reference", conversations) as server:
            before = seconds_of([server.pid])
            found = await load.reference(server.url, clients, share)
            cells.append(_rate(found, seconds_of([server.pid]) - before))
        print(f"| {clients} | {' | '.join(cells)} |", flush=True)


async def _by_size(signers: list[Signer], sizes: list[int], rounds: int) -> None:
    print("\none client; lease + submission, mean ms (and leases alone, mean ms)\n")
    print("| conversations | SQLite | SQLite, unmerged | PostgreSQL | PostgreSQL, unmerged | the original's design |")
    print("|---" * 6 + "|")
    for size in sizes:
        cells = []
        for database in (sqlite, postgresql):
            async with filled(database, signers, size) as (folder, at):
                for kind in ("ours", "unmerged"):
                    async with served(kind, folder, at) as server:
                        await load.ours(server.url, signers[:1], 20)  # caches are warm, statements made
                        cells.append(_means(await load.ours(server.url, signers[:1], rounds)))
        async with reference_server("reference", size) as server:
            await load.reference(server.url, 1, 2)
            cells.append(_means(await load.reference(server.url, 1, 100 if size < 1_000_000 else 10)))
        print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


def _rate(found: load.Timings, processor: float) -> str:
    conversation = processor / len(found.leases) * 1e3
    return f"{found.rate:,.0f} ({found.p95_milliseconds:,.0f}; {conversation:,.1f})"


def _means(found: load.Timings) -> str:
    lease = sum(found.leases) / len(found.leases) * 1e3
    submission = sum(found.submissions) / len(found.submissions) * 1e3
    return f"{lease + submission:,.1f} ({lease:,.1f})"


@contextlib.asynccontextmanager
async def filled(
    database: Callable[[Path], str], signers: list[Signer], conversations: int
) -> AsyncIterator[tuple[Path, str]]:
    """Yield a folder and the URL of a database of ours with so many conversations."""
    folder = Path(tempfile.mkdtemp())
    ledger = LocalLedger.create(folder / "ledger.sqlite", netuid=NETUID)
    for signer in signers:
        ledger.register(NETUID, signer.hotkey, stake=100.0)
    at = database(folder)
    async with served("ours", folder, at) as server, AdminClient(server.url, KEY) as admin:
        await admin.import_records([RECORD])
    copied = Database(at)
    await copy(copied, conversations)
    await copied.close()
    yield folder, at
    shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def reference_server(kind: str, conversations: int) -> AsyncIterator[Served]:
    """Yield a server of the original's design, with so many conversations."""
    folder = Path(tempfile.mkdtemp())
    fill(folder, RECORD, conversations)
    async with served(kind, folder, "-") as server:
        yield server
    shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def served(kind: str, folder: Path, database: str) -> AsyncIterator[Served]:
    """Yield a server as a process of its own."""
    with bound_socket("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.server.serve", kind, str(folder), database, str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: ASYNC220 - started once, then left alone
        url = f"http://127.0.0.1:{port}"
        try:
            await _answering(url, process)
            yield Served(url, process.pid)
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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--conversations", type=int, default=1_024, help="conversations that the clients share")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="conversations in the largest table")
    parser.add_argument("--rounds", type=int, default=200, help="conversations that are timed in each table")
    return parser.parse_args()


if __name__ == "__main__":
    main()
