"""Limits: what a caller may spend lies in the database; each process draws some of it in advance.

What is spent was drawn before, in one atomic statement, so all processes together never allow more than the
setting. Of sixty thousand requests a minute, drawn in twenty draws, one in three thousand asks the database. A caller that has nothing left is refused from memory until there is more, so a flood costs the
database nothing. See docs/decisions/0014-limits-drawn-in-advance.md.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from conversation_genome.errors import TooManyRequestsError
from conversation_genome.protocol.administration import DAY_SECONDS
from conversation_server.db import budgets
from conversation_server.db.database import Database
from conversation_server.services.tools import Tools

MAX_PURSES: Final = 10_000
"""Callers whose draws a process remembers; a forgotten one draws anew."""
FORGET_EVERY: Final = 64
MINUTE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a thing may be spent in a span of time."""

    what: str
    amount: int
    """0 for no limit."""
    seconds: float
    setting: str
    """What the operator would change."""
    draws: int
    """In how many draws one process would empty it: what lies drawn when the process ends is lost."""


@dataclass(slots=True)
class _Purse:
    """What a process drew and did not spend yet."""

    left: float = 0.0
    drawn_at: float = 0.0
    empty_until: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Limits:
    """Lets each caller spend what the settings give it."""

    def __init__(self, database: Database, tools: Tools) -> None:
        self._database = database
        self._clock = tools.clock
        self._purses: OrderedDict[tuple[str, str], _Purse] = OrderedDict()
        self._draws = 0
        settings = tools.settings
        self._validator = _requests("validator", settings.server_validator_requests_per_minute)
        self._key = _requests("key", settings.server_key_requests_per_minute)
        self._anonymous = _requests("anonymous", settings.server_anonymous_requests_per_minute)
        self._import = Budget(
            "imported bytes",
            settings.server_key_import_bytes_per_day,
            DAY_SECONDS,
            "CGP_SERVER_KEY_IMPORT_BYTES_PER_DAY",
            draws=1_000,
        )

    async def validator(self, hotkey: str) -> None:
        """Count a validator's request.

        Raises:
            TooManyRequestsError: If it sent too many.
        """
        await self._spend(f"validator {hotkey}", self._validator, 1.0)

    async def key(self, key_id: str) -> None:
        """Count a request with an API key.

        Raises:
            TooManyRequestsError: If its holder sent too many.
        """
        await self._spend(f"key {key_id}", self._key, 1.0)

    async def anonymous(self, address: str) -> None:
        """Count a request of which only the address is known.

        Raises:
            TooManyRequestsError: If too many came from there.
        """
        await self._spend(f"address {address}", self._anonymous, 1.0)

    async def imported(self, key_id: str, size_bytes: int) -> None:
        """Count bytes that the holder of an API key imports.

        Raises:
            TooManyRequestsError: If they are more than the day's rest.
        """
        await self._spend(f"key {key_id}", self._import, float(size_bytes))

    async def _spend(self, caller: str, budget: Budget, amount: float) -> None:
        if not budget.amount:
            return
        purse, now = self._purse(caller, budget.what), self._clock()
        if not _take(purse, budget, amount, now):
            async with purse.turn:
                if not _take(purse, budget, amount, now):
                    await self._draw(caller, budget, purse, amount)

    async def _draw(self, caller: str, budget: Budget, purse: _Purse, amount: float) -> None:
        """Draw enough for more than this once, or just enough; refuse where even that is not there."""
        now = self._clock()
        wait = (
            purse.empty_until - now if purse.empty_until - now <= budget.seconds else 0.0
        )  # a clock that was set back
        for drawn in sorted({max(amount, budget.amount / budget.draws), amount}, reverse=True) if wait <= 0 else ():
            wait = await self._ask(caller, budget, drawn, now)
            if wait <= 0:
                purse.left, purse.drawn_at = drawn - amount, now
                return
        purse.empty_until = now + wait
        raise TooManyRequestsError(
            f"more than {budget.amount:,} {budget.what} in {budget.seconds:,.0f} s ({budget.setting}); "
            f"try again in {max(wait, 1.0):,.0f} s",
            retry_after_seconds=wait,
        )

    async def _ask(self, caller: str, budget: Budget, drawn: float, now: float) -> float:
        self._draws += 1
        if self._draws % FORGET_EVERY == 0:
            await self._database.transact(partial(budgets.forget, now=now), is_write=True)
        cost = drawn * budget.seconds / budget.amount
        spend = partial(budgets.spend, caller=caller, what=budget.what, cost=cost, window=budget.seconds, now=now)
        return await self._database.transact(spend, is_write=True)

    def _purse(self, caller: str, what: str) -> _Purse:
        purse = self._purses.setdefault((caller, what), _Purse())
        self._purses.move_to_end((caller, what))
        if len(self._purses) > MAX_PURSES:
            self._purses.popitem(last=False)
        return purse


def _requests(who: str, amount: int) -> Budget:
    return Budget("requests", amount, MINUTE_SECONDS, f"CGP_SERVER_{who.upper()}_REQUESTS_PER_MINUTE", draws=20)


def _take(purse: _Purse, budget: Budget, amount: float, now: float) -> bool:
    """Take from what was drawn; what lay there longer than a whole budget takes to refill is forgotten."""
    if not 0.0 <= now - purse.drawn_at < budget.seconds:
        purse.left = 0.0
    if purse.left < amount:
        return False
    purse.left -= amount
    return True
