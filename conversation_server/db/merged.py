"""Merged records, their tags, and the publications of the dataset."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.models import ConversationRow, MergedRow, PublicationRow, TagRow


async def store(session: AsyncSession, row: MergedRow, tags: Sequence[TagRow]) -> None:
    """Put a merged record and its tags in, in place of those before them."""
    await session.execute(delete(TagRow).where(TagRow.conversation == row.conversation))
    await session.merge(row)
    session.add_all(tags)
    await session.flush()


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
