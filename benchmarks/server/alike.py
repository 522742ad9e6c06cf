"""`python -m benchmarks.server.alike`: the two designs over HTTP, like with like: to lease a conversation, to store an answer.

Both run on FastAPI and uvicorn, check the signature of every request, and have on the disk what they acknowledge. Neither
scores, divides nor merges: the score comes in ready made, and what ours does between and after the two calls (ground truth,
completion) is not timed. The servers stand beside each other and are asked by turns, so that all meet the same machine.
"""

import argparse
import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import quote

import httpx2
import orjson

from benchmarks.server import __main__ as servers
from benchmarks.server import load
from benchmarks.server.filling import postgresql, sqlite
from benchmarks.server.processor import postgres_processes, seconds_of
from benchmarks.server.serve import SERVER
from conversation_genome.protocol.messages import Bundle
from conversation_genome.protocol.signing import Signer

CLIENTS = (1, 8, 64)
SIZES = (1_000, 100_000, 1_000_000)
LEASES = {1_000: 64, 100_000: 64, 1_000_000: 8}
"""Conversations of a round of the original's design, by the size of its table: it takes a second for each at a million."""
ROUND = 64
MOST_ROUNDS = (SIZES[0] // ROUND - 1) // len(CLIENTS)
"""A conversation is leased once; one round goes before those that are measured."""
CONTENT = {"content-type": "application/json"}


@dataclass
class Found:
    """What the rounds took, each in seconds for one conversation: by the clock, and of the processor."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


class Side(ABC):
    """A server that is measured, and how it is asked."""

    def __init__(self, url: str, processes: Callable[[], Iterable[int]]) -> None:
        self._processes = processes
        self._http = httpx2.AsyncClient(
            base_url=url, timeout=600.0, trust_env=False, limits=httpx2.Limits(max_connections=64, keepalive_expiry=3.0)
        )
        self._held: dict[Signer, httpx2.Response] = {}

    @abstractmethod
    async def lease(self, signer: Signer) -> None:
        """Be handed a conversation."""

    @abstractmethod
    async def prepare(self, signer: Signer) -> None:
        """Do what is not timed before the answer."""

    @abstractmethod
    async def keep(self, signer: Signer) -> None:
        """Have an answer stored."""

    @abstractmethod
    async def finish(self, signer: Signer) -> None:
        """Do what is not timed after the answer."""

    async def round(self, signers: Sequence[Signer], clients: int, found: Found) -> None:
        """Lease a conversation for each signer and store an answer to it, so many at a time."""
        clock = processor = 0.0
        for work, is_timed in ((self.lease, True), (self.prepare, False), (self.keep, True), (self.finish, False)):
            before, started = seconds_of(self._processes()), time.perf_counter()
            await _by_clients(work, signers, clients)
            if is_timed:
                clock += time.perf_counter() - started
                processor += seconds_of(self._processes()) - before
        found.clock.append(clock / len(signers))
        found.processor.append(processor / len(signers))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _send(self, signer: Signer, method: str, path: str, body: bytes = b"") -> httpx2.Response:
        signed = signer.headers(method=method, path=path, body=body, receiver=SERVER.hotkey)
        response = await self._http.request(method, path, content=body, headers={**signed, **CONTENT})
        response.raise_for_status()
        return response


class Ours(Side):
    """The conversation server."""

    def __init__(self, url: str, processes: Callable[[], Iterable[int]]) -> None:
        super().__init__(url, processes)
        self._answers: dict[Signer, tuple[str, bytes]] = {}

    async def lease(self, signer: Signer) -> None:
        """Be handed a conversation."""
        self._held[signer] = await self._send(signer, "POST", "/v1/leases", b"{}")

    async def prepare(self, signer: Signer) -> None:
        """Store a ground truth, and make the answer ready."""
        bundle = Bundle.model_validate_json(self._held[signer].content)
        body = load.truth(bundle).model_dump_json().encode()
        await self._send(signer, "PUT", f"/v1/leases/{bundle.lease_id}/ground-truth", body)
        self._answers[signer] = bundle.lease_id, load.answers(bundle)[0].model_dump_json().encode()

    async def keep(self, signer: Signer) -> None:
        """Have the answer stored."""
        await self._send(signer, "POST", "/v1/submissions", self._answers[signer][1])

    async def finish(self, signer: Signer) -> None:
        """Complete the lease."""
        await self._send(signer, "POST", f"/v1/leases/{self._answers[signer][0]}/complete")


class Reference(Side):
    """The original's design."""

    async def lease(self, signer: Signer) -> None:
        """Be handed a conversation."""
        self._held[signer] = await self._send(signer, "POST", "/api/v1/conversation/reserve")

    async def prepare(self, signer: Signer) -> None:
        """Do nothing: there is no ground truth."""

    async def keep(self, signer: Signer) -> None:
        """Have the answer stored."""
        guid = quote(orjson.loads(self._held[signer].content)["guid"])
        body = orjson.dumps(
            {"hotkey": "5" * 48, "uid": 7, "tags": [tag.text for tag in load.TAGS], "mode": "validator"}
        )
        await self._send(signer, "PUT", f"/api/v1/conversation/record/{guid}", body)

    async def finish(self, signer: Signer) -> None:
        """Do nothing: there is no lease."""


async def _by_clients(work: Callable[[Signer], Awaitable[None]], signers: Sequence[Signer], clients: int) -> None:
    waiting = list(signers)

    async def client() -> None:
        while waiting:
            await work(waiting.pop())

    await asyncio.gather(*(client() for _ in range(clients)))


@contextlib.asynccontextmanager
async def _sides(signers: list[Signer], size: int, kind: str) -> AsyncIterator[dict[str, Side]]:
    async with contextlib.AsyncExitStack() as stack:
        sides: dict[str, Side] = {}
        for name, database in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
            folder, at = await stack.enter_async_context(servers.filled(database, signers, size))
            server = await stack.enter_async_context(servers.served(kind, folder, at))
            others = postgres_processes if database is postgresql else list
            sides[name] = Ours(server.url, lambda pid=server.pid, others=others: [pid, *others()])  # type: ignore[misc]
        server = await stack.enter_async_context(servers.reference_server("signed-reference", size))
        sides["original"] = Reference(server.url, lambda pid=server.pid: [pid])  # type: ignore[misc]
        for side in sides.values():
            stack.push_async_callback(side.aclose)
        yield sides


async def measure(signers: list[Signer], size: int, rounds: int, kind: str) -> list[str]:
    """Return the rows of a size."""
    rows = []
    async with _sides(signers, size, kind) as sides:
        for side in (sides["SQLite"], sides["PostgreSQL"]):
            await side.round(signers, 8, Found())  # statements are made, connections open
        for clients in CLIENTS:
            found = {name: Found() for name in sides}
            for _ in range(rounds):
                for name, side in sides.items():
                    asked = signers[: LEASES[size]] if name == "original" else signers
                    await side.round(asked, clients, found[name])
            rows.append(_row(size, clients, found))
            print(rows[-1], flush=True)
    return rows


def _row(size: int, clients: int, found: dict[str, Found]) -> str:
    clock = {name: median(one.clock) for name, one in found.items()}
    processor = {name: median(one.processor) for name, one in found.items()}
    rates = [f"{2 / clock[name]:,.0f}" for name in found]
    busy = [f"{processor[name] * 1e3:,.2f}" for name in found]
    times = [
        f"{taken['original'] / taken[name]:,.1f}" for taken in (clock, processor) for name in ("SQLite", "PostgreSQL")
    ]
    return f"| {size:,} | {clients} | {' | '.join([*rates, *busy, *times])} |"


async def main(sizes: Sequence[int], rounds: int, kind: str) -> None:
    signers = [Signer.from_uri(f"//validator-{number}") for number in range(ROUND)]
    print(
        "| conversations | clients | calls/s: SQLite | PostgreSQL | original | processor, ms a conversation: SQLite "
        "| PostgreSQL | original | times by the clock: SQLite | PostgreSQL | by the processor: SQLite | PostgreSQL |"
    )
    print("|---" * 12 + "|")
    for size in sizes:
        await measure(signers, size, rounds, kind)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server.alike", description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="conversations in the largest table")
    parser.add_argument(
        "--rounds", type=int, default=MOST_ROUNDS, choices=range(1, MOST_ROUNDS + 1), help="of 64 conversations each"
    )
    parser.add_argument(
        "--scored", action="store_true", help="let ours score every answer, which the original does not"
    )
    arguments = parser.parse_args()
    chosen = [size for size in SIZES if size <= arguments.largest]
    asyncio.run(main(chosen, arguments.rounds, "unmerged" if arguments.scored else "unscored"))
