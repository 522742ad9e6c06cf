"""Deletions that are not finished: written down in the transaction that takes a conversation out of the database."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.inserting import insert_new
from conversation_server.db.models import DeletionRow


async def begin(session: AsyncSession, conversation_id: str, *, now: float) -> None:
    """Write down that a conversation is still to be removed from elsewhere."""
    connection = await session.connection()
    await connection.run_sync(insert_new, DeletionRow, {"id": conversation_id, "deleted_at": now})


def pending(connection: Connection) -> Sequence[str]:
    """Return the ids of conversations that are still to be removed from elsewhere, oldest first."""
    return connection.scalars(select(DeletionRow.id).order_by(DeletionRow.deleted_at, DeletionRow.id)).all()


def end(connection: Connection, conversation_id: str) -> None:
    """Forget a deletion that is finished."""
    connection.execute(delete(DeletionRow).where(DeletionRow.id == conversation_id))
