"""INSERT that leaves what is there alone, in the dialect of the database."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.models import Base


async def insert_new(session: AsyncSession, table: type[Base], **values: Any) -> bool:
    """Insert a row and return True; return False, and change nothing, if a unique column holds these values."""
    statement: Any
    if session.get_bind().dialect.name == "postgresql":
        statement = postgresql.insert(table).values(**values).on_conflict_do_nothing()
    else:
        statement = sqlite.insert(table).values(**values).on_conflict_do_nothing()
    result: Any = await session.execute(statement)
    return bool(result.rowcount)
