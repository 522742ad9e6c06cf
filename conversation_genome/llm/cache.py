"""AnswerCache: answers on disk under the hash of all that shaped them; one SQLite file, safe across processes."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

_BUSY_SECONDS: Final = 30.0
_ROW_BYTES: Final = 200
"""What a row costs beside its text: key, times, index."""
_TOUCH_SECONDS: Final = 3_600
"""An answer that is used again counts as new at most so often."""
_KEPT_SHARE: Final = 0.9
"""Of the bound, once it is exceeded: so that not every answer clears up."""
_logger = structlog.get_logger(__name__)


class AnswerCache:
    """Remembers the answers that were used last. Whatever goes wrong with the file costs a call, never a result."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        """Keep at most `max_bytes` of answers in that file, which its owner alone may read."""
        self._path = path
        self._max_bytes = max_bytes

    def get(self, key: str) -> str | None:
        """Return the answer; None where there is none."""
        try:
            with self._opened() as database:
                row = database.execute("SELECT text, used FROM answers WHERE key = ?", (key,)).fetchone()
                if row and time.time() - row[1] > _TOUCH_SECONDS:
                    database.execute("UPDATE answers SET used = ? WHERE key = ?", (time.time(), key))
            return str(row[0]) if row else None
        except (OSError, sqlite3.Error) as exc:
            _logger.warning("the answer cache cannot be read", path=str(self._path), cause=str(exc))
            return None

    def put(self, key: str, text: str) -> None:
        """Keep an answer; those that were not used for longest go when there are too many."""
        size = len(text.encode("utf-8", "replace")) + _ROW_BYTES
        if size > self._max_bytes:
            return
        try:
            with self._opened() as database:
                database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", (key, text, size, time.time()))
                self._shrink(database)
        except (OSError, sqlite3.Error) as exc:
            _logger.warning("the answer cache cannot be written", path=str(self._path), cause=str(exc))

    def _shrink(self, database: sqlite3.Connection) -> None:
        (total,) = database.execute("SELECT coalesce(sum(size), 0) FROM answers").fetchone()
        if total <= self._max_bytes:
            return
        too_much = total - self._max_bytes * _KEPT_SHARE
        for key, size in database.execute("SELECT key, size FROM answers ORDER BY used").fetchall():
            if too_much <= 0:
                break
            database.execute("DELETE FROM answers WHERE key = ?", (key,))
            too_much -= size

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Yield the database inside one transaction: an answer is there whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        database = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            database.execute("PRAGMA auto_vacuum = FULL")
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, text TEXT, size INTEGER, used REAL)"
            )
            yield database
            database.execute("COMMIT")
        finally:
            database.close()
