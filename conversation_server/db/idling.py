"""Connections to PostgreSQL that lay idle are tried before they are used; one that just worked is not.

SQLAlchemy's `pool_pre_ping` tries each of them each time: with asyncpg that is three trips to the database, where a
lease makes six of its own. Whether the other end has closed a connection is known without a trip.
"""

import time
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

IDLE_SECONDS: Final = 1.0
"""What a connection may lie idle and be used untried."""
_USED_AT: Final = "used_at"


def try_idle_connections(engine: Engine) -> None:
    """Let an engine's pool try what lay idle, and open anew what does not answer."""

    def check(connection: Any, record: Any, _proxy: object) -> None:
        used_at = record.info.get(_USED_AT)
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if used_at is None or time.monotonic() - used_at < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as exc:
            raise InvalidatePoolError from exc

    def remember(_connection: object, record: Any) -> None:
        record.info[_USED_AT] = time.monotonic()

    event.listen(engine, "checkout", check)
    event.listen(engine, "checkin", remember)
