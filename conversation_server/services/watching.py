"""Watching: the server's numbers are given even while its database is away."""

import asyncio
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from conversation_genome.protocol.reads import ServerStats
from conversation_server.db.outages import DatabaseAwayError
from conversation_server.services.server import Server

ANSWER_SECONDS: Final = 5.0
"""Half of what Prometheus waits for a page by default."""


async def stats_of(server: Server) -> ServerStats | None:
    """Return the counts of the database, None where it does not answer in time."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await server.stats()
    except (SQLAlchemyError, OSError, DatabaseAwayError):  # a TimeoutError is an OSError
        return None
