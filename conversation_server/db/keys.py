"""API keys: found by the part that may be shown; no secret is ever stored."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from conversation_server.db.models import ApiKeyRow

_TABLE: Final = ApiKeyRow.__table__
_WITH_ID: Final = select(_TABLE).where(ApiKeyRow.id == bindparam("key_id"))
_ALL: Final = select(_TABLE).order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id)
_ANY: Final = select(ApiKeyRow.id).limit(1)
_TOUCH: Final = (
    update(ApiKeyRow)
    .where(
        ApiKeyRow.id == bindparam("key_id"),
        or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at < bindparam("before")),
    )
    .values(last_used_at=bindparam("now"))
)
_REVOKE: Final = (
    update(ApiKeyRow)
    .where(ApiKeyRow.id == bindparam("key_id"), ApiKeyRow.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


def with_id(connection: Connection, key_id: str) -> Row[Any] | None:
    """Return a key's row."""
    return connection.execute(_WITH_ID, {"key_id": key_id}).first()


def every(connection: Connection) -> Sequence[Row[Any]]:
    """Return all keys, newest first."""
    return connection.execute(_ALL).all()


def is_any(connection: Connection) -> bool:
    """Return whether there is a key at all."""
    return connection.execute(_ANY).first() is not None


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Put a key in."""
    connection.execute(insert(ApiKeyRow), values)


def rotate(connection: Connection, key_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of a key that is known to exist."""
    connection.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(**values))


def touch(connection: Connection, key_id: str, *, now: float, before: float) -> None:
    """Remember that a key is used, if that was not written down since `before`."""
    connection.execute(_TOUCH, {"key_id": key_id, "now": now, "before": before})


def revoke(connection: Connection, key_id: str, *, now: float) -> None:
    """Take a key back, unless it was taken back before."""
    connection.execute(_REVOKE, {"key_id": key_id, "now": now})
