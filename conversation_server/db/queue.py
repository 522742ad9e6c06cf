"""The queue that conversations wait in: sources take turns, and within a source the oldest comes first.

A conversation gets its turn at the import: one more than its source's last, but none before the turn that the
queue is at. So a source with ten thousand conversations and one with ten that came later are served alternately,
and whoever was away gains nothing by it. This is start-time fair queueing with equal weights and lengths (Goyal,
Vin, Cheng: Start-time Fair Queuing, SIGCOMM 1996, section 2).
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, case, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.leases import HandedOut
from conversation_server.db.models import ConversationRow, LeaseRow, QueueRow, RecordRow, table_of


@dataclass(frozen=True, slots=True)
class Grant:
    """What the leasing statement found."""

    conversation: int
    attempt: int
    failures: int
    """Leases that ended badly, this one counted in."""
    out: HandedOut | None = None
    """What goes out with it, where the database brings it along."""


def next_turn(connection: Connection, source: str) -> int:
    """Return the turn of a conversation that comes in now."""
    return int(connection.execute(_next_turn(connection.dialect.name), {"source": source}).scalar_one())


def take_next(connection: Connection, *, holder: str, now: float, until: float) -> Grant | None:
    """Take the next conversation that a validator may lease, or None: one statement, so that two never get the same.

    A validator never gets a conversation twice that it has graded.
    """
    # SQLite cannot select from what it changes, and is asked without a trip.
    statement = _TAKE if connection.dialect.name == "sqlite" else _TAKE_WITH_RECORD
    row = connection.execute(statement, {"holder": holder, "now": now, "until": until}).first()
    if row is None:
        return None
    number, attempt, failures, *out = row
    return Grant(number, attempt, failures, HandedOut(*out) if out else None)


async def close_overdue(session: AsyncSession, *, now: float) -> int:
    """Let conversations be merged whose further validators did not come in time; return how many."""
    result = await session.execute(_CLOSE, {"now": now})
    return int(getattr(result, "rowcount", 0))


@cache
def _next_turn(dialect: str) -> Any:
    """Return the statement, made once: making it costs more than running it."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(QueueRow).values(source=bindparam("source"), turn=_HERE)
    own, least = QueueRow.turn + 1, statement.excluded.turn
    return statement.on_conflict_do_update(
        index_elements=[QueueRow.source], set_={"turn": case((own > least, own), else_=least)}
    ).returning(QueueRow.turn)


_CONVERSATIONS: Final = table_of(ConversationRow)
_LEASES: Final = table_of(LeaseRow)
_RECORDS: Final = table_of(RecordRow)
_HERE: Final = func.coalesce(
    select(func.min(ConversationRow.turn)).where(ConversationRow.available_at.is_not(None)).scalar_subquery(),
    select(func.max(QueueRow.turn) + 1).scalar_subquery(),
    0,
)
"""The turn that the queue is at: that of the first who waits, or, where nobody waits, one that nobody had."""
_GRADED: Final = exists().where(
    _LEASES.c.conversation == _CONVERSATIONS.c.seq,
    _LEASES.c.holder == bindparam("holder"),
    _LEASES.c.state == "completed",
)
_FREE: Final = (
    select(_CONVERSATIONS.c.seq)
    .where(
        _CONVERSATIONS.c.available_at <= bindparam("now"),
        ~and_(_CONVERSATIONS.c.gradings > 0, _GRADED),
    )
    .order_by(_CONVERSATIONS.c.turn, _CONVERSATIONS.c.seq)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_TAKE: Final = (
    update(_CONVERSATIONS)
    .where(_CONVERSATIONS.c.seq == _FREE)
    .values(
        state="leased",
        available_at=bindparam("until"),
        attempts=_CONVERSATIONS.c.attempts + 1,
        failures=_CONVERSATIONS.c.failures + 1,
    )
    .returning(_CONVERSATIONS.c.seq, _CONVERSATIONS.c.attempts, _CONVERSATIONS.c.failures)
)
_TAKEN: Final = _TAKE.returning(_CONVERSATIONS.c.windows).cte("taken")
_TAKE_WITH_RECORD: Final = select(
    _TAKEN.c.seq, _TAKEN.c.attempts, _TAKEN.c.failures, _TAKEN.c.windows, _RECORDS.c.body, _RECORDS.c.windows
).join_from(_TAKEN, _RECORDS, _RECORDS.c.conversation == _TAKEN.c.seq)
_CLOSE: Final = (
    update(ConversationRow)
    .where(
        ConversationRow.gradings > 0,
        ConversationRow.available_at <= bindparam("now"),
        ConversationRow.merge_after <= bindparam("now"),
    )
    .values(state="completed", available_at=None)
    .execution_options(synchronize_session=False)
)
