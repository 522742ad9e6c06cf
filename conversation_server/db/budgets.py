"""What each caller may still spend: one row, changed by one statement, whoever else spends at the same moment.

A budget refills steadily and holds at most what a window of time refills. It is kept as the moment at which it is
full again, which is all that the generic cell rate algorithm remembers (ITU-T I.371 (03/2004), annex A): to spend
an amount moves that moment by the time in which the amount refills, and may not move it beyond now + window.
"""

from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Double, bindparam, case, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from conversation_server.db.models import BudgetRow

_NOW: Final = bindparam("now", type_=Double)
_LIMIT: Final = bindparam("limit", type_=Double)
_ABSURD: Final = bindparam("absurd", type_=Double)
_FROM: Final = case((BudgetRow.full_at < _NOW, _NOW), (BudgetRow.full_at > _ABSURD, _NOW), else_=BudgetRow.full_at)
"""The moment that counts: a budget is never fuller than full, and one that needs twice its window was written before
a clock was set back. Servers' clocks may differ by a window."""
_FULL_AT: Final = select(_FROM).where(BudgetRow.caller == bindparam("caller"), BudgetRow.what == bindparam("what"))
_FULL: Final = (
    select(BudgetRow.caller, BudgetRow.what)
    .where(BudgetRow.full_at < _NOW)
    .limit(500)
    .with_for_update(skip_locked=True)  # two that sweep at once never wait for each other
)
_FORGET: Final = delete(BudgetRow).where(tuple_(BudgetRow.caller, BudgetRow.what).in_(_FULL))


def spend(connection: Connection, caller: str, what: str, *, cost: float, window: float, now: float) -> float:
    """Spend from a budget and return 0, or change nothing and return the seconds after which there is enough.

    Args:
        connection: In a writing transaction.
        caller: Whose budget.
        what: Of which thing.
        cost: The seconds in which what is spent refills; one above the window empties a full budget.
        window: The seconds in which an empty budget fills.
        now: Seconds since 1970.
    """
    cost = min(cost, window)
    values = {
        "caller": caller,
        "what": what,
        "now": now,
        "limit": now + window,
        "absurd": now + 2 * window,
        "cost": cost,
        "full_at": now + cost,
    }
    if connection.execute(_statement(connection.dialect.name), values).first() is not None:
        return 0.0
    full_at = connection.execute(_FULL_AT, values).scalar_one()
    return max(float(full_at) + cost - (now + window), 0.001)


def forget(connection: Connection, now: float) -> None:
    """Remove some of the budgets that are full: they are as good as not there."""
    connection.execute(_FORGET, {"now": now})


@cache
def _statement(dialect: str) -> Any:
    """Return the statement, made once: making it costs more than running it."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    new = _FROM + bindparam("cost", type_=Double)
    statement = insert(BudgetRow).values(
        caller=bindparam("caller"), what=bindparam("what"), full_at=bindparam("full_at")
    )
    return statement.on_conflict_do_update(
        index_elements=["caller", "what"], set_={"full_at": new}, where=new <= _LIMIT
    ).returning(BudgetRow.full_at)
