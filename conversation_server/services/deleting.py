"""Deleting: a conversation goes from everywhere, or the server goes on with it when it is started again.

The transaction that takes it out of the database writes down that it is still elsewhere; whoever finds that note
removes it from the vector store and the dataset, however often it takes, and only then is the note removed.
"""

import asyncio
from functools import partial
from typing import Final

import structlog

from conversation_genome.errors import NotFoundError, UnavailableError
from conversation_genome.protocol.reads import ConversationState, Deletion
from conversation_server.db import conversations, deletions
from conversation_server.db.database import Database
from conversation_server.services.merging import Merger
from conversation_server.services.publishing import Publisher
from conversation_server.services.times import at
from conversation_server.services.tools import Tools, in_thread

RETRY_SECONDS: Final = 30.0
PATIENCE_SECONDS: Final = 20.0
"""How long a deletion waits for a conversation that another server is merging."""
_ASK_SECONDS: Final = 0.1
_log = structlog.get_logger(__name__)


class Deleter:
    """Removes conversations, one after the other."""

    def __init__(self, database: Database, tools: Tools, *, merger: Merger, publisher: Publisher) -> None:
        self._database = database
        self._tools = tools
        self._merger = merger
        self._publisher = publisher
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Finish what an earlier server, or a full disk, left unfinished; ends when its task is cancelled."""
        while True:
            try:
                await self.finish_all()
            except Exception:  # noqa: BLE001 - the edge of a loop that must not end
                _log.exception("a deletion is held up; it is tried again")
            await asyncio.sleep(RETRY_SECONDS)

    async def delete(self, conversation_id: str) -> Deletion:
        """Remove a conversation and return the receipt; one whose removal was interrupted is removed to the end.

        Raises:
            NotFoundError: If there is none with this id.
            UnavailableError: If another server merges all the time; it is removed as soon as that is over.
        """
        async with self._database.write() as session:
            row = await conversations.with_id(session, conversation_id)
            if row is not None:
                await conversations.remove(session, row.seq)
                await deletions.begin(session, conversation_id, now=self._tools.clock())
        if row is None and conversation_id not in await self._pending():
            raise NotFoundError(f"there is no conversation {conversation_id[:300]!r}")
        async with self._turn:
            places = await self._finish(conversation_id)
        return Deletion(id=conversation_id, places=places, deleted_at=at(self._tools.clock()))

    async def finish_all(self) -> None:
        """Finish every deletion that is written down."""
        for conversation_id in await self._pending():
            async with self._turn:
                if conversation_id in await self._pending():
                    await self._finish(conversation_id)
                    _log.info("a deletion was finished that had been interrupted", conversation=conversation_id)

    async def count_pending(self) -> int:
        """Return how many deletions are not finished."""
        return len(await self._pending())

    async def _pending(self) -> list[str]:
        return list(await self._database.transact(deletions.pending, is_write=False))

    async def _finish(self, conversation_id: str) -> tuple[str, ...]:
        await self._remove_from_index(conversation_id)
        places = ["database", "vector store"]
        if (await self._publisher.publications()).publications:
            await self._publisher.publish()
            places.append("dataset")
        end = partial(deletions.end, conversation_id=conversation_id)
        await self._database.transact(end, is_write=True)
        await self._database.forget_log()
        return tuple(places)

    async def _remove_from_index(self, conversation_id: str) -> None:
        """Remove it from the vector store while nobody merges, or a merging under way would put it back in."""
        for _ in range(int(PATIENCE_SECONDS / _ASK_SECONDS)):
            async with self._merger.undisturbed() as is_alone:
                if is_alone:
                    await in_thread(self._tools.merging, self._tools.index.delete, conversation_id)
                    await self._merge_anew(conversation_id)
                    return
            await asyncio.sleep(_ASK_SECONDS)
        raise UnavailableError(
            f"{conversation_id[:300]!r} is out of the database and follows from the vector store "
            "as soon as another server has done merging"
        )

    async def _merge_anew(self, conversation_id: str) -> None:
        """Have another conversation that came in under this id meanwhile put back into the vector store."""
        async with self._database.write() as session:
            row = await conversations.with_id(session, conversation_id)
            if row is not None and row.state == ConversationState.PUBLISHED:
                await conversations.change(session, row.seq, state=ConversationState.COMPLETED, merge_after=0.0)
        self._merger.wake()
