"""The SQLite file under the local ledger: its tables, how it is opened, how its errors are worded."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from conversation_genome.errors import ChainError, LedgerLockedError

BUSY_SECONDS: Final = 30.0
"""How long a transaction waits for those of others."""

TABLES: Final = """
CREATE TABLE IF NOT EXISTS clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    genesis REAL NOT NULL,                 -- seconds since 1970 at which block 1 began
    block_seconds REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS subnets (
    netuid INTEGER PRIMARY KEY,
    tempo INTEGER NOT NULL,
    weights_rate_limit INTEGER NOT NULL,
    weights_version INTEGER NOT NULL,
    max_validators INTEGER NOT NULL,
    max_neurons INTEGER NOT NULL,
    epoch INTEGER NOT NULL,                -- epochs that are settled
    epoch_block INTEGER NOT NULL           -- block of the last of them, or of the subnet's beginning
);
CREATE TABLE IF NOT EXISTS neurons (
    netuid INTEGER NOT NULL REFERENCES subnets (netuid),
    uid INTEGER NOT NULL,
    hotkey TEXT NOT NULL,
    stake REAL NOT NULL,
    host TEXT,
    port INTEGER,
    incentive REAL NOT NULL DEFAULT 0,
    dividends REAL NOT NULL DEFAULT 0,
    last_update INTEGER NOT NULL DEFAULT 0,
    registered_at INTEGER NOT NULL,        -- block
    PRIMARY KEY (netuid, uid),
    UNIQUE (netuid, hotkey)
);
CREATE TABLE IF NOT EXISTS weights (
    netuid INTEGER NOT NULL,
    validator TEXT NOT NULL,
    target TEXT NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (netuid, validator, target)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settlements (
    netuid INTEGER NOT NULL,
    epoch INTEGER NOT NULL,                -- the last epoch that was settled in one go
    epochs INTEGER NOT NULL,               -- how many
    block INTEGER NOT NULL,                -- block at which that was done
    PRIMARY KEY (netuid, epoch)
);
"""


def create_tables(path: Path) -> None:
    """Make the file and its tables where they are missing; readable by its owner alone.

    Raises:
        ChainError: If the folder or file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _remove_leavings(path)
        path.touch(mode=0o600)
    except OSError as exc:
        raise ChainError(f"the ledger {str(path)!r} cannot be written: {exc}") from exc
    with sqlite_errors(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN IMMEDIATE; {TABLES} COMMIT;")
        finally:
            connection.close()


def _remove_leavings(path: Path) -> None:
    """Remove what SQLite kept beside a ledger that is gone, and would take for this one's."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return what tells the file at a path from another one that takes its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class LedgerFile:
    """A connection to a ledger's file, for one thread at a time; it follows the file that is at the path."""

    def __init__(self, path: Path) -> None:
        """Open a file that is there.

        Raises:
            ChainError: If there is no ledger at this path.
        """
        self._path = path
        self._lock = threading.Lock()
        self._identity = identity_of(path)
        self._connection = _connection_to(path)

    @contextmanager
    def transaction(
        self, *, writes: bool = False, patience_seconds: float = BUSY_SECONDS
    ) -> Iterator[sqlite3.Connection]:
        """Run the block in one transaction.

        Raises:
            LedgerLockedError: If others write for longer than it waits.
            ChainError: If the file cannot be used.
        """
        if not self._lock.acquire(timeout=patience_seconds):
            raise _locked(self._path)
        try:
            with sqlite_errors(self._path):
                self._follow()
                self._connection.execute(f"PRAGMA busy_timeout = {int(patience_seconds * 1000)}")
                self._connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                try:
                    yield self._connection
                except BaseException:
                    self._connection.rollback()
                    raise
                self._connection.commit()
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close the file; it cannot be used after."""
        with self._lock:
            self._connection.close()

    def _follow(self) -> None:
        """Go on with the file that is at the path now: one that was deleted can still be written to, and nobody reads it.

        Raises:
            ChainError: If there is none any more.
        """
        there = identity_of(self._path)
        if there == self._identity:
            return
        if there is not None:
            self._connection.close()
        self._connection, self._identity = _connection_to(self._path), there


def _connection_to(path: Path) -> sqlite3.Connection:
    """Return a connection in autocommit mode that any thread may use, one at a time."""
    if not path.is_file():
        raise ChainError(
            f"there is no ledger at {str(path)!r}: `cgp local up` makes one, CGP_LEDGER_PATH names another place"
        )
    with sqlite_errors(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("SELECT genesis FROM clock").fetchone()
        return connection


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Word SQLite's errors as this project's."""
    try:
        yield
    except sqlite3.Error as exc:
        if getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            raise _locked(path) from exc
        raise ChainError(f"the ledger {str(path)!r} cannot be used: {exc}") from exc


def _locked(path: Path) -> LedgerLockedError:
    return LedgerLockedError(f"the ledger {str(path)!r} is locked: another process writes to it; try again")
