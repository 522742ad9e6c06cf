"""Leases and the ground truths that were established under them.

What validators ask for by the thousand runs on a connection, in statements that are made once: the rows of a session
and the making of a statement cost more than its running.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from conversation_server.db.models import ConversationRow, GroundTruthRow, LeaseRow, RecordRow, table_of

_LEASES: Final = table_of(LeaseRow)
_TRUTHS: Final = table_of(GroundTruthRow)
_CONVERSATIONS: Final = table_of(ConversationRow)
_RECORDS: Final = table_of(RecordRow)


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease, as far as it decides who may do what under it."""

    id: str
    holder: str
    state: str
    attempt: int
    expires_at: float
    conversation: int
    task_type: str


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What a validator is handed with a lease, as it is stored."""

    windows: int
    record: str
    """The uniform record without its labels, as JSON."""
    leased_windows: str
    """A JSON list of LeasedWindow."""


COLUMNS: Final = tuple(_LEASES.c[name] for name in HeldLease.__slots__)
"""Of a HeldLease, in its order."""
_WITH_ID: Final = select(*COLUMNS).where(_LEASES.c.id == bindparam("lease"))
_LOCKED: Final = _WITH_ID.with_for_update()
_LOCKED_CONVERSATION: Final = (
    select(_CONVERSATIONS.c.seq)
    .where(_CONVERSATIONS.c.seq == bindparam("conversation"))
    .with_for_update(key_share=True)
)
_FORGOTTEN: Final = (
    select(*COLUMNS)
    .where(
        _LEASES.c.holder == bindparam("holder"),
        _LEASES.c.state == "held",
        _LEASES.c.expires_at > bindparam("now"),
        _LEASES.c.task_type.in_(bindparam("task_types", expanding=True)),
        _LEASES.c.id.not_in(bindparam("holding", expanding=True)),
    )
    .order_by(_LEASES.c.granted_at, _LEASES.c.id)
    .limit(1)
)
_COMPLETED: Final = (
    select(*COLUMNS)
    .where(_LEASES.c.conversation == bindparam("conversation"), _LEASES.c.state == "completed")
    .order_by(_LEASES.c.attempt)
)
_EXPIRE: Final = (
    update(_LEASES)
    .where(_LEASES.c.conversation == bindparam("of_conversation"), _LEASES.c.state == "held")
    .values(state="expired")
)
_ADD: Final = insert(_LEASES)
_END: Final = update(_LEASES).where(_LEASES.c.id == bindparam("lease")).values(state=bindparam("ended"))
_EXTEND: Final = update(_LEASES).where(_LEASES.c.id == bindparam("lease")).values(expires_at=bindparam("until"))
_DIGEST: Final = select(_TRUTHS.c.digest).where(_TRUTHS.c.lease == bindparam("lease"))
_TRUTH: Final = select(_TRUTHS.c.body).where(_TRUTHS.c.lease == bindparam("lease"))
_HANDED_OUT: Final = (
    select(_CONVERSATIONS.c.windows, _RECORDS.c.body, _RECORDS.c.windows)
    .join(_RECORDS, _RECORDS.c.conversation == _CONVERSATIONS.c.seq)
    .where(_CONVERSATIONS.c.seq == bindparam("conversation"))
)
_COUNTS: Final = select(LeaseRow.holder, LeaseRow.state, func.count()).group_by(LeaseRow.holder, LeaseRow.state)


def with_id(connection: Connection, lease_id: str) -> HeldLease | None:
    """Return a lease."""
    row = connection.execute(_WITH_ID, {"lease": lease_id}).first()
    return None if row is None else HeldLease(*row)


def lock(connection: Connection, lease: HeldLease) -> HeldLease:
    """Return a lease that is known to exist, as it is now; it stays so until the transaction ends.

    First the conversation, then the lease: in the order of the statement that hands out a conversation again. On
    SQLite a transaction that writes is alone.
    """
    if connection.dialect.name == "sqlite":
        return lease
    connection.execute(_LOCKED_CONVERSATION, {"conversation": lease.conversation})
    return HeldLease(*connection.execute(_LOCKED, {"lease": lease.id}).one())


def forgotten_by(
    connection: Connection, holder: str, *, holding: Collection[str], task_types: Collection[str], now: float
) -> HeldLease | None:
    """Return a live lease of this holder that is not among those it names, oldest first."""
    given = {"holder": holder, "holding": list(holding), "task_types": list(task_types), "now": now}
    row = connection.execute(_FORGOTTEN, given).first()
    return None if row is None else HeldLease(*row)


def add(connection: Connection, lease: HeldLease, *, granted_at: float) -> None:
    """Put a lease in; the one before it on the same conversation is over."""
    if lease.attempt > 1:
        expire(connection, lease.conversation)
    connection.execute(_ADD, {name: getattr(lease, name) for name in HeldLease.__slots__} | {"granted_at": granted_at})


def expire(connection: Connection, conversation: int) -> None:
    """End the lease on a conversation that was not ended by its holder."""
    connection.execute(_EXPIRE, {"of_conversation": conversation})


def end(connection: Connection, lease_id: str, state: str) -> None:
    """Write down how a lease ended."""
    connection.execute(_END, {"lease": lease_id, "ended": state})


def extend(connection: Connection, lease_id: str, *, until: float) -> None:
    """Let a lease end later."""
    connection.execute(_EXTEND, {"lease": lease_id, "until": until})


def handed_out(connection: Connection, conversation: int) -> HandedOut:
    """Return what goes out with a lease on a conversation that is known to exist."""
    return HandedOut(*connection.execute(_HANDED_OUT, {"conversation": conversation}).one())


def counts(connection: Connection) -> list[tuple[str, str, int]]:
    """Return (holder, state, how many) of all leases."""
    return [(holder, state, count) for holder, state, count in connection.execute(_COUNTS)]


def ground_truth_digest(connection: Connection, lease_id: str) -> str | None:
    """Return the digest of the ground truth of a lease: its body may be large, and is seldom needed."""
    digest: str | None = connection.execute(_DIGEST, {"lease": lease_id}).scalar()
    return digest


def ground_truth(connection: Connection, lease_id: str) -> str:
    """Return the ground truth, as JSON, of a lease that is known to have one."""
    return str(connection.execute(_TRUTH, {"lease": lease_id}).scalar_one())


def store_ground_truth(connection: Connection, values: Mapping[str, Any]) -> None:
    """Put a ground truth in, in place of the one before it."""
    connection.execute(_store_statement(connection.dialect.name), values)


def completed(connection: Connection, conversation: int) -> list[HeldLease]:
    """Return the completed leases of a conversation, the first one first."""
    return [HeldLease(*row) for row in connection.execute(_COMPLETED, {"conversation": conversation})]


@cache
def _store_statement(dialect: str) -> Any:
    """Return the statement, made once: making it costs more than running it."""
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(GroundTruthRow)
    new = {name: statement.excluded[name] for name in ("digest", "body", "stored_at")}
    return statement.on_conflict_do_update(index_elements=["lease"], set_=new)
