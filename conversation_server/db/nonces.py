"""Nonces that were used, shared by all processes of the server."""

from typing import Final

from sqlalchemy import Connection, bindparam, delete

from conversation_server.db.inserting import insert_new
from conversation_server.db.models import NonceRow

SWEEP_EVERY: Final = 16
_FORGET: Final = delete(NonceRow).where(NonceRow.expires_at < bindparam("now"))


def use(connection: Connection, hotkey: str, nonce: int, *, now: float, expires_at: float) -> bool:
    """Remember a nonce and return True, or False if it was used before; now and then those that are over go."""
    if nonce % SWEEP_EVERY == 0:
        connection.execute(_FORGET, {"now": now})
    return insert_new(connection, NonceRow, {"hotkey": hotkey, "nonce": str(nonce), "expires_at": expires_at})
