"""Restoring a backup: the database gets every row back, in one transaction, or stays as it was.

The tables are made at the revision that the backup was taken at, filled, and then brought to the newest one: so a
backup of an older version is upgraded as the database itself would have been.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, func, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from conversation_genome.errors import InputError, UnavailableError
from conversation_server.backup.archive import Archive
from conversation_server.backup.counters import set_counter
from conversation_server.backup.making import reflected
from conversation_server.db.database import Database
from conversation_server.db.locks import UPGRADING, take_lock
from conversation_server.db.upgrade import downgrade, is_known, migrate, revision_of

BATCH_ROWS: Final = 100


async def restore_backup(
    database: Database, path: Path, *, is_forced: bool = False, progress: Callable[[str, int], None] | None = None
) -> Archive:
    """Put what a backup holds into a database and return the backup.

    Args:
        database: An empty one, or one whose content may go.
        path: The backup; all of it is read and checked before the database is touched.
        is_forced: Remove what the database holds.
        progress: Is told a table's name and rows before it is filled.

    Raises:
        InputError: If the file is no whole backup or is of a later version, or the database is not empty.
        UnavailableError: If the database cannot be used.
    """
    archive = Archive.open(path)
    if not is_known(archive.header.revision):
        raise InputError(
            f"{str(path)!r} is of revision {archive.header.revision}, which this version does not know; "
            "restore it with the version that made it, or a later one"
        )
    told = progress or (lambda _table, _rows: None)
    try:
        async with database.write() as session:
            connection = await session.connection()
            await connection.run_sync(_restore, archive, is_forced, told)
    except DBAPIError as exc:
        raise UnavailableError(
            f"the database {database.name} did not take the backup ({exc.orig}); it is as it was before"
        ) from exc
    return archive


def _restore(connection: Connection, archive: Archive, is_forced: bool, told: Callable[[str, int], None]) -> None:  # noqa: FBT001 - run_sync passes no keywords
    take_lock(connection, UPGRADING)
    held = sum(_count(connection, table) for table in reflected(connection))
    if held and not is_forced:
        raise InputError(
            f"the database holds {held:,} rows already; give an empty one, or --force to put the backup in their place"
        )
    if revision_of(connection) is not None:
        downgrade(connection)
    if others := inspect(connection).get_table_names():
        others = [name for name in others if name != "alembic_version"]
    if others:
        raise InputError(
            f"the database holds tables of something else ({', '.join(sorted(others))}); give one of its own"
        )
    migrate(connection, archive.header.revision)
    tables = {table.name: table for table in reflected(connection)}
    for header, rows in archive.tables():
        told(header.table, archive.footer.rows[header.table])
        _fill(connection, tables[header.table], header.columns, rows)
        if header.counter is not None:
            set_counter(connection, tables[header.table], header.counter)
    _check_counts(connection, tables, archive)
    migrate(connection)


def _fill(connection: Connection, table: Table, columns: tuple[str, ...], rows: Iterator[list[Any]]) -> None:
    while batch := [dict(zip(columns, row, strict=True)) for row in islice(rows, BATCH_ROWS)]:
        connection.execute(insert(table), batch)


def _check_counts(connection: Connection, tables: dict[str, Table], archive: Archive) -> None:
    for name, rows in archive.footer.rows.items():
        found = _count(connection, tables[name])
        if found != rows:
            raise UnavailableError(f"{name} has {found:,} rows after the restore instead of {rows:,}; nothing was kept")


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
