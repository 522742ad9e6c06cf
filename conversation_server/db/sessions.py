"""Log-ins to the console: found by the digest of the browser's token; no token is ever stored."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from conversation_server.db.models import SessionRow


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A log-in as it is stored."""

    key_id: str
    key_digest: str
    expires_at: float


_WITH_DIGEST: Final = select(SessionRow.key_id, SessionRow.key_digest, SessionRow.expires_at).where(
    SessionRow.digest == bindparam("token")
)


def with_digest(connection: Connection, token_digest: str) -> StoredSession | None:
    """Return a session by its token's digest."""
    row = connection.execute(_WITH_DIGEST, {"token": token_digest}).first()
    return None if row is None else StoredSession(*row)


def add(connection: Connection, token_digest: str, session: StoredSession, *, now: float) -> None:
    """Put a session in; those that are over go."""
    connection.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    values = {"digest": token_digest, "key_id": session.key_id, "key_digest": session.key_digest}
    connection.execute(insert(SessionRow), values | {"expires_at": session.expires_at})


def remove(connection: Connection, token_digest: str) -> None:
    """End a session."""
    connection.execute(delete(SessionRow).where(SessionRow.digest == token_digest))
