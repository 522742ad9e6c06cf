"""Answers one task in time: whole where there is time, in part where there is not, and not at all where nobody waits.

Work runs in threads. A part of an answer (fewer looks at the same lines) is worth something, a late one nothing: so it
is sent when the turn does not come, or the work is not done, shortly before the validator gives up.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from conversation_genome.errors import UnavailableError
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from miner.behaviours import Behaviour, GivesParts
from miner.queue import NoTurnError, StakeQueue, Turn

MAX_THREADS: Final = 256
PART_THREADS: Final = 2
LEAST_MARGIN_SECONDS: Final = 0.25
MARGIN_SHARE: Final = 0.2
"""Of a task's time: what is kept for a part of an answer and for the way back."""
WAY_BACK_SHARE: Final = 0.05
"""Of a task's time: what is kept for the way back alone."""


@dataclass(frozen=True, slots=True)
class Made:
    """An answer, and how it came about."""

    answer: MinerAnswer | bytes
    is_part: bool = False


class Answering:
    """Answers tasks of validators, the largest stake first."""

    def __init__(self, behaviour: Behaviour, *, room: int) -> None:
        """Begin with nothing to do; `room` tasks may wait."""
        self._behaviour = behaviour
        self.queue = StakeQueue(concurrency=behaviour.concurrency, room=room)
        self._parts = StakeQueue(concurrency=PART_THREADS, room=room)
        self._threads = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="task")
        self._part_threads = ThreadPoolExecutor(PART_THREADS, thread_name_prefix="part")

    def changed(self, *, room: int) -> None:
        """Take the behaviour's concurrency as it is now, and so much room."""
        self.queue.concurrency = self._behaviour.concurrency
        self.queue.room = self._parts.room = room
        self.queue.call_next()

    async def answer(self, task: MinerTask, *, stake: float, elapsed_seconds: float = 0.0) -> Made:
        """Return the answer, or what there is of it shortly before the task's time is over.

        Args:
            task: What is asked.
            stake: Of who asks.
            elapsed_seconds: How much of the task's time went by on the way to here.

        Raises:
            BusyError: If there is no room for this stake.
            UnavailableError: If there is neither an answer nor a part of one in time.
            InputError: If the task cannot be read.
        """
        deadline = time.monotonic() + task.timeout_seconds - elapsed_seconds
        if not self._gives_parts:
            return await self._whole_or_nothing(task, stake, deadline)
        latest = deadline - max(LEAST_MARGIN_SECONDS, MARGIN_SHARE * task.timeout_seconds)
        if self.queue.expected_seconds(stake) > _left(latest):
            return await self._part(task, stake, deadline)
        try:
            async with self.queue.turn(stake, seconds=_left(latest)) as turn:
                work = self._begun(turn, task)
                async with asyncio.timeout(_left(latest)):
                    return Made(await asyncio.shield(work))
        except (NoTurnError, TimeoutError):
            return await self._part(task, stake, deadline)

    async def _whole_or_nothing(self, task: MinerTask, stake: float, deadline: float) -> Made:
        try:
            async with self.queue.turn(stake, seconds=_left(deadline)) as turn:
                return Made(await asyncio.shield(self._begun(turn, task)))
        except NoTurnError as exc:
            raise UnavailableError(
                f"the task waited longer than its {task.timeout_seconds:g} s: it was not begun"
            ) from exc

    def _begun(self, turn: Turn, task: MinerTask) -> asyncio.Future[MinerAnswer | bytes]:
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._behaviour.answer, task)
        turn.holds_until(work)
        return work

    def close(self) -> None:
        """Begin no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._part_threads.shutdown(wait=False, cancel_futures=True)

    @property
    def _gives_parts(self) -> bool:
        return isinstance(self._behaviour, GivesParts) and self._behaviour.has_parts

    async def _part(self, task: MinerTask, stake: float, deadline: float) -> Made:
        behaviour = self._behaviour
        if not isinstance(behaviour, GivesParts):
            raise UnavailableError("this miner gives no answers in part")
        last = deadline - WAY_BACK_SHARE * task.timeout_seconds
        too_late = UnavailableError(f"there was no answer within the task's {task.timeout_seconds:g} s")
        if self._parts.expected_seconds(stake) > _left(last):
            raise too_late
        try:
            async with self._parts.turn(stake, seconds=_left(last)) as turn:
                work = asyncio.get_running_loop().run_in_executor(self._part_threads, behaviour.part, task)
                turn.holds_until(work)
                async with asyncio.timeout(_left(deadline)):
                    return Made(await asyncio.shield(work), is_part=True)
        except (NoTurnError, TimeoutError) as exc:
            raise too_late from exc


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())
