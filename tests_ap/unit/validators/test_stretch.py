"""A stretch: own orders, nobody stalls it, all windows settled together, and nothing asked twice."""

import asyncio
import unittest
from collections import Counter
from collections.abc import Callable, Sequence

from conversation_genome.annotation import GroundTruth, Hotkey, Outcome
from conversation_genome.chain.base import Neuron
from conversation_genome.client.miners import Reply
from conversation_genome.conversation import Conversation, ConversationId, Utterance, Window
from conversation_genome.scoring.copies import compare
from conversation_genome.tasks.registry import task_type
from tests_ap.neurons import neuron
from validators.stretch import StretchPlayer
from validators.window_round import GradedReply, GradedWindow, Leased

WINDOWS = tuple(Window(conversation_id="talk", level=2, start=4 * n, end=4 * n + 4) for n in range(10))
MINERS = tuple(neuron(number, f"miner-{number}") for number in range(7))
TALK = Conversation(
    id=ConversationId("talk"),
    participants=("Ines",),
    lines=tuple(Utterance(speaker=0, text=f"line {number}") for number in range(40)),
)
LEASED = Leased("lease", TALK, GroundTruth(engine="e", tags=(), windows={}), task_type("conversation_tagging"))
NOTHING = compare({}, {})


class RecordingRound:
    """Keeps the order of what is asked; a slow miner answers once `gate` is open."""

    def __init__(self, slow: str = "") -> None:
        self.asked: list[tuple[str, Window]] = []
        self.graded: Counter[Window] = Counter()
        self.settled: list[list[Window]] = []
        self.slow = slow
        self.seconds: dict[str, float] = {}
        self.gate = asyncio.Event()
        self.on_ask: Callable[[], None] = lambda: None

    def shown(self, leased: Leased, window: Window, hotkeys: Sequence[Hotkey]) -> dict[Hotkey, Window]:
        return dict.fromkeys(hotkeys, window)

    async def ask(self, leased: Leased, asked: Neuron, shown: Window) -> GradedReply:
        self.asked.append((asked.hotkey, shown))
        self.on_ask()
        await (self.gate.wait() if asked.hotkey == self.slow else asyncio.sleep(0))
        return GradedReply(asked, Reply(Outcome.LATE, seconds=self.seconds.get(asked.hotkey, 0.0)), shown, None)

    async def grade(self, leased: Leased, window: Window, replies: Sequence[GradedReply]) -> GradedWindow:
        self.graded[window] += len(replies)
        return GradedWindow(window, tuple(replies), 0.0, NOTHING)

    async def settle(
        self, leased: Leased, graded: Sequence[GradedWindow], *, stretch: int
    ) -> list[dict[Hotkey, float]]:
        self.settled.append([one.window for one in graded])
        return [{reply.neuron.hotkey: 0.0 for reply in one.replies} for one in graded]


class StretchTest(unittest.IsolatedAsyncioTestCase):
    async def play(self, round_: RecordingRound, *, steps_in_flight: int = 2) -> list[dict[Hotkey, float]]:
        player = StretchPlayer(round_, steps_in_flight=steps_in_flight, prompt_seconds=1.0)  # type: ignore[arg-type]
        async with asyncio.timeout(60):
            return await player.play(LEASED, dict.fromkeys(WINDOWS, MINERS))

    async def test_each_miner_meets_the_windows_in_an_order_of_its_own(self) -> None:
        played = RecordingRound()
        await self.play(played, steps_in_flight=1)
        orders = {miner.hotkey: tuple(w for name, w in played.asked if name == miner.hotkey) for miner in MINERS}
        self.assertEqual(len(set(orders.values())), len(MINERS))
        for order in orders.values():
            self.assertEqual(sorted(order, key=lambda one: one.start), list(WINDOWS))

    async def test_every_window_is_graded_once_with_all_of_its_replies(self) -> None:
        played = RecordingRound()
        await self.play(played)
        self.assertEqual(played.graded, dict.fromkeys(WINDOWS, len(MINERS)))

    async def test_all_windows_are_settled_together_in_the_order_of_the_talk(self) -> None:
        played = RecordingRound()
        rewards = await self.play(played)
        self.assertEqual(played.settled, [list(WINDOWS)])
        self.assertEqual([set(one) for one in rewards], [{miner.hotkey for miner in MINERS}] * len(WINDOWS))

    async def test_a_miner_that_does_not_answer_keeps_nobody_from_being_asked(self) -> None:
        played = RecordingRound(slow="miner-3")
        everything = len(WINDOWS) * len(MINERS)
        played.on_ask = lambda: played.gate.set() if len(played.asked) == everything else None
        await self.play(played, steps_in_flight=1)  # were it waited for, its gate would never open
        self.assertEqual(len(played.asked), everything)

    async def test_nobody_waits_twice_for_miners_that_take_long(self) -> None:
        played = RecordingRound()
        played.seconds = {"miner-1": 6.0, "miner-2": 9.0}
        player = StretchPlayer(played, steps_in_flight=1, prompt_seconds=5.0)  # type: ignore[arg-type]
        await player.play(LEASED, dict.fromkeys(WINDOWS, MINERS))
        self.assertEqual(player._prompt([one.hotkey for one in MINERS]), {f"miner-{n}" for n in (0, 3, 4, 5, 6)})
        played.seconds = {"miner-1": 1.0, "miner-2": 9.0}
        await player.play(LEASED, dict.fromkeys(WINDOWS, MINERS))
        self.assertIn("miner-1", player._prompt([one.hotkey for one in MINERS]))

    async def test_where_all_take_long_the_faster_half_sets_the_pace(self) -> None:
        played = RecordingRound()
        played.seconds = {one.hotkey: 6.0 + one.uid / 10 for one in MINERS}
        player = StretchPlayer(played, steps_in_flight=1, prompt_seconds=5.0)  # type: ignore[arg-type]
        await player.play(LEASED, dict.fromkeys(WINDOWS, MINERS))
        self.assertEqual(player._prompt([one.hotkey for one in MINERS]), {f"miner-{n}" for n in range(4)})

    async def test_one_that_breaks_off_leaves_every_slot_free_for_the_next_stretch(self) -> None:
        played = RecordingRound()
        player = StretchPlayer(played, steps_in_flight=1, prompt_seconds=1.0)  # type: ignore[arg-type]
        played.on_ask = _fail
        with self.assertRaises(ExceptionGroup):
            await player.play(LEASED, dict.fromkeys(WINDOWS, MINERS))
        played.on_ask = lambda: None
        async with asyncio.timeout(60):
            await player.play(LEASED, dict.fromkeys(WINDOWS, MINERS))
        self.assertEqual(len(played.settled), 1)


def _fail() -> None:
    raise RuntimeError("a bug")
