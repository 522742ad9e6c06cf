"""Figures over everything there ever was: exact and of this moment while there is little, and else a little old.

Counting takes longer as the tables grow. Where there is much to count, whoever asks gets the last figures at once, and
they are counted anew beside the calls, for at most a twentieth of the time: an answer takes as long in a year as today.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

import structlog

FEW: Final = 20_000
"""Up to so many things are counted for each call: that takes some hundredths of a second."""
SHARE: Final = 20
"""Figures are kept for so many times what counting them took."""
Figures = TypeVar("Figures")
_log = structlog.get_logger(__name__)


class KeptFigures(Generic[Figures]):
    """Counts when it is asked, and keeps the figures of many things."""

    def __init__(
        self,
        count: Callable[[], Awaitable[Figures]],
        size: Callable[[Figures], int],
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Count nothing yet.

        Args:
            count: Counts now.
            size: Returns how many things some figures are of.
            clock: Seconds that only grow.
        """
        self._count = count
        self._size = size
        self._clock = clock
        self._kept: Figures | None = None
        self._took = self._counted_at = 0.0
        self._counting: asyncio.Task[Figures] | None = None

    async def get(self) -> Figures:
        """Return the figures.

        Raises:
            DatabaseAwayError: If they cannot be counted, and none were kept.
        """
        if self._kept is None:
            return await asyncio.shield(self._begin())
        if self._size(self._kept) <= FEW:
            return await self._counted()
        if self._clock() - self._counted_at > SHARE * self._took:
            self._begin().add_done_callback(_look)
        return self._kept

    async def stop(self) -> None:
        """End a counting that is under way."""
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.wait([self._counting])

    def _begin(self) -> "asyncio.Task[Figures]":
        """Return the counting that is under way, else a new one."""
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self._counted(), name="counting")
        return self._counting

    async def _counted(self) -> Figures:
        started = self._clock()
        self._kept = await self._count()
        self._counted_at = self._clock()
        self._took = self._counted_at - started
        return self._kept


def _look(counting: "asyncio.Task[Figures]") -> None:
    if not counting.cancelled() and counting.exception() is not None:
        _log.warning("the figures could not be counted anew", reason=type(counting.exception()).__name__)
