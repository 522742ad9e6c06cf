"""One database, two kinds of transaction: a read sees one moment, a write is alone.

On SQLite a write takes the lock at once (BEGIN IMMEDIATE) and waits for its turn; readers are never held up
(WAL). `synchronous=FULL`: what is committed survives a power cut, not only the death of the process.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from conversation_genome.errors import SettingsError

BUSY_TIMEOUT_MILLISECONDS: Final = 15_000
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MILLISECONDS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-32000",
)
_WRITES: Final = "is_write"


class Database:
    """The way to the stored truth; whoever opens a transaction commits it, nobody below."""

    def __init__(self, url: str) -> None:
        """Prepare the engine; a SQLite file's folder is made.

        Args:
            url: An SQLAlchemy URL with an asyncio driver.

        Raises:
            SettingsError: If it is none.
        """
        if not _is_usable(url):
            raise SettingsError(
                "CGP_SERVER_DATABASE_URL is no URL that this server can use: "
                "give one such as sqlite+aiosqlite:///conversation-server/server.sqlite"
            )
        self.name = make_url(url).render_as_string(hide_password=True)
        self._is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self._is_sqlite:
            _make_folder(url)
        self._engine = _engine(url, is_sqlite=self._is_sqlite)
        self._reading = async_sessionmaker(self._engine, expire_on_commit=False)
        self._writing = async_sessionmaker(self._engine.execution_options(**{_WRITES: True}), expire_on_commit=False)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Yield a session that sees one moment of the database; what it changes is undone."""
        async with self._reading() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Yield a session whose changes are committed when the block ends, and undone when it fails."""
        if not self._is_sqlite:
            async with self._writing.begin() as session:
                yield session
            return
        async with self._turn, self._writing.begin() as session:
            yield session

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _engine(url: str, *, is_sqlite: bool) -> AsyncEngine:
    engine = create_async_engine(url, pool_pre_ping=not is_sqlite)
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", _prepare_connection)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin` alone
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    is_write = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN DEFERRED")


def _is_usable(url: str) -> bool:
    try:
        parsed = make_url(url)
        return parsed.get_backend_name() == "postgresql" or parsed.drivername == "sqlite+aiosqlite"
    except SQLAlchemyError:
        return False


def _make_folder(url: str) -> None:
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
