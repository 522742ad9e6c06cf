"""One database, two kinds of transaction: a read sees one moment, a write is alone.

On SQLite a write takes the lock at once (BEGIN IMMEDIATE) and waits for its turn; readers are never held up
(WAL). `synchronous=FULL`: what is committed survives a power cut, not only the death of the process. A receipt
promises that, and `NORMAL` would not keep it: in WAL mode it may lose the last transactions when the power goes
(sqlite.org/pragma.html#pragma_synchronous). What it would save is time on the disk, hardly any of the processor's.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.util import greenlet_spawn

from conversation_genome.errors import SettingsError
from conversation_server.db import sqlite_driver
from conversation_server.db.files import DatabaseFile
from conversation_server.db.idling import try_idle_connections
from conversation_server.db.locks import try_lock
from conversation_server.db.outages import named_outages
from conversation_server.together import Together

_WRITES: Final = "is_write"
Result = TypeVar("Result")


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
        self._file = DatabaseFile(_file_of(url) if self._is_sqlite else None)
        self._engine = _engine(url, is_sqlite=self._is_sqlite)
        self._reading = async_sessionmaker(self._engine, expire_on_commit=False)
        self._writing = async_sessionmaker(self._engine.execution_options(**{_WRITES: True}), expire_on_commit=False)
        self._turn = asyncio.Lock()
        self._direct = _direct_engine(url) if self._is_sqlite else None
        self._direct_writing = None if self._direct is None else self._direct.execution_options(**{_WRITES: True})
        self._thread = ThreadPoolExecutor(2, "database")
        self._writes: Together[Callable[[Connection], Any], Any] = Together(self._write_together)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Yield a session that sees one moment of the database; what it changes is undone."""
        with named_outages(self.name):
            async with self._reading() as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Yield a session whose changes are committed when the block ends, and undone when it fails."""
        with named_outages(self.name):
            if not self._is_sqlite:
                async with self._writing.begin() as session:
                    yield session
                return
            self._file.check()
            async with self._turn, self._writing.begin() as session:
                yield session

    @asynccontextmanager
    async def alone(self, lock: int) -> AsyncIterator[bool]:
        """Yield whether no other server of this database is in a block of this lock; it frees itself with the process.

        A SQLite file has one server: nobody else is asked there.
        """
        if self._is_sqlite:
            yield True
            return
        with named_outages(self.name):
            async with self._reading() as session:
                connection = await session.connection()
                yield await connection.run_sync(try_lock, lock)

    async def transact(self, work: Callable[[Connection], Result], *, is_write: bool) -> Result:
        """Return what a function does in one transaction: committed when it returns, undone when it raises.

        For what comes in by the thousand: on SQLite the whole of it runs in a thread, where a session goes
        there and back for every statement, and writes that wait for the disk go there together.
        """
        with named_outages(self.name):
            if self._direct is None:  # in one greenlet: an AsyncConnection starts one for each of its steps
                return await greenlet_spawn(_transact, self._engine.sync_engine, work)
            if is_write:
                self._file.check()
                return cast(Result, await self._writes.do(work))
            return await asyncio.get_running_loop().run_in_executor(self._thread, _transact, self._direct, work)

    async def transact_at_one_moment(self, work: Callable[[Connection], Result]) -> Result:
        """Return what a function reads in a transaction in which every statement sees the same moment.

        On SQLite every transaction does.
        """
        options = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with named_outages(self.name):
            async with self._reading() as session:
                connection = await session.connection(execution_options=options)
                return await connection.run_sync(work)

    async def forget_log(self) -> bool:
        """Empty the log beside a SQLite file, which holds what was deleted from it; return whether nothing is left there.

        Elsewhere the database's own log is nobody's to empty: False.
        """
        if self._file.path is None:
            return False
        with named_outages(self.name):
            async with self._turn:
                return await asyncio.get_running_loop().run_in_executor(
                    self._thread, sqlite_driver.empty_log, str(self._file.path)
                )

    async def _write_together(self, works: Sequence[Callable[[Connection], Any]]) -> list[Any]:
        """Return what each function returned or raised, when all that was done is on the disk."""
        assert self._direct_writing is not None, "only SQLite writes in a thread"
        async with self._turn:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, _transact_all, self._direct_writing, works
            )

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        if self._direct is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._direct.dispose)
        self._thread.shutdown()


def _engine(url: str, *, is_sqlite: bool) -> AsyncEngine:
    """Return an engine whose errors name the statement and not what it was given: they are logged."""
    if not is_sqlite:
        engine = create_async_engine(url, hide_parameters=True)
        try_idle_connections(engine.sync_engine)
        return engine
    engine = create_async_engine(url, connect_args={"async_creator_fn": sqlite_driver.connect}, hide_parameters=True)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _direct_engine(url: str) -> Engine:
    engine = create_engine(make_url(url).set(drivername="sqlite"), hide_parameters=True)
    event.listen(engine, "do_connect", _open)
    event.listen(engine, "begin", _begin)
    return engine


def _transact(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _transact_all(engine: Engine, works: Sequence[Callable[[Connection], Any]]) -> list[Any]:
    """Run functions in one transaction, each in a savepoint: one that raises undoes nothing but its own work."""
    if len(works) == 1:
        return [_alone(engine, works[0])]
    with engine.begin() as connection:
        return [_outcome(connection, work) for work in works]


def _alone(engine: Engine, work: Callable[[Connection], Any]) -> Any:
    try:
        return _transact(engine, work)
    except Exception as exc:  # noqa: BLE001 - handed to whoever waits for it
        return exc


def _outcome(connection: Connection, work: Callable[[Connection], Any]) -> Any:
    try:
        with connection.begin_nested():
            return work(connection)
    except Exception as exc:  # noqa: BLE001 - handed to whoever waits for this one
        return exc


def _open(_dialect: object, _record: object, database: list[str], arguments: dict[str, Any]) -> sqlite3.Connection:
    return sqlite_driver.opened(*database, **arguments)


def _begin(connection: Connection) -> None:
    is_write = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN DEFERRED")


def _is_usable(url: str) -> bool:
    try:
        parsed = make_url(url)
        return parsed.get_backend_name() == "postgresql" or parsed.drivername == "sqlite+aiosqlite"
    except SQLAlchemyError:
        return False


def _file_of(url: str) -> Path | None:
    """Return the file of a SQLite database, its folder made; None for one in memory."""
    file = make_url(url).database
    if not file or file == ":memory:":
        return None
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    return Path(file)
