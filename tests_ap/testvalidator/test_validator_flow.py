"""A validator leases a conversation, asks three miners, hands in their answers, is told the scores, pays, sets weights.

The server and the miners are processes of their own, as on a real network; the validator runs here, step by step.
"""

import asyncio
import tempfile
import time
import unittest
from pathlib import Path
from typing import ClassVar

from conversation_genome.annotation import GroundTruth, Hotkey, Outcome
from conversation_genome.chain.base import Neuron
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.client import AdminClient, ConversationServerClient
from conversation_genome.client.miners import MinerCaller
from conversation_genome.conversation import TASK_LEVEL, Conversation, Window
from conversation_genome.engines.loading import load_engine
from conversation_genome.local.layout import Layout
from conversation_genome.local.roster import NETUID, Roster, draw_up
from conversation_genome.local.supervisor import Supervisor
from conversation_genome.protocol.messages import Bundle
from conversation_genome.protocol.reads import ConversationState
from conversation_genome.protocol.signing import load_signer
from conversation_genome.tasks.registry import task_type
from tests_ap.examples import example_conversation, ready_embedder
from validators.stretch import StretchPlayer
from validators.weight_setter import WeightSetter
from validators.window_round import Leased, WindowRound

MINERS = 3
START_SECONDS = 90.0
TIMEOUT_SECONDS = 20.0


class ValidatorFlow(unittest.IsolatedAsyncioTestCase):
    """One conversation from lease to weights."""

    layout: ClassVar[Layout]
    roster: ClassVar[Roster]
    bundle: ClassVar[Bundle]
    truth: ClassVar[GroundTruth]
    rewards: ClassVar[dict[Hotkey, float]]

    @classmethod
    def setUpClass(cls) -> None:
        ready_embedder()
        cls.layout = Layout(Path(cls.enterClassContext(tempfile.TemporaryDirectory())))
        cls.roster = draw_up(cls.layout, miners=MINERS, validators=1)
        supervisor = cls.enterClassContext(Supervisor(cls.layout.root))
        for member in (cls.roster.server, *cls.roster.miners):
            supervisor.start(member.name, member.module, member.settings, cls.layout.log(member.name))
        asyncio.run(cls._wait_until_ready(supervisor))
        cls.rewards = {}

    @classmethod
    async def _wait_until_ready(cls, supervisor: Supervisor) -> None:
        deadline = time.monotonic() + START_SECONDS
        async with AdminClient(cls.roster.server.url) as server:
            while not await server.is_ready() or len(cls._serving_miners()) < MINERS:
                supervisor.check()
                assert time.monotonic() < deadline, f"not ready within {START_SECONDS:g} s"
                await asyncio.sleep(0.1)

    @classmethod
    def _serving_miners(cls) -> list[Neuron]:
        return [one for one in LocalLedger(cls.layout.ledger).metagraph(NETUID).neurons if one.endpoint is not None]

    async def asyncSetUp(self) -> None:
        self.me = self.roster.validators[0]
        self.signer = load_signer(self.layout.wallets, "local", self.me.name)
        self.server = await self.enterAsyncContext(
            ConversationServerClient(self.roster.server.url, self.signer, self.roster.server.hotkey)
        )
        self.administrator = await self.enterAsyncContext(AdminClient(self.roster.server.url, self.roster.api_key))
        self.kind = task_type("conversation_tagging")

    def leased(self) -> tuple[Leased, list[Window]]:
        conversation = Conversation.from_record(self.bundle.conversation)
        windows = [
            Window(conversation_id=conversation.id, **one.model_dump(exclude={"window_id"}))
            for one in self.bundle.windows
        ]
        return Leased(self.bundle.lease_id, conversation, self.truth, self.kind), windows

    async def test_01_the_conversation_server_answers(self) -> None:
        print(f"\nConnected to the conversation server at {self.roster.server.url}")
        self.assertTrue(await self.administrator.is_ready())

    async def test_02_the_operator_imports_a_conversation(self) -> None:
        record = example_conversation("podcast-orchid-smuggling.txt").to_record()
        report = await self.administrator.import_records([record])
        print(f"\nImported {report.imported} conversation")
        self.assertEqual((report.imported, report.refused), (1, ()))

    async def test_03_the_validator_downloads_a_conversation_under_lease(self) -> None:
        bundle = await self.server.lease()
        assert bundle is not None
        type(self).bundle = bundle
        print(f"\nDownloaded {len(bundle.conversation['lines'])} lines and {len(bundle.windows)} windows")
        self.assertEqual(bundle.attempt, 1)

    async def test_04_nobody_is_handed_the_same_conversation_twice(self) -> None:
        again = await self.server.lease(holding=[self.bundle.lease_id])
        print("\nAsked for more work: there is none, the only conversation is held")
        self.assertIsNone(again)

    async def test_05_the_whole_conversation_yields_the_ground_truth(self) -> None:
        engine = load_engine("extractive", ready_embedder())
        conversation = Conversation.from_record(self.bundle.conversation)
        windows = [
            Window(conversation_id=conversation.id, **one.model_dump(exclude={"window_id"}))
            for one in self.bundle.windows
        ]
        type(self).truth = self.kind.generate(conversation, windows, engine)
        print(f"\nFound {len(self.truth.tags)} tags: {', '.join(tag.text for tag in self.truth.tags[:8])} ...")
        await self.server.put_ground_truth(self.bundle.lease_id, self.truth)
        self.assertEqual(set(self.truth.windows), {window.id for window in windows})

    async def test_06_each_window_goes_to_three_miners_and_each_answer_is_scored(self) -> None:
        leased, windows = self.leased()
        tasks = [window for window in windows if window.level == TASK_LEVEL]
        miners = self._serving_miners()
        caller = MinerCaller(self.signer)
        self.addAsyncCleanup(caller.aclose)
        window_round = WindowRound(
            caller=caller,
            server=self.server,
            embedder=ready_embedder(),
            timeout_seconds=TIMEOUT_SECONDS,
            max_tags=20,
            miners_per_window=len(miners),
        )
        rounds = await StretchPlayer(window_round, steps_in_flight=2, prompt_seconds=TIMEOUT_SECONDS / 2).play(
            leased, dict.fromkeys(tasks, miners)
        )
        for shares in rounds:
            self.assertAlmostEqual(sum(shares.values()), 1.0)
        type(self).rewards = {key: sum(one[key] for one in rounds) / len(rounds) for key in rounds[0]}
        print(f"\nSent {len(tasks)} windows to {len(miners)} miners, validated {len(tasks) * len(miners)} answers")

    async def test_07_the_server_computes_the_same_scores(self) -> None:
        stats = await self.administrator.stats()
        print(f"\nThe server scored {stats.answers[Outcome.SCORED]} answers itself; {stats.disagreements} differ")
        self.assertEqual(stats.disagreements, 0)
        self.assertEqual(stats.answers[Outcome.SCORED], MINERS * stats.tasks)

    async def test_08_the_server_says_why_an_answer_scored_as_it_did(self) -> None:
        page = await self.administrator.miner_answers(self.roster.miners[0].hotkey, limit=1)
        print(f"\nScore {page.answers[0].score:.3f}, because:")
        for reason in page.answers[0].reasons:
            print(f"  {reason}")
        self.assertTrue(page.answers[0].reasons)

    async def test_09_the_honest_miners_earn_more_than_the_random_one(self) -> None:
        print("\nReward shares:")
        share = {}
        for member in self.roster.miners:
            share[member.kind] = self.rewards[member.hotkey]
            print(f"  {member.kind:<15} {share[member.kind]:.1%}")
        self.assertGreater(share["honest (deep)"], share["random"])
        self.assertGreater(share["honest (light)"], share["random"])

    async def test_10_the_conversation_is_completed(self) -> None:
        status = await self.server.complete(self.bundle.lease_id)
        print(f"\nThe lease is {status.state}")
        self.assertEqual(status.state, "completed")

    async def test_11_the_merged_record_is_published(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while (await self.administrator.stats()).conversations[ConversationState.PUBLISHED] < 1:
            self.assertLess(time.monotonic(), deadline)
            await asyncio.sleep(0.1)
        detail = await self.administrator.conversation(self.bundle.conversation["id"])
        print("\nPublished: " + ", ".join(f"{tag.text} ({tag.support})" for tag in detail.tags[:8]))
        self.assertGreaterEqual(len(detail.tags), 5)

    async def test_12_the_record_is_found_by_search(self) -> None:
        hits = (await self.administrator.search("rare flowers hidden at an airport")).hits
        print(f"\nSearch finds: {hits[0].snippet[:90]}")
        self.assertEqual(hits[0].conversation_id, self.bundle.conversation["id"])

    async def test_13_the_rewards_become_weights_on_the_ledger(self) -> None:
        ledger = LocalLedger(self.layout.ledger, self.signer.hotkey)
        setter = WeightSetter(
            ledger, NETUID, alpha=0.1, state_path=self.layout.validator_state(self.me.name), held_windows=1
        )
        setter.reward(self.rewards)
        deadline = time.monotonic() + START_SECONDS
        while not setter.set_when_due():
            self.assertLess(time.monotonic(), deadline)
            await asyncio.sleep(0.1)
        weights = ledger.weights(NETUID)[self.signer.hotkey]
        print(f"\nSet weights for {len(weights)} miners")
        self.assertEqual(
            max(weights, key=lambda key: weights[key]), max(self.rewards, key=lambda key: self.rewards[key])
        )
