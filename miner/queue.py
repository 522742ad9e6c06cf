"""Who is answered next when more is asked than can be read at once: the largest stake first, of equals who came first.

A full queue turns the smallest stake away, be it one that waits or the newcomer. All of it runs on the event loop.
"""

import asyncio
import itertools
import math
import statistics
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from conversation_genome.errors import UnavailableError

REMEMBERED: Final = 24
"""Tasks by whose median it is guessed how long one takes."""
ROUNDS_TO_LEARN: Final = 2
"""Turns that each of those at once must have had before anything is guessed: the first ones are cold, and slow."""
SHORTEST_WAIT: Final = 1
LONGEST_WAIT: Final = 60


class BusyError(UnavailableError):
    """The miner has more to read than it can; ask again after the seconds that it names."""

    code = "busy"

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        """Keep when there is room again, by a guess."""
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class NoTurnError(UnavailableError):
    """The turn did not come in time."""

    code = "no_turn"


@dataclass(eq=False, slots=True)
class _Waiting:
    stake: float
    number: int
    until: float
    """When its turn must have come, and its work be done, by the event loop's clock; infinity for no matter when."""
    turn: asyncio.Future[None] = field(repr=False)

    @property
    def rank(self) -> tuple[float, int]:
        """The smaller, the sooner."""
        return (-self.stake, self.number)


class StakeQueue:
    """Gives turns to tasks, a few at once."""

    def __init__(self, *, concurrency: int, room: int) -> None:
        """Begin empty.

        Args:
            concurrency: Turns at once; may be changed at any time.
            room: Tasks that may wait.
        """
        self.concurrency = concurrency
        self.room = room
        self.turned_away = 0
        """Tasks that waited and had to leave for a larger stake, or that found no room."""
        self._running = 0
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._took: deque[float] = deque(maxlen=REMEMBERED)

    @property
    def running(self) -> int:
        """Tasks whose turn it is."""
        return self._running

    @property
    def waiting(self) -> int:
        """Tasks that wait."""
        return len(self._waiting)

    def took(self, seconds: float) -> None:
        """Remember how long a turn lasted."""
        self._took.append(seconds)

    def expected_seconds(self, stake: float) -> float:
        """Return how long a task of this stake is likely to wait and be read; 0 where its turn would come at once.

        So a guess that was spoiled by slow work is mended as soon as there is a free turn.
        """
        if self._running < self.concurrency:
            return 0.0
        ahead = sum(one.stake >= stake for one in self._waiting)
        return self._usual() * (1 + (ahead + 1) / self.concurrency)

    @asynccontextmanager
    async def turn(self, stake: float, *, seconds: float) -> AsyncIterator["Turn"]:
        """Wait for the turn; while the block lasts, and until the turn's work is done, it counts as running.

        Whoever is not likely to be done within these seconds is sent away as soon as that is seen, not at their end.

        Raises:
            BusyError: If there is no room, or somebody with more stake takes it.
            NoTurnError: If the turn does not come within these seconds.
        """
        if self._running >= self.concurrency or self._waiting:
            await self._wait(stake, seconds)
        else:
            self._running += 1
        turn = Turn(self)
        try:
            yield turn
        finally:
            turn.leave()

    async def _wait(self, stake: float, seconds: float) -> None:
        self._make_room(stake)
        loop = asyncio.get_running_loop()
        own = _Waiting(stake, next(self._numbers), loop.time() + seconds, loop.create_future())
        self._waiting.append(own)
        try:
            async with asyncio.timeout(seconds):
                await own.turn
        except TimeoutError as exc:
            self._give_up(own)
            raise self._no_turn() from exc
        except asyncio.CancelledError:
            self._give_up(own)
            raise

    def _give_up(self, own: _Waiting) -> None:
        if own in self._waiting:
            self._waiting.remove(own)
        elif own.turn.done() and not own.turn.cancelled() and own.turn.exception() is None:
            self.release()  # the turn came just as it was given up

    def _make_room(self, stake: float) -> None:
        if len(self._waiting) < self.room:
            return
        self.turned_away += 1
        last = max(self._waiting, key=lambda one: one.rank, default=None)
        if last is None or last.stake >= stake:
            raise self._busy()
        self._waiting.remove(last)
        last.turn.set_exception(self._busy())

    def _busy(self) -> BusyError:
        after = math.ceil(self.waiting * self._usual() / self.concurrency)
        return BusyError(
            f"{self.waiting} tasks wait already, of validators with as much stake or more: try again later",
            retry_after_seconds=min(LONGEST_WAIT, max(SHORTEST_WAIT, after)),
        )

    def _usual(self) -> float:
        """Return how long a turn usually lasts; 0 while that is not known."""
        if len(self._took) < min(REMEMBERED, ROUNDS_TO_LEARN * self.concurrency):
            return 0.0
        return statistics.median(self._took)

    def _no_turn(self) -> NoTurnError:
        return NoTurnError(f"{self._running} tasks are read and {self.waiting} wait: the turn did not come in time")

    def release(self) -> None:
        """End a turn, and give it to who is next."""
        self._running -= 1
        self.call_next()

    def call_next(self) -> None:
        """Give the turns that are free to who waits, and send away whose turn will come too late."""
        while self._waiting and self._running < self.concurrency:
            first = min(self._waiting, key=lambda one: one.rank)
            self._waiting.remove(first)
            if not first.turn.done():
                self._running += 1
                first.turn.set_result(None)
        self._send_away()

    def _send_away(self) -> None:
        """Send those away who would be done too late behind those who stay."""
        now, usual, ahead = asyncio.get_running_loop().time(), self._usual(), 0
        for one in sorted(self._waiting, key=lambda one: one.rank):
            if now + usual * (1 + (ahead + 1) / self.concurrency) <= one.until:
                ahead += 1
                continue
            self._waiting.remove(one)
            if not one.turn.done():
                one.turn.set_exception(self._no_turn())


class Turn:
    """A turn that may outlast its block: work in a thread goes on though nobody waits for it any more."""

    def __init__(self, queue: StakeQueue) -> None:
        self._queue = queue
        self._work: asyncio.Future[Any] | None = None
        self._began = 0.0
        self._has_left = False
        self._is_over = False

    def holds_until(self, work: asyncio.Future[Any]) -> None:
        """Let the turn last until this work is done, too; whatever becomes of it."""
        self._work, self._began = work, time.monotonic()
        work.add_done_callback(self._work_is_done)

    def leave(self) -> None:
        """Say that the block has ended."""
        self._has_left = True
        self._end_if_over()

    def _work_is_done(self, work: asyncio.Future[Any]) -> None:
        self._queue.took(time.monotonic() - self._began)
        if not work.cancelled():
            work.exception()  # whoever still waits is told, too; nobody else need be
        self._end_if_over()

    def _end_if_over(self) -> None:
        if self._has_left and not self._is_over and (self._work is None or self._work.done()):
            self._is_over = True
            self._queue.release()
