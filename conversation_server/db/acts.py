"""The log of administrative acts: rows come in and stay as they are; the database itself refuses anything else."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select

from conversation_server.db.models import ActRow, OutcomeRow

LOOKED_THROUGH: Final = 10_000
_PAGE: Final = (
    select(ActRow.__table__, OutcomeRow.outcome, OutcomeRow.ended_at)
    .outerjoin(OutcomeRow, OutcomeRow.act == ActRow.seq)
    .order_by(ActRow.seq.desc())
)
_BEGIN: Final = insert(ActRow).returning(ActRow.seq)


def begin(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write an act down and return its number."""
    return int(connection.execute(_BEGIN, values).scalar_one())


def end(connection: Connection, act: int, *, outcome: str, now: float) -> None:
    """Write down how an act ended."""
    connection.execute(insert(OutcomeRow), {"act": act, "outcome": outcome, "ended_at": now})


def newest(connection: Connection, action: str, *, limit: int) -> Sequence[Row[Any]]:
    """Return the newest acts of a kind with their outcomes; older ones than the newest 10,000 are not looked for."""
    last = select(func.coalesce(func.max(ActRow.seq), 0)).scalar_subquery()
    statement = _PAGE.where(ActRow.seq > last - LOOKED_THROUGH, ActRow.action == action)
    return connection.execute(statement.limit(limit)).all()


def page(connection: Connection, *, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Return up to `limit` acts with their outcomes, newest first."""
    statement = _PAGE if before is None else _PAGE.where(ActRow.seq < before)
    return connection.execute(statement.limit(limit)).all()
