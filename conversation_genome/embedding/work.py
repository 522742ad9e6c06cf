"""How much of a process's work the embedding models are: what the benchmark of the loop adds up."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from conversation_genome.embedding.by_language import ByLanguage

_logger = structlog.get_logger(__name__)


@contextmanager
def logged_work(embedder: ByLanguage) -> Iterator[None]:
    """Log, when the block ends, the processor time of this process meanwhile, and the embedder's part in it."""
    cpu_seconds, before = time.process_time(), embedder.counters
    try:
        yield
    finally:
        after = embedder.counters
        _logger.info(
            "work done",
            cpu_seconds=round(time.process_time() - cpu_seconds, 3),
            embedding_cpu_seconds=round(after.cpu_seconds - before.cpu_seconds, 3),
            texts_asked=after.asked - before.asked,
            texts_embedded=after.computed - before.computed,
        )
