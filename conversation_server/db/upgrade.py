"""The tables are brought to the newest revision by one process at a time; the others wait and find it done."""

import logging
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from conversation_genome.errors import UnavailableError
from conversation_server.db.database import Database
from conversation_server.db.locks import UPGRADING, take_lock

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells at every look which database it looks at
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
            await connection.run_sync(_upgrade)
            return await connection.run_sync(_revision) or ""
    except (DBAPIError, CommandError, OSError) as exc:
        reason = exc.orig if isinstance(exc, DBAPIError) else exc
        raise UnavailableError(
            f"the database {database.name} cannot be used ({reason}); check CGP_SERVER_DATABASE_URL"
        ) from exc


async def is_current(database: Database) -> bool:
    """Return whether the tables are of the newest revision."""
    async with database.read() as session:
        connection = await session.connection()
        return await connection.run_sync(_revision) == newest_revision()


@cache
def newest_revision() -> str:
    """Return the revision that this version of the server works on."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
