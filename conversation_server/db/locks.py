"""Locks that all servers of one database share, by number; on SQLite a writing transaction is alone anyway."""

from typing import Final

from sqlalchemy import Connection, func, select

_OURS: Final = 0x63677000
"""Advisory locks of PostgreSQL are told apart by number alone: ours begin here."""
UPGRADING: Final = _OURS + 1
MERGING: Final = _OURS + 2
IMPORTING: Final = _OURS + 3


def take_lock(connection: Connection, number: int) -> None:
    """Wait for a lock and hold it until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(number)))


def try_lock(connection: Connection, number: int) -> bool:
    """Take a lock of PostgreSQL that is free, until the transaction ends; False if another transaction holds it."""
    return bool(connection.execute(select(func.pg_try_advisory_xact_lock(number))).scalar())
