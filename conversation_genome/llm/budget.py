"""Budget: what calls may cost, reserved at its worst before a call and settled after it.

So the limit holds however many calls run at once and whatever they turn out to cost; what a killed process had
reserved stays spent until the day ends.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from conversation_genome.errors import LlmBudgetError
from conversation_genome.llm.base import Usage
from conversation_genome.llm.prices import cost_usd, price_of
from conversation_genome.llm.spending import DayLedger, Spent

NO_LIMIT: Final = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent; 0 is no limit."""

    usd_per_run: float = NO_LIMIT
    usd_per_day: float = NO_LIMIT
    tokens_per_run: int = NO_LIMIT
    tokens_per_day: int = NO_LIMIT

    @property
    def run(self) -> Spent:
        """Of this process."""
        return Spent(self.tokens_per_run, self.usd_per_run)

    @property
    def day(self) -> Spent:
        """Of all processes that share the ledger."""
        return Spent(self.tokens_per_day, self.usd_per_day)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a call was granted."""

    model: str
    day: str
    worst: Spent


class Budget:
    """Counts what this process and this day spent, and refuses what could exceed a limit; safe across threads."""

    def __init__(self, limits: Limits, ledger: DayLedger, prices: Mapping[str, tuple[float, float]]) -> None:
        """Take the limits, where the day's spending is kept, and prices that go before the built-in ones."""
        self._limits = limits
        self._ledger = ledger
        self._prices = prices
        self._run = Spent()
        self._lock = threading.Lock()

    @property
    def spent(self) -> Spent:
        """What this process spent and reserved so far."""
        with self._lock:
            return self._run

    def require_a_limit_that_holds(self, model: str) -> None:
        """Refuse a model whose price is not known where dollars alone are limited.

        Raises:
            LlmBudgetError: If nothing would stop it.
        """
        limits_usd = self._limits.usd_per_run or self._limits.usd_per_day
        limits_tokens = self._limits.tokens_per_run or self._limits.tokens_per_day
        if limits_usd and not limits_tokens and price_of(model, self._prices) is None:
            raise LlmBudgetError(
                f"the price of {model!r} is not known, so no limit in dollars can hold: give it in CGP_LLM_PRICES "
                f'({{"{model}": [0, 0]}} if it costs nothing) or set CGP_LLM_MAX_TOKENS_PER_DAY'
            )

    def reserve(self, model: str, worst: Usage) -> Reservation:
        """Return the grant for a call that costs at most this.

        Raises:
            LlmBudgetError: If the call could exceed a limit; nothing is reserved then.
        """
        cost = self._cost(model, worst)
        with self._lock:
            _require_room(self._run, cost, self._limits.run, "this run", "RUN")
            day = self._ledger.reserve(cost, lambda spent: _require_room(spent, cost, self._limits.day, "today", "DAY"))
            self._run += cost
        return Reservation(model, day, cost)

    def settle(self, reservation: Reservation, usage: Usage | None) -> None:
        """Put what a call cost in place of what was reserved; None where nobody knows: then the worst stands."""
        if usage is None:
            return
        difference = self._cost(reservation.model, usage) - reservation.worst
        with self._lock:
            self._run += difference
            self._ledger.add(reservation.day, difference)

    def _cost(self, model: str, usage: Usage) -> Spent:
        price = price_of(model, self._prices)
        return Spent(usage.tokens, cost_usd(usage, price) if price else 0.0)


def _require_room(spent: Spent, cost: Spent, limit: Spent, when: str, name: str) -> None:
    if limit.usd and spent.usd + cost.usd > limit.usd:
        raise LlmBudgetError(
            f"{spent.usd:.4f} of {limit.usd:g} US dollars are spent {when} and this call may cost {cost.usd:.4f}; "
            f"raise CGP_LLM_MAX_USD_PER_{name}"
        )
    if limit.tokens and spent.tokens + cost.tokens > limit.tokens:
        raise LlmBudgetError(
            f"{spent.tokens:,} of {limit.tokens:,} tokens are used {when} and this call may use {cost.tokens:,}; "
            f"raise CGP_LLM_MAX_TOKENS_PER_{name}"
        )
