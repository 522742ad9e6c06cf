"""A round: several miners, one window; each answer earns for itself alone, and everything is handed in."""

import unittest
from collections.abc import Mapping

from conversation_genome.annotation import GroundTruth, Hotkey, Outcome, Tag
from conversation_genome.chain.base import Endpoint
from conversation_genome.client.miners import Reply
from conversation_genome.conversation import Conversation, ConversationId, Utterance, Window
from conversation_genome.protocol.messages import MinerAnswer, MinerTask, Receipt, Submission
from conversation_genome.tasks.registry import task_type
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.neurons import neuron
from validators.window_round import Leased, WindowRound

LINES = (
    "The orchid thief hid plants in thick socks.",
    "Customs found the slipper orchids by their smell of moss.",
    "A seedling in a flask grows for seven years.",
    "The fungus in the hill cannot be moved.",
)
TRUTH = (Tag(text="slipper orchids"), Tag(text="customs"), Tag(text="seedling in a flask"), Tag(text="fungus"))
GOOD = tuple(tag.text for tag in TRUTH)
Canned = tuple[str, ...] | bytes | Outcome


class CannedCaller:
    """Answers for every miner: with tags, with raw bytes or with an outcome."""

    def __init__(self, canned: Mapping[str, Canned]) -> None:
        self.canned = canned
        self.tasks: list[MinerTask] = []

    async def ask(self, hotkey: Hotkey, endpoint: Endpoint, task: MinerTask) -> Reply:
        self.tasks.append(task)
        answer = self.canned[hotkey]
        if isinstance(answer, Outcome):
            return Reply(answer, detail="canned")
        if isinstance(answer, tuple):
            tags = tuple(Tag(text=text) for text in answer)
            answer = MinerAnswer(task_id=task.task_id, tags=tags, engine="canned").model_dump_json().encode()
        return Reply(Outcome.SCORED, answer)


class RecordingServer:
    """Keeps what is submitted."""

    def __init__(self) -> None:
        self.submissions: dict[str, Submission] = {}

    async def submit(self, submission: Submission) -> Receipt:
        self.submissions[submission.miner_hotkey] = submission
        return Receipt(submission_id="s", score=submission.score, agrees=True, is_duplicate=False)


class WindowRoundTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        conversation = Conversation(
            id=ConversationId("secret-source-17"),
            participants=("Ines", "Hemi"),
            lines=tuple(Utterance(speaker=index % 2, text=text) for index, text in enumerate(LINES)),
        )
        self.window = Window(conversation_id=conversation.id, level=2, start=0, end=4)
        truth = GroundTruth(engine="test/1", tags=TRUTH, windows={self.window.id: TRUTH})
        self.leased = Leased("lease", conversation, truth, task_type("conversation_tagging"))
        self.server = RecordingServer()

    async def play(self, canned: Mapping[str, Canned]) -> dict[Hotkey, float]:
        self.caller = CannedCaller(canned)
        window_round = WindowRound(
            caller=self.caller,  # type: ignore[arg-type]
            server=self.server,  # type: ignore[arg-type]
            embedder=HashEmbedder(),
            timeout_seconds=1.0,
            max_tags=20,
            miners_per_window=7,
        )
        miners = [neuron(uid, name) for uid, name in enumerate(canned)]
        shown = window_round.shown(self.leased, self.window, [one.hotkey for one in miners])
        replies = [await window_round.ask(self.leased, one, shown[one.hotkey]) for one in miners]
        graded = await window_round.grade(self.leased, self.window, replies)
        (rewards,) = await window_round.settle(self.leased, [graded])
        return rewards

    async def test_the_reward_is_divided_and_the_better_answer_gets_more(self) -> None:
        rewards = await self.play({"good": GOOD, "poor": ("slipper orchids", "jet engines", "tax law")})
        self.assertAlmostEqual(sum(rewards.values()), 1.0)
        self.assertGreater(rewards[Hotkey("good")], rewards[Hotkey("poor")])

    async def test_what_a_miner_sends_changes_nobody_elses_score(self) -> None:
        await self.play({"good": GOOD})
        alone = self.server.submissions["good"].score
        hostile = b'{"tags": ' + b"[" * 5_000
        await self.play({"good": GOOD, "hostile": hostile, "late": Outcome.LATE, "html": b"<html>"})
        self.assertEqual(self.server.submissions["good"].score, alone)

    async def test_every_reply_is_handed_in_with_what_became_of_it(self) -> None:
        await self.play({"good": GOOD, "broken": b"[{}]", "late": Outcome.LATE, "gone": Outcome.UNREACHABLE})
        outcomes = {name: one.outcome for name, one in self.server.submissions.items()}
        self.assertEqual(
            outcomes,
            {
                "good": Outcome.SCORED,
                "broken": Outcome.MALFORMED,
                "late": Outcome.LATE,
                "gone": Outcome.UNREACHABLE,
            },
        )
        self.assertTrue(self.server.submissions["broken"].detail)

    async def test_answers_that_understand_nothing_earn_nothing(self) -> None:
        rewards = await self.play({"vague": ("conversation", "people", "talking"), "late": Outcome.LATE})
        self.assertEqual(set(rewards.values()), {0.0})

    async def test_no_two_miners_see_the_same_task_id_and_none_sees_the_source(self) -> None:
        await self.play({"one": GOOD, "two": GOOD})
        self.assertEqual(len({task.task_id for task in self.caller.tasks}), 2)
        for task in self.caller.tasks:
            self.assertNotIn("secret-source-17", task.model_dump_json())
            self.assertEqual(task.participants, ("SPEAKER_0", "SPEAKER_1"))

    async def test_of_many_miners_some_meet_the_speakers_under_other_labels(self) -> None:
        await self.play({f"miner-{number}": GOOD for number in range(16)})
        self.assertEqual({task.lines[0][0] for task in self.caller.tasks}, {0, 1})
