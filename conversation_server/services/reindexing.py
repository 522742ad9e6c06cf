"""Reindexing: the vector store is made anew from the merged records, and takes the old one's place when it is whole."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from conversation_genome.record import MergedRecord
from conversation_genome.vector_store.by_model import VectorStores, keep_only
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
    published = await _fill(database, open_index(fresh))
    _take_place(fresh, folder)
    return len(published)


async def reindex_in_place(database: Database, stores: VectorStores, index: NewIndex) -> int:
    """Bring a store in a bucket or a database in step with what is published, and return how many that is.

    Each conversation takes its own place anew; what is no longer published goes at the end.

    Raises:
        ModelUnavailableError: If the model of a conversation's language cannot be loaded.
        VectorStoreError: If the store cannot be written.
    """
    published = await _fill(database, index)
    await asyncio.to_thread(keep_only, stores, published)
    return len(published)


async def _fill(database: Database, index: NewIndex) -> set[str]:
    """Make all that is published searchable; returns the ids."""
    published: set[str] = set()
    after = 0
    while True:
        async with database.read() as session:
            rows = await merged.page(session, after=after, limit=PAGE_ROWS)
        for row in rows:
            record = MergedRecord.model_validate_json(row.body)
            await asyncio.to_thread(index.upsert, record)
            after = row.conversation
            published.add(record.conversation.id)
        if not rows:
            await asyncio.to_thread(index.refresh)
            return published


def _take_place(fresh: Path, folder: Path) -> None:
    """Put a folder in the place of another; with nothing published there is none, and the old one goes all the same."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    if fresh.exists():
        fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
