"""Reindexing: the vector store is made anew from the merged records, and takes the old one's place when it is whole."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from conversation_genome.record import MergedRecord
from conversation_server.db import merged
from conversation_server.db.database import Database

PAGE_ROWS: Final = 20


class NewIndex(Protocol):
    """A vector store that is being filled."""

    def upsert(self, record: MergedRecord) -> None:
        """Make a conversation searchable."""

    def refresh(self) -> None:
        """Bring the store's indices up to date."""


async def reindex(database: Database, folder: Path, open_index: Callable[[Path], NewIndex]) -> int:
    """Fill a vector store with every published conversation and return how many there are.

    The old store is searched until the new one is whole; no server may write to it meanwhile.

    Args:
        database: Holds the merged records.
        folder: The vector store's.
        open_index: Opens a vector store in a folder.

    Raises:
        ModelUnavailableError: If the model of a conversation's language cannot be loaded.
        VectorStoreError: If the folder cannot be written.
    """
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    count = await _fill(database, open_index(fresh))
    _take_place(fresh, folder)
    return count


async def _fill(database: Database, index: NewIndex) -> int:
    count = after = 0
    while True:
        async with database.read() as session:
            rows = await merged.page(session, after=after, limit=PAGE_ROWS)
        for row in rows:
            await asyncio.to_thread(index.upsert, MergedRecord.model_validate_json(row.body))
            after, count = row.conversation, count + 1
        if not rows:
            await asyncio.to_thread(index.refresh)
            return count


def _take_place(fresh: Path, folder: Path) -> None:
    """Put a folder in the place of another; with nothing published there is none, and the old one goes all the same."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    if fresh.exists():
        fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
