"""Epochs at speed with random faults, and what has to hold after them; for a short test and a long benchmark.

Two validators: one is killed by SIGKILL now and then, the other lives from the first epoch to the last and tells whether
memory stays flat. Faults come at random: the server is killed and started again, the ledger is locked, miners die and
others take their place on other ports, a validator is killed.
"""

import asyncio
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from conversation_genome.chain.base import Metagraph
from conversation_genome.client import AdminClient
from conversation_genome.errors import ConversationGenomeError
from conversation_genome.protocol.reads import ConversationState
from tests_ap.integration.validators.subnet import VALIDATOR, Puppet, Subnet
from tests_ap.unit.server.rig import NETUID, record

SURVIVOR = f"{VALIDATOR}-1"
AHEAD = 3
CONVERSATIONS_PER_EPOCH = 1
LOCK_SECONDS = 0.1
LOOK_SECONDS = 0.02


class Soak:
    """Runs epochs and counts."""

    def __init__(self, net: Subnet, *, seed: int, faults_per_epoch: float) -> None:
        self.net = net
        self.faults: Counter[str] = Counter()
        self.resident: dict[int, int] = {}
        """Kilobytes of the validator that is never killed, by epoch."""
        self.missed: Counter[str] = Counter()
        """Epochs without new weights, by validator."""
        self.epochs = 0
        self._chance = random.Random(seed)
        self._faults_per_epoch = faults_per_epoch
        rules = net.ledger.hyperparameters(NETUID)
        self._epoch_seconds = rules.tempo * rules.block_seconds
        self._imported = 0

    async def run(self, epochs: int) -> None:
        """Let so many epochs pass."""
        server = self.net.puppets[0]
        async with self.net.admin() as admin:
            while not await admin.is_ready():  # noqa: ASYNC110 - the server is another process
                await asyncio.sleep(0.05)
            mortal = await self.net.validator(VALIDATOR, validator_stop_seconds=2.0)
            survivor = await self.net.validator(SURVIVOR, validator_stop_seconds=2.0)
            busy = asyncio.create_task(self._import(admin))
            try:
                await self._first_weights()
                breaking = asyncio.create_task(self._break(server, mortal))
                await self._watch(epochs, survivor)
                breaking.cancel()
                await asyncio.gather(breaking, return_exceptions=True)
            finally:
                busy.cancel()
                await asyncio.gather(busy, return_exceptions=True)
            self.exits = [await one.tell("stop") for one in (mortal, survivor)]

    async def _first_weights(self) -> None:
        deadline = time.monotonic() + 120.0
        while len(self.net.ledger.weights(NETUID)) < 2:
            assert time.monotonic() < deadline, self.net.log_of()[-5:]
            await asyncio.sleep(0.1)

    async def _watch(self, epochs: int, survivor: Puppet) -> None:
        """Look after every epoch whether each validator's last update lies in it, and what memory the survivor takes."""
        tempo = self.net.ledger.hyperparameters(NETUID).tempo
        graph = await asyncio.to_thread(self.net.ledger.metagraph, NETUID)
        first = seen = graph.epoch
        while self.epochs < epochs:
            await asyncio.sleep(LOOK_SECONDS)
            graph = await asyncio.to_thread(self.net.ledger.metagraph, NETUID)
            if graph.epoch == seen:
                continue
            if seen > first:  # the first was under way when the watching began
                self._count(graph, since=graph.epoch_ends - (1 + graph.epoch - seen) * tempo)
                self.epochs += graph.epoch - seen
                self.resident[self.epochs] = _resident_kilobytes(survivor.pid)
            seen = graph.epoch

    def _count(self, graph: Metagraph, *, since: int) -> None:
        """Count the validators whose weights are from before the epoch that has just ended."""
        self.missed.update(one.hotkey for one in graph.neurons if one.validator_permit and one.last_update < since)

    async def _import(self, admin: AdminClient) -> None:
        while True:
            try:
                if (await admin.stats()).conversations[ConversationState.WAITING] < AHEAD:
                    await admin.import_records([record(f"talk {self._imported}", lines=24)])
                    self._imported += 1
            except ConversationGenomeError:
                pass  # the server is being started again
            await asyncio.sleep(self._epoch_seconds / CONVERSATIONS_PER_EPOCH)

    async def _break(self, server: Puppet, mortal: Puppet) -> None:
        ways: dict[str, Callable[[], Awaitable[None]]] = {
            "server killed": lambda: _told(server, "kill"),
            "validator killed": lambda: _told(mortal, "kill"),
            "ledger locked": lambda: asyncio.to_thread(_lock, self.net.folder / "ledger.sqlite"),
            "miners replaced": self._replace_miners,
        }
        while True:
            await asyncio.sleep(self._chance.expovariate(self._faults_per_epoch / self._epoch_seconds))
            name = self._chance.choice(sorted(ways))
            await ways[name]()
            self.faults[name] += 1

    async def _replace_miners(self) -> None:
        """Let the miners die, and others with the same keys come back on other ports."""
        before = self.net.puppets[1]
        await before.close()
        self.net.puppets[1] = await self.net.miners(6)
        self.net.puppets.pop()


async def _told(puppet: Puppet, word: str) -> None:
    await puppet.tell(word)


def _lock(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5.0)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(LOCK_SECONDS)
        other.execute("ROLLBACK")


def _resident_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
