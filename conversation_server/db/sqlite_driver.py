"""SQLite's connections: how each is set up, and aiosqlite with one trip to its thread for a statement, not four.

SQLAlchemy opens a cursor, executes, fetches and closes, and aiosqlite sends each of these to its thread and
back; the trips cost more than the statements. Here a cursor exists only while its statement runs.

The only module that imports aiosqlite.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, Self

import aiosqlite

BUSY_TIMEOUT_MILLISECONDS: Final = 15_000
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MILLISECONDS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8000",
)
_CHECKPOINT_SECONDS: Final = 1.0
_RETRY_SECONDS: Final = 0.02
Rows = list[Any]


def opened(database: str, **arguments: Any) -> sqlite3.Connection:
    """Return a connection that is set up; it begins no transaction by itself. Blocks."""
    connection: sqlite3.Connection = sqlite3.connect(database, **arguments)
    connection.isolation_level = None
    deadline = time.monotonic() + BUSY_TIMEOUT_MILLISECONDS / 1_000
    for pragma in _PRAGMAS:
        _set(connection, pragma, deadline)
    return connection


def empty_log(database: str) -> bool:
    """Write what the log of a file holds into the file and empty the log; return whether nobody was in the way. Blocks."""
    connection = sqlite3.connect(database, timeout=_CHECKPOINT_SECONDS)
    try:
        is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy
    finally:
        connection.close()


def _set(connection: sqlite3.Connection, pragma: str, deadline: float) -> None:
    """Run a pragma; where two processes switch a new file to WAL at once, SQLite lets neither wait by itself."""
    while True:
        try:
            connection.execute(pragma)
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                connection.close()
                raise
        else:
            return
        time.sleep(_RETRY_SECONDS)


def connect(database: str, **arguments: Any) -> aiosqlite.Connection:
    """Return a connection to await, with the arguments of `sqlite3.connect`."""
    connection = OneTripConnection(partial(opened, database, **arguments), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with those that aiosqlite makes
    return connection


class OneTripConnection(aiosqlite.Connection):
    """A connection whose cursors make one trip for each statement."""

    def cursor(self) -> "OneTripCursor":  # type: ignore[override]
        """Return a cursor; nothing is opened yet."""
        return OneTripCursor(self)

    async def run(self, function: Callable[[sqlite3.Connection], Any]) -> Any:
        """Return what a function does with the connection, in the connection's thread."""
        return await self._execute(function, self._conn)  # type: ignore[no-untyped-call]


class OneTripCursor:
    """What one statement brought: read whole, its SQLite cursor closed already."""

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._rows: Rows = []
        self.description: Sequence[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Run a statement and take all its rows."""
        await self._connection.run(lambda connection: self._take(connection.execute(statement, parameters)))
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Run a statement once for each set of parameters."""
        await self._connection.run(lambda connection: self._take(connection.executemany(statement, parameters)))
        return self

    async def fetchall(self) -> Rows:
        """Return the rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Let the rows go."""
        self._rows = []

    def _take(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()
