"""Which contents are there: asked before an import sends them."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.models import ConversationRow


async def known(session: AsyncSession, hashes: Collection[str]) -> set[str]:
    """Return those of the content hashes that a conversation has."""
    rows = await session.scalars(
        select(ConversationRow.content_hash).where(ConversationRow.content_hash.in_(sorted(set(hashes))))
    )
    return set(rows)
