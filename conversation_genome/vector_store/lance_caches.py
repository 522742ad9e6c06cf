"""What the stores of one process keep in memory of LanceDB's files and indices, all together, so that it is bounded."""

from functools import cache
from typing import Final

import pyarrow as pa
from lancedb import Session

INDEX_CACHE_BYTES: Final = 1 << 30
"""Enough for the words of a million windows."""
METADATA_CACHE_BYTES: Final = 8 << 20
"""Every write makes a version with files of its own to be described."""


@cache
def shared_session() -> Session:
    """Return the caches; LanceDB's own bounds are 6 GB and 1 GB.

    Arrow is told to take memory from the C library: its own pool keeps what was freed, 168 MB after 1,500 conversations.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    return Session(index_cache_size_bytes=INDEX_CACHE_BYTES, metadata_cache_size_bytes=METADATA_CACHE_BYTES)
