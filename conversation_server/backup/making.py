"""Making a backup: every row of one moment, while the server goes on working.

One transaction sees it all: on SQLite a read transaction in WAL mode, on PostgreSQL one at REPEATABLE READ. Neither
holds up a writer. Rows are read in pages by primary key, so memory is bounded by the size of a page.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, MetaData, Row, Table, func, select, tuple_

from conversation_genome.errors import InputError
from conversation_server.backup import archive
from conversation_server.backup.archive import ArchiveWriter, Footer, Header
from conversation_server.backup.counters import counter_of
from conversation_server.db.database import Database
from conversation_server.db.upgrade import revision_of

PAGE_ROWS: Final = 100
REVISIONS: Final = "alembic_version"


async def make_backup(database: Database, path: Path, progress: Callable[[str, int], None] | None = None) -> Footer:
    """Write the whole database into a file, which is whole or not there, and return what is in it.

    Args:
        database: Its tables may be of an older revision than this version's.
        path: The file.
        progress: Is told a table's name and rows before it is written.

    Raises:
        InputError: If the database has no tables, or the file cannot be written.
    """

    def write(connection: Connection) -> Footer:
        with archive.archive_writer(path) as writer:
            return _write(connection, writer, progress or (lambda _table, _rows: None))

    return await database.transact_at_one_moment(write)


def reflected(connection: Connection) -> list[Table]:
    """Return the tables of a database, those that others point to first."""
    metadata = MetaData()
    metadata.reflect(connection, resolve_fks=True)
    return [table for table in metadata.sorted_tables if table.name != REVISIONS]


def _write(connection: Connection, writer: ArchiveWriter, progress: Callable[[str, int], None]) -> Footer:
    revision = revision_of(connection)
    if revision is None:
        raise InputError("the database has no tables; check CGP_SERVER_DATABASE_URL")
    writer.begin(Header(revision=revision, made_at=datetime.now(UTC).isoformat(timespec="seconds")))
    for table in reflected(connection):
        progress(table.name, connection.execute(select(func.count()).select_from(table)).scalar_one())
        columns = tuple(column.name for column in table.columns)
        writer.table(archive.Table(table=table.name, columns=columns, counter=counter_of(connection, table)))
        for row in _rows(connection, table):
            writer.row(list(row))
    return writer.end()


def _rows(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    key = tuple_(*table.primary_key.columns)
    places = [list(table.columns).index(column) for column in table.primary_key.columns]
    page = select(table).order_by(*table.primary_key.columns).limit(PAGE_ROWS)
    rows = connection.execute(page).all()
    while rows:
        yield from rows
        last = tuple(rows[-1][place] for place in places)
        rows = connection.execute(page.where(key > last)).all()
