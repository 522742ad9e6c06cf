"""Together: what comes in while a run is under way waits, and is done together in the next one.

The first item never waits for others: a batch is only ever as large as the work is slow.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """Calls a function with all items that wait, one call after the other."""

    def __init__(self, run: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]) -> None:
        """Keep the function: it returns, for each item, its result or the error that this item alone gets."""
        self._run = run
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._job: asyncio.Task[None] | None = None

    async def do(self, item: Item) -> Result:
        """Return the item's result.

        Raises:
            Exception: What the function returned for this item, or raised for all of them.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._job is None:
            self._job = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        """Run until nobody waits; a caller that is gone does not stop it."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    outcomes = await self._run([item for item, _ in batch])
                except Exception as exc:  # noqa: BLE001 - passed on to everybody who waits for it
                    outcomes = [exc] * len(batch)
                for (_, future), outcome in zip(batch, outcomes, strict=True):
                    _settle(future, outcome)
        finally:
            self._job = None
            for _, future in self._waiting:
                future.cancel()


def _settle(future: asyncio.Future[Result], outcome: Result | Exception) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
