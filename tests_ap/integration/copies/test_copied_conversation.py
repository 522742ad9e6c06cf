"""A validator plays a conversation's windows with two readers and a copier; the server divides the reward as it does."""

import asyncio
import unittest
from collections import defaultdict
from typing import Any

from conversation_genome.annotation import GroundTruth, Hotkey, Outcome, Tag
from conversation_genome.chain.base import Endpoint
from conversation_genome.client.miners import Reply
from conversation_genome.conversation import TASK_LEVEL, Conversation, Window
from conversation_genome.protocol.messages import Bundle, MinerAnswer, MinerTask
from conversation_genome.scoring.copies import roots
from conversation_genome.tasks.registry import task_type
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.neurons import neuron
from tests_ap.unit.server.rig import ServerCase
from validators.stretch import StretchPlayer
from validators.window_round import Leased, WindowRound

SUBJECTS = (
    "glacier", "trumpet", "harbour", "beehive", "comet", "pottery", "marathon", "orchid", "lantern", "violin", "tortoise",
    "sourdough", "submarine", "telescope", "windmill", "cathedral", "mushroom", "parachute", "vineyard", "origami",
    "espresso", "lighthouse", "accordion", "caravan", "waterfall", "hammock", "porridge", "canoe", "scarecrow", "tractor",
)  # fmt: skip
MINERS = ("author", "copier", "reader")


def talk() -> dict[str, Any]:
    lines = [[number % 2, f"Then somebody brought the {subject} up."] for number, subject in enumerate(SUBJECTS)]
    return {"id": "talk", "source": "test", "license": "CC0", "participants": ["Ada", "Bo"], "lines": lines}


class Miners:
    """Two miners that tag what they are shown, every other line of it the second, and one that copies the first."""

    def __init__(self) -> None:
        self.tasks: dict[str, list[MinerTask]] = defaultdict(list)

    async def ask(self, hotkey: Hotkey, endpoint: Endpoint, task: MinerTask) -> Reply:
        self.tasks[hotkey].append(task)
        source = await self._authors(task) if hotkey == "copier" else task
        said = {root for _, text in source.lines for root in roots(text)}
        texts = [subject for subject in SUBJECTS if roots(subject) & said][:: 2 if hotkey == "reader" else 1]
        tags = tuple(Tag(text=text) for text in texts)
        answer = MinerAnswer(task_id=task.task_id, tags=tags, engine="same/1")
        return Reply(Outcome.SCORED, answer.model_dump_json().encode(), seconds=0.2 if hotkey == "copier" else 0.1)

    async def _authors(self, task: MinerTask) -> MinerTask:
        """Wait until the author was asked about the same window, which it meets in an order of its own."""
        lines = {text for _, text in task.lines}
        while True:
            for other in self.tasks["author"]:
                if len(lines & {text for _, text in other.lines}) > len(lines) / 2:
                    return other
            await asyncio.sleep(0.001)


class CopiedConversationTest(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        await self.admin.import_records([talk()])
        bundle = await self.alice.lease()
        assert bundle is not None
        self.miners = Miners()
        self.rewards = await self.played(bundle)

    async def played(self, bundle: Bundle) -> list[dict[Hotkey, float]]:
        """Return the validator's rewards, window by window."""
        conversation = Conversation.from_record(bundle.conversation)
        windows = [
            Window(conversation_id=conversation.id, **one.model_dump(exclude={"window_id"})) for one in bundle.windows
        ]
        tags = {one.id: tuple(Tag(text=word) for word in SUBJECTS[one.start : one.end][:40]) for one in windows}
        truth = GroundTruth(engine="test/1", tags=tags[windows[0].id], windows=tags)
        await self.alice.put_ground_truth(bundle.lease_id, truth)
        leased = Leased(bundle.lease_id, conversation, truth, task_type(bundle.task_type))
        window_round = WindowRound(
            caller=self.miners,  # type: ignore[arg-type]
            server=self.alice,
            embedder=HashEmbedder(),
            timeout_seconds=5,
            max_tags=20,
            miners_per_window=len(MINERS),
        )
        miners = [neuron(uid, name) for uid, name in enumerate(MINERS)]
        asked = {window: miners for window in windows if window.level == TASK_LEVEL}
        rewards = await StretchPlayer(window_round, steps_in_flight=len(asked), prompt_seconds=5).play(leased, asked)
        await self.alice.complete(bundle.lease_id)
        return rewards

    async def test_no_two_miners_are_shown_the_same_lines(self) -> None:
        shown = [frozenset(text for _, text in task.lines) for name in MINERS for task in self.miners.tasks[name]]
        self.assertEqual(len(set(shown)), len(MINERS) * len(self.rewards))

    async def test_the_copier_gets_next_to_nothing_of_the_one_reward_and_the_reader_is_not_touched(self) -> None:
        for rewards in self.rewards:
            self.assertGreater(rewards[Hotkey("author")], 20 * rewards[Hotkey("copier")])
            self.assertGreater(rewards[Hotkey("reader")], 5 * rewards[Hotkey("copier")])
            self.assertAlmostEqual(sum(rewards.values()), 1.0)

    async def test_the_server_finds_the_same_scores_and_the_same_order(self) -> None:
        self.assertEqual((await self.admin.stats()).disagreements, 0)
        share = {one.hotkey: one.reward_share for one in (await self.admin.miners()).miners}
        self.assertGreater(share[Hotkey("author")], share[Hotkey("reader")])
        self.assertGreater(share[Hotkey("reader")], share[Hotkey("copier")])
        self.assertLess(share[Hotkey("copier")], 0.05)

    async def test_the_copier_is_told_why(self) -> None:
        page = await self.admin.miner_answers(Hotkey("copier"), limit=1)
        self.assertIn("shares one reward with 1 other answer, of which it gets 0%", page.answers[0].reasons[-1])


if __name__ == "__main__":
    unittest.main()
