"""Outages: errors that say nothing of a request and all of the database, which is away for a while.

Everything else that a database complains about is a fault of ours and stays what it is.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from conversation_genome.errors import InputError, UnavailableError

_SQLITE_OUTAGES: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)
"""Primary result codes (sqlite.org/rescode.html)."""
_POSTGRESQL_OUTAGES: Final = ("08", "25006", "3D000", "53", "57P", "58")
"""Beginnings of SQLSTATE (PostgreSQL 18, appendix A): connections, a server that only reads, no such database, too few
resources, shut down or starting, the system's own errors."""
_NO_TEXT: Final = ("22021", "22P05")
"""A character that the database's encoding has not."""
_log = structlog.get_logger(__name__)


class DatabaseAwayError(UnavailableError):
    """The database does not answer or cannot write; try again in a while."""

    code: ClassVar[str] = "database_away"


@contextmanager
def named_outages(database: str) -> Iterator[None]:
    """Let errors through that are a fault of ours, and name those that tell of an outage, or of a text no table can hold.

    Args:
        database: Its URL without the password.

    Raises:
        DatabaseAwayError: In place of an error that tells of an outage.
        InputError: If a caller sent a NUL where a text is wanted: PostgreSQL holds none.
    """
    try:
        yield
    except (DBAPIError, PoolTimeoutError, ConnectionError, FileNotFoundError, TimeoutError) as exc:
        if isinstance(exc, DBAPIError) and getattr(exc.orig, "sqlstate", None) in _NO_TEXT:
            raise InputError("a text holds a NUL (U+0000), which the database cannot hold; send it without") from exc
        if not _is_outage(exc):
            raise
        # Where the database lies and what it says is for the log: whoever asks may be anybody.
        reason = exc.orig if isinstance(exc, DBAPIError) else exc
        _log.warning(
            "the database cannot be used", database=database, reason=f"{type(reason).__name__}: {reason}"[:500]
        )
        raise DatabaseAwayError("the database cannot be used now; try again in a while") from exc


def _is_outage(exc: BaseException) -> bool:
    if not isinstance(exc, DBAPIError):
        return True
    if exc.connection_invalidated:
        return True
    cause: BaseException | None = exc.orig
    while cause is not None:
        if isinstance(cause, sqlite3.Error):
            return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_OUTAGES
        state = getattr(cause, "sqlstate", None)
        if state:
            return str(state).startswith(_POSTGRESQL_OUTAGES)
        cause = cause.__cause__
    return isinstance(exc.orig, OSError) or "connection" in str(exc.orig).lower()
