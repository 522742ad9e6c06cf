"""Nonces that were used, shared by all processes of the server."""

from typing import Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.inserting import insert_new
from conversation_server.db.models import NonceRow

SWEEP_EVERY: Final = 16


async def use(session: AsyncSession, hotkey: str, nonce: int, *, now: float, expires_at: float) -> bool:
    """Remember a nonce and return True, or False if it was used before; now and then those that are over go."""
    if nonce % SWEEP_EVERY == 0:
        await session.execute(
            delete(NonceRow).where(NonceRow.expires_at < now).execution_options(synchronize_session=False)
        )
    return await insert_new(session, NonceRow, hotkey=hotkey, nonce=str(nonce), expires_at=expires_at)
