"""Tools: what the services share, made once at the start and passed in."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, ParamSpec, Protocol, TypeVar

from conversation_genome.embedding.base import Embedder
from conversation_genome.protocol.finding import SearchSort, Stretch, TagNeighbours, TagTrends
from conversation_genome.protocol.reads import SearchHits, SimilarConversations
from conversation_genome.record import MergedRecord
from conversation_genome.search.caching import CacheCounters
from conversation_genome.settings import ServerSettings
from conversation_genome.tasks.base import TaskType
from conversation_genome.vector_store.base import Verification
from conversation_genome.windowing.settings import WindowingSettings

SWITCH_SECONDS: Final = 0.000_5
"""After which a thread that computes lets another one go on. A request changes threads several times, and with Python's
5 ms would wait for the merging each time."""
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class SearchIndex(Protocol):
    """The vector store as the server uses it; every call blocks. It can be rebuilt from the database."""

    def upsert(self, record: MergedRecord) -> None:
        """Make a conversation searchable, in place of what was there under its id."""

    def delete(self, conversation_id: str) -> None:
        """Make a conversation unsearchable."""

    def search(
        self, query: str, limit: int, *, sort: SearchSort | None = None, cursor: str | None = None
    ) -> SearchHits:
        """Return one page of what answers a query.

        Raises:
            QueryError: If the query or the cursor cannot be read.
        """

    def similar(self, conversation_id: str, limit: int) -> SimilarConversations:
        """Return the conversations that are like one.

        Raises:
            NotFoundError: If it is not searchable.
        """

    def tag_trends(self, *, stretch: Stretch | None = None, tags: Sequence[str] = (), limit: int = 10) -> TagTrends:
        """Return the tags that rise and fall, and the course of named ones."""

    def tag_neighbours(self, tag: str, limit: int) -> TagNeighbours:
        """Return what stands around a tag.

        Raises:
            NotFoundError: If no searchable conversation has it.
        """

    def verified(self) -> dict[str, Verification]:
        """Return what came of the newest measuring of each store's index, by the name of its model.

        Raises:
            VectorStoreError: If a store cannot be read.
        """

    @property
    def counters(self) -> CacheCounters:
        """How often the answer to a query was remembered."""


@dataclass(frozen=True)
class Tools:
    """Settings, models, clock and threads."""

    settings: ServerSettings
    embedder: Embedder
    index: SearchIndex
    task_type: Callable[[str], TaskType]
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
    scoring: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "scoring"))
    """One thread: two would embed the lines of one window twice, since its answers come in together."""
    reading: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "reading"))
    """For records that come in and queries."""
    merging: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "merging"))

    @property
    def windowing(self) -> WindowingSettings:
        """How conversations are cut."""
        return WindowingSettings(
            boundaries=self.settings.server_window_boundaries,
            window_lines=self.settings.server_window_lines,
            window_overlap=self.settings.server_window_overlap,
            window_tokens=self.settings.server_window_tokens,
            min_lines=self.settings.server_min_lines,
        )

    @property
    def dataset_folder(self) -> Path:
        """Where the dataset is written."""
        return self.settings.server_dataset_path

    def close(self) -> None:
        """Let the threads go."""
        self.scoring.shutdown(cancel_futures=True)
        self.reading.shutdown(cancel_futures=True)
        self.merging.shutdown(cancel_futures=True)


async def in_thread(
    threads: ThreadPoolExecutor,
    function: Callable[Arguments, Result],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result:
    """Run what takes the processor's time beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(threads, lambda: function(*args, **kwargs))
