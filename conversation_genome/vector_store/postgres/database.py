"""Database: a pool of connections on a thread of its own, for callers that block. The only module that opens one."""

import asyncio
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import asyncpg
import numpy as np

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store.base import FloatArray

Result = TypeVar("Result")

MAX_CONNECTIONS: Final = 8
CLOSING_SECONDS: Final = 5.0
_SETTINGS: Final = {
    # A plan that fits one filter is wrong for the next: each is planned for its own values.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "application_name": "conversation-genome",
}


class Database:
    """Runs what needs a connection, from any thread; opened by its first use."""

    def __init__(self, url: str) -> None:
        """Take the address; nothing is connected yet.

        Args:
            url: `postgresql://…`; a driver's name in it, as SQLAlchemy wants one, is left out.
        """
        self._url = "postgresql://" + url.split("://", 1)[1]
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

    @property
    def place(self) -> str:
        """Host and database, without user and password."""
        parts = urlsplit(self._url)
        return f"{parts.hostname or 'local'}{parts.path}"

    def run(self, work: Callable[[Any], Awaitable[Result]], *, in_one: bool = True) -> Result:
        """Return what the work returns; all it does is one transaction, or each statement is one if not `in_one`.

        Raises:
            VectorStoreError: If the database cannot be reached, or refuses.
        """
        try:
            opened = self._open()
            return asyncio.run_coroutine_threadsafe(_done(opened.pool, work, in_one=in_one), opened.loop).result()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
            raise VectorStoreError(
                f"the vector store in PostgreSQL ({self.place}) cannot be used: {exc}"[:400]
            ) from exc

    def close(self) -> None:
        """Close the connections and end the thread; the next use opens them again."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _open(self) -> "_Opened":
        with self._lock:
            if self._opened is None:
                self._opened = _Opened(self._connected)
                weakref.finalize(self, self._opened.close)
            return self._opened

    async def _connected(self) -> Any:
        first = await asyncpg.connect(self._url)
        try:
            await first.execute("CREATE EXTENSION IF NOT EXISTS vector")
        finally:
            await first.close()
        return await asyncpg.create_pool(
            self._url, min_size=1, max_size=MAX_CONNECTIONS, server_settings=_SETTINGS, init=_taught
        )


async def _taught(connection: Any) -> None:
    """Teach a connection what a vector is: its number of dimensions, two bytes of nothing, and big-endian floats."""
    schema = await connection.fetchval(
        "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'"
    )
    await connection.set_type_codec("vector", schema=schema, encoder=_encoded, decoder=_decoded, format="binary")


def _encoded(vector: FloatArray) -> bytes:
    return np.array([len(vector), 0], dtype=">u2").tobytes() + vector.astype(">f4").tobytes()


def _decoded(data: bytes) -> FloatArray:
    return np.frombuffer(data, dtype=">f4", offset=4).astype(np.float32)


async def _done(pool: Any, work: Callable[[Any], Awaitable[Result]], *, in_one: bool) -> Result:
    async with pool.acquire() as connection:
        if not in_one:
            return await work(connection)
        async with connection.transaction():
            return await work(connection)


class _Opened:
    """A pool, and the loop and thread that it lives on."""

    def __init__(self, connect: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="vector-store-postgres", daemon=True)
        self._thread.start()
        self.pool: Any = None
        try:
            self.pool = asyncio.run_coroutine_threadsafe(connect(), self.loop).result()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections and end the thread; once is enough."""
        if self.loop.is_closed():
            return
        if self.pool is not None:
            asyncio.run_coroutine_threadsafe(_closed(self.pool), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        self.loop.run_forever()
        self.loop.close()


async def _closed(pool: Any) -> None:
    try:
        await asyncio.wait_for(pool.close(), CLOSING_SECONDS)
    except TimeoutError:
        pool.terminate()
