"""Merged records, their tags, and the publications of the dataset."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.models import ConversationRow, MergedRow, PublicationRow, TagRow, table_of

_TAGS: Final = table_of(TagRow)
_FORGET_TAGS: Final = delete(_TAGS).where(_TAGS.c.conversation == bindparam("of_conversation"))
_ADD_TAGS: Final = insert(_TAGS)


def store(connection: Connection, values: Mapping[str, Any], tags: Sequence[Mapping[str, Any]]) -> None:
    """Put a merged record and its tags in, in place of those before them."""
    connection.execute(_FORGET_TAGS, {"of_conversation": values["conversation"]})
    connection.execute(_store_statement(connection.dialect.name), values)
    if tags:
        connection.execute(_ADD_TAGS, list(tags))


@cache
def _store_statement(dialect: str) -> Any:
    """Return the statement, made once: making it costs more than running it."""
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(MergedRow)
    new = {name: statement.excluded[name] for name in ("body", "merged_at")}
    return statement.on_conflict_do_update(index_elements=["conversation"], set_=new)


async def of_conversation(session: AsyncSession, conversation: int) -> MergedRow | None:
    """Return the merged record of a conversation."""
    return await session.get(MergedRow, conversation)


async def page(session: AsyncSession, *, after: int, limit: int) -> Sequence[MergedRow]:
    """Return up to `limit` merged records of published conversations after a number."""
    rows = await session.scalars(
        select(MergedRow)
        .join(ConversationRow, ConversationRow.seq == MergedRow.conversation)
        .where(MergedRow.conversation > after, ConversationRow.state == "published")
        .order_by(MergedRow.conversation)
        .limit(limit)
    )
    return rows.all()


async def tag_counts(session: AsyncSession, *, containing: str | None, limit: int) -> list[tuple[str, str, int, int]]:
    """Return (text, aspect, conversations, support) of tags, most conversations first."""
    conversations = func.count(TagRow.conversation.distinct())
    support = func.sum(TagRow.support)
    statement = (
        select(TagRow.text, TagRow.aspect, conversations, support)
        .group_by(TagRow.text, TagRow.aspect)
        .order_by(conversations.desc(), support.desc(), TagRow.text, TagRow.aspect)
        .limit(limit)
    )
    if containing:
        statement = statement.where(TagRow.text.icontains(containing, autoescape=True))
    return list((await session.execute(statement)).all())


async def add_publication(session: AsyncSession, row: PublicationRow) -> None:
    """Put a publication in."""
    session.add(row)
    await session.flush()


async def publications(session: AsyncSession, *, limit: int) -> Sequence[PublicationRow]:
    """Return publications, newest first."""
    return (await session.scalars(select(PublicationRow).order_by(PublicationRow.seq.desc()).limit(limit))).all()
