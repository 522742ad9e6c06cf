"""A subnet on the development node, every role a process of its own, all of them over the real Bittensor SDK.

Keys register and stake by signed calls, miners publish endpoints, two validators grade and set weights, and the
epoch pays: more to who reads a conversation well than to who answers with a single tag.
"""

import asyncio
import dataclasses
import os
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

from bittensor import Subtensor, calls
from bittensor.keyfiles import Keypair

from conversation_genome.chain.base import Metagraph
from conversation_genome.chain.bittensor import BittensorChain
from conversation_genome.client import AdminClient
from conversation_genome.errors import ChainUnavailableError
from conversation_genome.local.layout import Layout
from conversation_genome.local.roster import NETUID, Member, Roster, draw_up
from conversation_genome.local.supervisor import Supervisor, tail
from conversation_genome.sources.registry import read_source
from tests_ap.devnet.metadata import IS_THERE, WHY_NOT
from tests_ap.environment import ROOT
from tests_ap.examples import EXAMPLES, ready_embedder

TALK = EXAMPLES / "chat-antarctic-night-shift.txt"
BLOCK_SECONDS, TEMPO = 0.25, 20
WAIT_SECONDS = 120.0
STAKE_RAO = 10**12
MINERS: tuple[dict[str, object], ...] = (
    {"miner_engine": "extractive", "miner_max_tags": 12},
    {"miner_engine": "extractive", "miner_max_tags": 10},
    {"miner_engine": "extractive-light", "miner_max_tags": 8},
    {"miner_engine": "extractive-light", "miner_max_tags": 1},
    {"miner_engine": "extractive-light", "miner_max_tags": 1},
)
GOOD, LAZY = MINERS[:2], MINERS[3:]


@unittest.skipUnless(IS_THERE, WHY_NOT)
class BittensorSubnetTest(unittest.TestCase):
    """One run; the tests look at the metagraph that it left."""

    paid: ClassVar[Metagraph]
    roster: ClassVar[Roster]

    @classmethod
    def setUpClass(cls) -> None:
        ready_embedder()
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.enterClassContext(mock.patch.dict(os.environ, {"BITTENSOR_RUNTIME_CACHE_DIR": str(folder / "cache")}))
        url = cls.start_node()
        layout = Layout(folder / "subnet")
        cls.roster = _on(url, draw_up(layout, miners=len(MINERS), validators=2))
        _register(url, cls.roster)
        chain = BittensorChain(url)
        cls.addClassCleanup(chain.close)
        with Supervisor(layout.root) as supervisor:
            cls.paid = asyncio.run(_run(cls.roster, layout, supervisor, chain))

    @classmethod
    def start_node(cls) -> str:
        command = ["-m", "tests_ap.devnet", "--netuid", str(NETUID), "--tempo", str(TEMPO)]
        process = subprocess.Popen(
            [sys.executable, *command, "--block-seconds", str(BLOCK_SECONDS)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        cls.addClassCleanup(process.__exit__, None, None, None)
        cls.addClassCleanup(process.terminate)
        assert process.stdout
        return process.stdout.readline().strip()

    def incentives(self, members: tuple[Member, ...]) -> list[float]:
        return [self.paid.by_hotkey[member.hotkey].incentive for member in members]

    def test_who_reads_well_earns_more_than_who_answers_with_one_tag(self) -> None:
        good, lazy = self.incentives(self.roster.miners[: len(GOOD)]), self.incentives(self.roster.miners[-len(LAZY) :])
        self.assertGreater(min(good), max(lazy))
        self.assertAlmostEqual(sum(self.incentives(self.roster.miners)), 1.0, places=3)

    def test_both_validators_set_weights_and_are_paid(self) -> None:
        validators = [self.paid.by_hotkey[member.hotkey] for member in self.roster.validators]
        self.assertTrue(all(one.last_update > 0 and one.dividends > 0 for one in validators), validators)


def _on(url: str, roster: Roster) -> Roster:
    """Return the roster of a local subnet with everybody on this node, and honest miners of our kinds."""

    def moved(member: Member, **settings: object) -> Member:
        there = {"subtensor_network": url, "subtensor_fallback_endpoints": url}
        return dataclasses.replace(member, settings=member.settings | there | settings)

    miners = (moved(miner, miner_behaviour="honest", **kind) for miner, kind in zip(roster.miners, MINERS, strict=True))
    return dataclasses.replace(
        roster,
        server=moved(roster.server, server_validators_per_conversation=len(roster.validators)),
        miners=tuple(miners),
        validators=tuple(moved(validator, server_hotkey=roster.server.hotkey) for validator in roster.validators),
    )


def _register(url: str, roster: Roster) -> None:
    """Register everybody by signed calls, and stake the validators."""
    cold = Keypair.create_from_uri("//Alice")
    with Subtensor(url, fallback_endpoints=[], archive_endpoints=[]) as client:
        wanted: list[Any] = [
            calls.SubtensorModule.burned_register(netuid=NETUID, hotkey=member.hotkey)
            for member in (*roster.validators, *roster.miners)
        ]
        wanted += [
            calls.SubtensorModule.add_stake(netuid=NETUID, hotkey=member.hotkey, amount_staked=STAKE_RAO)
            for member in roster.validators
        ]
        for call in wanted:
            client.submit_call(call, cold, signer="coldkey").raise_for_failure()


async def _run(roster: Roster, layout: Layout, supervisor: Supervisor, chain: BittensorChain) -> Metagraph:
    async with AdminClient(roster.server.url, roster.api_key) as server:
        _launch(layout, supervisor, (roster.server, *roster.miners))
        await _until(server.is_ready, supervisor)
        miners = {member.hotkey for member in roster.miners}
        await _graph_with(chain, supervisor, lambda graph: all(graph.by_hotkey[one].endpoint for one in miners))
        _launch(layout, supervisor, roster.validators)
        report = await server.import_records(talk.to_record() for talk in read_source(TALK))
        assert report.imported == 1, report
        validators = {member.hotkey for member in roster.validators}
        return await _graph_with(
            chain,
            supervisor,
            lambda graph: (
                all(graph.by_hotkey[one].dividends > 0 for one in validators)
                and any(graph.by_hotkey[one].incentive > 0 for one in miners)
            ),
        )


def _launch(layout: Layout, supervisor: Supervisor, members: tuple[Member, ...]) -> None:
    for member in members:
        supervisor.start(member.name, member.module, member.settings, layout.log(member.name))


async def _graph_with(
    chain: BittensorChain, supervisor: Supervisor, condition: Callable[[Metagraph], bool]
) -> Metagraph:
    found: list[Metagraph] = []

    async def looks_so() -> bool:
        try:
            graph = await asyncio.to_thread(chain.metagraph, NETUID)
        except ChainUnavailableError:  # a node on a busy machine
            return False
        found[:] = [graph]
        return condition(graph)

    await _until(looks_so, supervisor)
    return found[0]


async def _until(condition: Callable[[], Any], supervisor: Supervisor) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not await condition():
        supervisor.check()
        assert time.monotonic() < deadline, f"not within {WAIT_SECONDS:g} s:\n{_ends_of_logs(supervisor)}"
        await asyncio.sleep(0.25)


def _ends_of_logs(supervisor: Supervisor) -> str:
    return "\n".join(f"{name}:\n{tail(log)}" for name, log in supervisor._logs.items())


if __name__ == "__main__":
    unittest.main()
