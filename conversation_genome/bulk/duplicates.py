"""Duplicates: of two conversations with one id or one content the first in order stays; what was seen waits on disk."""

import hashlib
import sqlite3
from types import TracebackType
from typing import Final, Self

_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE id (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE content (digest BLOB PRIMARY KEY) WITHOUT ROWID;
BEGIN;
"""


class Seen:
    """The ids and contents of all conversations so far; memory does not grow with them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._database = sqlite3.connect("", isolation_level=None)  # a file without a name: no death leaves it behind
        self._database.executescript(_TABLES)

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Forget everything."""
        self._database.close()

    def is_new(self, id_: str, content: str) -> bool:
        """Tell whether neither the id nor the content (SHA-256, hex) was there, and remember both if so."""
        keys = _digest(id_), bytes.fromhex(content)
        if self._has("id", keys[0]) or self._has("content", keys[1]):
            return False
        self._database.execute("INSERT INTO id VALUES (?)", (keys[0],))
        self._database.execute("INSERT INTO content VALUES (?)", (keys[1],))
        return True

    def has_id(self, id_: str) -> bool:
        """Tell whether a conversation with this id stays."""
        return self._has("id", _digest(id_))

    def _has(self, table: str, digest: bytes) -> bool:
        return self._database.execute(f"SELECT 1 FROM {table} WHERE digest = ?", (digest,)).fetchone() is not None  # noqa: S608


def _digest(id_: str) -> bytes:
    return hashlib.sha256(id_.encode("utf-8", "surrogatepass")).digest()
