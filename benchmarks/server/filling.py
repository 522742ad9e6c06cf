"""A database with as many conversations as are wanted, copies of one."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from conversation_server.db.database import Database
from tests_ap import postgres

RECORD: dict[str, Any] = {
    "id": "talk 0",
    "source": "bench",
    "license": "CC0",
    "participants": ["Ada", "Bo"],
    "lines": [[n % 2, f"I told you about the cheese and the harbour, and that was number {n}."] for n in range(10)],
}


def sqlite(folder: Path) -> str:
    """Return the URL of a new SQLite file."""
    return f"sqlite+aiosqlite:///{folder}/server.sqlite"


def postgresql(_folder: Path) -> str:
    """Return the URL of a new database of a private PostgreSQL, which waits for its disk here."""
    url = postgres.new_database()
    server = postgres._server()  # noqa: SLF001 - the tests let it not wait
    server.psql("ALTER SYSTEM SET fsync = on;")
    server.psql("SELECT pg_reload_conf();")
    return url


async def copy(database: Database, conversations: int) -> None:
    """Copy the rows of the only conversation, inside the database, until there are so many."""
    async with database.write() as session:
        await session.execute(text(_COPY_CONVERSATION), {"last": conversations})
        await session.execute(text(_COPY_RECORD))
    async with database.write() as session:
        await session.execute(text("ANALYZE"))


_COPY_CONVERSATION = """
WITH RECURSIVE x(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM x WHERE i < :last)
INSERT INTO conversations (seq, id, content_hash, source, language, lines, participants, windows, tasks, state, detail,
    imported_at, available_at, turn, attempts, failures, gradings, merge_attempts, merge_after)
SELECT x.i, 'talk ' || x.i, 'hash ' || x.i, source, language, lines, participants, windows, tasks, state, detail,
    imported_at, available_at, x.i, attempts, failures, gradings, merge_attempts, merge_after
FROM conversations, x WHERE conversations.seq = 1
"""
_COPY_RECORD = """
INSERT INTO records (conversation, body, labels, windows)
SELECT conversations.seq, body, labels, records.windows FROM conversations, records
WHERE records.conversation = 1 AND conversations.seq > 1
"""
