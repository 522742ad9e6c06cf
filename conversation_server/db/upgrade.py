"""The tables are brought to the newest revision by one process at a time; the others wait and find it done."""

import asyncio
import logging
from functools import cache
from pathlib import Path
from typing import Final

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from conversation_genome.errors import UnavailableError
from conversation_server.db.database import Database
from conversation_server.db.locks import UPGRADING, take_lock
from conversation_server.db.outages import DatabaseAwayError

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells at every look which database it looks at
ANSWER_SECONDS: Final = 3.0
"""What a database that works has to say which revision it is of."""
_log = structlog.get_logger(__name__)
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


async def upgrade_database(database: Database) -> str:
    """Apply the migrations that are missing and return the revision.

    It runs in one writing transaction: a failure leaves the tables as they were. On SQLite no second process
    can be in it at the same time; on PostgreSQL a lock sees to that.

    Raises:
        UnavailableError: If the database cannot be opened or changed.
    """
    try:
        async with database.write() as session:
            connection = await session.connection()
            await connection.run_sync(take_lock, UPGRADING)
            await connection.run_sync(migrate)
            return await connection.run_sync(revision_of) or ""
    except (DBAPIError, CommandError, OSError, DatabaseAwayError) as exc:
        cause = exc.__cause__ if isinstance(exc, DatabaseAwayError) and exc.__cause__ else exc
        reason = cause.orig if isinstance(cause, DBAPIError) else cause
        raise UnavailableError(
            f"the database {database.name} cannot be used ({reason}); check CGP_SERVER_DATABASE_URL"
        ) from exc


async def is_current(database: Database) -> bool:
    """Return whether the database answers, soon, and its tables are of the newest revision."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS), database.read() as session:
            connection = await session.connection()
            return await connection.run_sync(revision_of) == newest_revision()
    except (SQLAlchemyError, OSError, DatabaseAwayError) as exc:  # a TimeoutError is an OSError
        _log.warning("the database does not answer", database=database.name, reason=type(exc).__name__)
        return False


@cache
def newest_revision() -> str:
    """Return the revision that this version of the server works on."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to a revision, in the transaction of the connection."""
    command.upgrade(_config(connection), revision)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Take revisions back, in the transaction of the connection; at `base` all tables are gone with all in them."""
    command.downgrade(_config(connection), revision)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the tables, None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str) -> bool:
    """Return whether this version of the server has a revision of the tables."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config
