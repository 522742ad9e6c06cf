"""INSERT that leaves what is there alone, in the dialect of the database."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from conversation_server.db.models import Base


def insert_new(connection: Connection, table: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert a row and return True; return False, and change nothing, if a unique column holds these values."""
    return bool(connection.execute(_statement(table, connection.dialect.name), values).rowcount)


@cache
def _statement(table: type[Base], dialect: str) -> Any:
    """Return the statement, made once: making it costs more than running it."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()
