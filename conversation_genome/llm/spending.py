"""DayLedger: what was spent on a day, in one SQLite file that every process of this machine shares."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from conversation_genome.errors import LlmBudgetError

_BUSY_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and US dollars."""

    tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        """Return both together."""
        return Spent(self.tokens + other.tokens, self.usd + other.usd)

    def __sub__(self, other: "Spent") -> "Spent":
        """Return what is left of this one."""
        return Spent(self.tokens - other.tokens, self.usd - other.usd)


def _now() -> datetime:
    return datetime.now(UTC)


class DayLedger:
    """Adds up each day's spending (UTC); safe across threads and processes."""

    def __init__(self, path: Path, *, now: Callable[[], datetime] = _now) -> None:
        """Keep the ledger in that file; it is made when it is first written."""
        self._path = path
        self._now = now

    def reserve(self, cost: Spent, check: Callable[[Spent], None]) -> str:
        """Return the day to which the cost was added, once `check` did not raise on what was spent before.

        Raises:
            LlmBudgetError: If the ledger cannot be kept: what cannot be counted is not spent.
        """
        day = self._today()
        with self._opened() as database:
            check(_spent(database, day))
            _add(database, day, cost)
        return day

    def add(self, day: str, cost: Spent) -> None:
        """Add a cost, which may be negative, to a day.

        Raises:
            LlmBudgetError: If the ledger cannot be kept.
        """
        with self._opened() as database:
            _add(database, day, cost)

    def spent_on(self, day: str) -> Spent:
        """Return what was spent on a day (ISO date, UTC)."""
        with self._opened() as database:
            return _spent(database, day)

    def spent_today(self) -> Spent:
        """Return what was spent on this day (UTC)."""
        return self.spent_on(self._today())

    def _today(self) -> str:
        return self._now().astimezone(UTC).date().isoformat()

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                database.execute("BEGIN IMMEDIATE")
                database.execute("CREATE TABLE IF NOT EXISTS spent (day TEXT PRIMARY KEY, tokens INTEGER, usd REAL)")
                yield database
                database.execute("COMMIT")
            finally:
                database.close()
        except (OSError, sqlite3.Error) as exc:
            raise LlmBudgetError(
                f"what is spent cannot be kept in {self._path} ({exc}); make CGP_LLM_FOLDER a folder that may be written"
            ) from exc


def _spent(database: sqlite3.Connection, day: str) -> Spent:
    row = database.execute("SELECT tokens, usd FROM spent WHERE day = ?", (day,)).fetchone()
    return Spent(*row) if row else Spent()


def _add(database: sqlite3.Connection, day: str, cost: Spent) -> None:
    database.execute(
        "INSERT INTO spent VALUES (?, ?, ?) "
        "ON CONFLICT (day) DO UPDATE SET tokens = tokens + excluded.tokens, usd = usd + excluded.usd",
        (day, cost.tokens, cost.usd),
    )
