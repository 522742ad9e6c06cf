"""Searching: what the index answers, beside the event loop."""

from collections.abc import Sequence

import structlog

from conversation_genome.errors import VectorStoreError
from conversation_genome.protocol.finding import SearchSort, Stretch, TagNeighbours, TagTrends
from conversation_genome.protocol.reads import SearchHits, SimilarConversations
from conversation_genome.vector_store.base import Verification
from conversation_server.services.tools import Tools, in_thread

_log = structlog.get_logger(__name__)


class Searching:
    """Asks the index in the threads for reading."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def page(
        self, query: str, *, limit: int, sort: SearchSort | None = None, cursor: str | None = None
    ) -> SearchHits:
        """Return one page of what answers a query.

        Raises:
            QueryError: If the query or the cursor cannot be read.
        """
        index = self._tools.index
        return await in_thread(self._tools.reading, index.search, query, limit, sort=sort, cursor=cursor)

    async def verified(self) -> dict[str, Verification]:
        """Return what came of the newest measuring of each store's index; nothing where a store cannot be read."""
        try:
            return await in_thread(self._tools.reading, self._tools.index.verified)
        except VectorStoreError as exc:
            _log.warning("what the index of vectors finds could not be read", error=str(exc))
            return {}

    async def similar(self, conversation_id: str, *, limit: int) -> SimilarConversations:
        """Return the conversations that are like one.

        Raises:
            NotFoundError: If it is not searchable.
        """
        return await in_thread(self._tools.reading, self._tools.index.similar, conversation_id, limit)

    async def tag_trends(
        self, *, stretch: Stretch | None = None, tags: Sequence[str] = (), limit: int = 10
    ) -> TagTrends:
        """Return the tags that rise and fall."""
        index = self._tools.index
        return await in_thread(self._tools.reading, index.tag_trends, stretch=stretch, tags=tags, limit=limit)

    async def tag_neighbours(self, tag: str, *, limit: int) -> TagNeighbours:
        """Return what stands around a tag.

        Raises:
            NotFoundError: If no searchable conversation has it.
        """
        return await in_thread(self._tools.reading, self._tools.index.tag_neighbours, tag, limit)
