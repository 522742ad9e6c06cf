"""A stretch: some windows of a conversation, asked about in as many orders as there are miners, settled together.

The rule of this module: whoever is slow delays only what it was asked. A window is graded as soon as all of its own
miners have answered or timed out; the next step begins while stragglers of the one before are still awaited, and
nobody waits for a miner whose last answer took long. The pace is that of the prompt ones, who are at least half.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Neuron
from conversation_genome.conversation import Window
from validators.schedule import steps
from validators.watchdog import advance
from validators.window_round import GradedReply, GradedWindow, Leased, WindowRound

_MINERS_PER_STRAGGLER = 8
"""The next step may start when all but one in eight miners have answered; of four to fifteen, all but one."""
_FEWEST_FOR_A_STRAGGLER = 4


@dataclass(slots=True)
class _Board:
    """One window's replies as they come in."""

    window: Window
    miners: dict[Hotkey, Neuron]
    shown: dict[Hotkey, Window]
    replies: list[GradedReply] = field(default_factory=list)
    graded: GradedWindow | None = None


class _Slot:
    """A place among the steps in flight; given back once, however often that is said."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots = slots
        self._is_held = True

    def release(self, *_: object) -> None:
        if self._is_held:
            self._is_held = False
            self._slots.release()


class StretchPlayer:
    """Plays stretches of any number of conversations, with so many steps in flight among all of them."""

    def __init__(
        self,
        window_round: WindowRound,
        *,
        steps_in_flight: int,
        prompt_seconds: float,
        seconds: Mapping[Hotkey, float] | None = None,
    ) -> None:
        """Keep the round that asks, grades and settles.

        Args:
            window_round: Asks one miner about one window.
            steps_in_flight: Steps whose prompt miners are awaited at once.
            prompt_seconds: A miner whose last answer took longer is not waited for.
            seconds: What each miner's last answer took, as far as that is known.
        """
        self._round = window_round
        self._prompt_seconds = prompt_seconds
        self._seconds: dict[Hotkey, float] = dict(seconds or {})
        """What each miner's last answer took."""
        self._slots = asyncio.Semaphore(steps_in_flight)
        self._random = random.Random()  # noqa: S311 - seeded by the system; miners see no more of it than their own order

    async def play(
        self, leased: Leased, asked: Mapping[Window, Sequence[Neuron]], *, stretch: int = 0
    ) -> list[dict[Hotkey, float]]:
        """Return each window's shares of its reward, by miner, once everything is handed in.

        Args:
            leased: The conversation.
            asked: The miners of each window.
            stretch: Its number in the conversation.
        """
        boards = [self._board(leased, window, miners) for window, miners in asked.items()]
        async with asyncio.TaskGroup() as group:
            for step in steps([tuple(board.miners) for board in boards], self._random):
                await self._slots.acquire()
                slot = _Slot(self._slots)
                job = group.create_task(self._step(leased, [(boards[at], hotkey) for at, hotkey in step], slot))
                job.add_done_callback(slot.release)  # also when it is cancelled before it begins
        graded = [board.graded for board in boards if board.graded is not None]
        return await self._round.settle(leased, sorted(graded, key=lambda one: one.window.start), stretch=stretch)

    def _board(self, leased: Leased, window: Window, miners: Sequence[Neuron]) -> _Board:
        by_hotkey = {miner.hotkey: miner for miner in miners}
        return _Board(window, by_hotkey, self._round.shown(leased, window, list(by_hotkey)))

    async def _step(self, leased: Leased, asked: Sequence[tuple[_Board, Hotkey]], slot: _Slot) -> None:
        """Ask each miner about its own window; the slot is free when only stragglers are awaited."""
        awaited = self._prompt([hotkey for _, hotkey in asked])
        stragglers = max(len(awaited) // _MINERS_PER_STRAGGLER, int(len(awaited) >= _FEWEST_FOR_A_STRAGGLER))
        async with asyncio.TaskGroup() as group:
            jobs = [group.create_task(self._ask(leased, board, hotkey)) for board, hotkey in asked]
            for answered in asyncio.as_completed(jobs):
                hotkey, completed = await answered
                awaited.discard(hotkey)
                if len(awaited) <= stragglers:
                    slot.release()
                if completed is not None:
                    group.create_task(self._grade(leased, completed))

    def _prompt(self, hotkeys: Sequence[Hotkey]) -> set[Hotkey]:
        """Return the miners that a step waits for: the prompt ones, and at least the faster half."""
        by_speed = sorted(hotkeys, key=lambda hotkey: self._seconds.get(hotkey, 0.0))
        prompt = [hotkey for hotkey in by_speed if self._seconds.get(hotkey, 0.0) <= self._prompt_seconds]
        return {*prompt, *by_speed[: (len(by_speed) + 1) // 2]}

    async def _ask(self, leased: Leased, board: _Board, hotkey: Hotkey) -> tuple[Hotkey, _Board | None]:
        """Ask one miner about one window; return it, and the window if this was the last answer to it."""
        graded = await self._round.ask(leased, board.miners[hotkey], board.shown[hotkey])
        self._seconds[hotkey] = graded.reply.seconds
        advance()
        board.replies.append(graded)
        return hotkey, board if len(board.replies) == len(board.miners) else None

    async def _grade(self, leased: Leased, board: _Board) -> None:
        board.graded = await self._round.grade(leased, board.window, board.replies)
        board.replies = []
