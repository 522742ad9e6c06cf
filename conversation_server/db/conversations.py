"""Conversations: put in once, changed by number, listed by cursor."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.models import ConversationRow, RecordRow, table_of
from conversation_server.db.queue import next_turn

_CONVERSATIONS: Final = table_of(ConversationRow)


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a conversation decides where it goes when a lease ends."""

    gradings: int
    failures: int
    detail: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A conversation that may come in."""

    row: Mapping[str, Any]
    """The columns of its row, but for its number and its turn."""
    record: Mapping[str, Any]
    """The columns of its record, but for the conversation's number."""


_PRESENT: Final = select(_CONVERSATIONS.c.id, _CONVERSATIONS.c.content_hash).where(
    or_(
        _CONVERSATIONS.c.id.in_(bindparam("ids", expanding=True)),
        _CONVERSATIONS.c.content_hash.in_(bindparam("hashes", expanding=True)),
    )
)
_INSERT: Final = insert(_CONVERSATIONS).returning(_CONVERSATIONS.c.seq)
_INSERT_RECORD: Final = insert(table_of(RecordRow))
_STANDING: Final = select(*(_CONVERSATIONS.c[name] for name in Standing.__slots__)).where(
    _CONVERSATIONS.c.seq == bindparam("number")
)


async def with_id(session: AsyncSession, conversation_id: str) -> ConversationRow | None:
    """Return a conversation by the id that its source gave it."""
    return await session.scalar(select(ConversationRow).where(ConversationRow.id == conversation_id))


def set_columns(connection: Connection, number: int, **values: object) -> None:
    """Set columns of a conversation to values."""
    statement = _set_statement(tuple(values))
    connection.execute(statement, {f"new_{name}": value for name, value in values.items()} | {"number": number})


def standing(connection: Connection, number: int) -> Standing:
    """Return how a conversation that is known to exist stands."""
    return Standing(*connection.execute(_STANDING, {"number": number}).one())


async def record_of(session: AsyncSession, number: int) -> RecordRow:
    """Return the record and the windows of a conversation that is known to exist."""
    return await session.get_one(RecordRow, number)


def present(connection: Connection, ids: Collection[str], hashes: Collection[str]) -> dict[str, str]:
    """Return, by id, the content hashes of the conversations that have one of these ids or of these contents."""
    found = connection.execute(_PRESENT, {"ids": list(ids), "hashes": list(hashes)})
    return {row.id: row.content_hash for row in found}


def add(connection: Connection, incoming: Incoming) -> None:
    """Put a conversation in the queue, with its record: one whose id and content are not there."""
    turn = next_turn(connection, incoming.row["source"])
    number = connection.execute(_INSERT, {**incoming.row, "turn": turn}).scalar_one()
    connection.execute(_INSERT_RECORD, {**incoming.record, "conversation": number})


async def change(session: AsyncSession, number: int, **values: object) -> None:
    """Set columns of a conversation."""
    await session.execute(
        update(ConversationRow)
        .where(ConversationRow.seq == number)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def page(session: AsyncSession, *, state: str | None, after: int, limit: int) -> Sequence[ConversationRow]:
    """Return up to `limit` conversations after a number, in the order of their import."""
    statement = select(ConversationRow).where(ConversationRow.seq > after).order_by(ConversationRow.seq).limit(limit)
    if state is not None:
        statement = statement.where(ConversationRow.state == state)
    return (await session.scalars(statement)).all()


def totals(connection: Connection) -> dict[str, tuple[int, int, int]]:
    """Return (conversations, windows, level-2 windows) by state."""
    return {state: (count, windows, tasks) for state, count, windows, tasks in connection.execute(_TOTALS)}


_TOTALS: Final = select(
    ConversationRow.state,
    func.count(),
    func.coalesce(func.sum(ConversationRow.windows), 0),
    func.coalesce(func.sum(ConversationRow.tasks), 0),
).group_by(ConversationRow.state)


@dataclass(frozen=True, slots=True)
class ToMerge:
    """A completed conversation."""

    number: int
    id: str
    attempts: int
    """At merging it, which failed."""


def next_to_merge(connection: Connection, *, now: float) -> ToMerge | None:
    """Return the completed conversation that has waited longest to be merged, or None."""
    row = connection.execute(_NEXT_TO_MERGE, {"now": now}).first()
    return None if row is None else ToMerge(*row)


_NEXT_TO_MERGE: Final = (
    select(_CONVERSATIONS.c.seq, _CONVERSATIONS.c.id, _CONVERSATIONS.c.merge_attempts)
    .where(_CONVERSATIONS.c.state == "completed", _CONVERSATIONS.c.merge_after <= bindparam("now"))
    .order_by(_CONVERSATIONS.c.merge_after, _CONVERSATIONS.c.seq)
    .limit(1)
)


def is_there(connection: Connection, number: int) -> bool:
    """Return whether a conversation was not deleted."""
    return connection.execute(_STANDING, {"number": number}).first() is not None


async def remove(session: AsyncSession, number: int) -> None:
    """Delete a conversation and everything that hangs on it; in a SQLite file zeros take its place."""
    connection = await session.connection()
    is_file = connection.dialect.name == "sqlite"
    if is_file:
        await connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        await session.execute(delete(ConversationRow).where(ConversationRow.seq == number))
    finally:
        if is_file:
            await connection.exec_driver_sql("PRAGMA secure_delete = OFF")


@cache
def _set_statement(names: tuple[str, ...]) -> Any:
    """Return the statement, made once: making it costs more than running it."""
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(_CONVERSATIONS).where(_CONVERSATIONS.c.seq == bindparam("number")).values(new)
