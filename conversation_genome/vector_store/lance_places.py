"""Rows of a LanceDB table in order of their place, and commits that are tried again beside those of other processes."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from conversation_genome.vector_store.base import Outline

Result = TypeVar("Result")
_log = structlog.get_logger(__name__)

TRIES: Final = 8
FIRST_WAIT_SECONDS: Final = 0.02


def retried(work: Callable[[], Result], *, after: str = "conflict", tries: int = TRIES) -> Result:
    """Return what the work returns, tried again where another process committed in between.

    Args:
        work: What is tried.
        after: What an error says after which it may do better: LanceDB gives errors no types of their own.
        tries: How often it is tried again; the waits double from a hundredth of a second or two.
    """
    for attempt in range(tries):
        try:
            return work()
        except (OSError, RuntimeError, ValueError) as exc:
            if after not in str(exc).lower():
                raise
            _log.debug("another process is at work", attempt=attempt, error=str(exc)[:200])
            time.sleep(random.uniform(0.5, 1.0) * FIRST_WAIT_SECONDS * 2**attempt)  # noqa: S311 - so that two part ways
    return work()


def in_order(places: pa.Table, after: Outline | None) -> pa.Table:
    """Return the rows in order of their place, from after an outline on."""
    ordered = places.sort_by([("started_at", "descending"), ("conversation_id", "ascending")])
    if after is None:
        return ordered
    is_later = pc.greater(ordered["conversation_id"], after.conversation_id)
    undated = pc.is_null(ordered["started_at"])
    if after.started_at is None:
        return ordered.filter(pc.and_(undated, is_later))
    moment = pa.scalar(after.started_at, type=ordered["started_at"].type)
    is_older = pc.fill_null(pc.less(ordered["started_at"], moment), fill_value=False)
    is_same = pc.fill_null(pc.equal(ordered["started_at"], moment), fill_value=False)
    return ordered.filter(pc.or_(undated, pc.or_(is_older, pc.and_(is_same, is_later))))
