"""Reader: what a search reads of a LanceDB table; several questions at once, and none waits on a thread of its own."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

import pyarrow as pa
from lancedb.background_loop import LOOP
from lancedb.query import MatchQuery

from conversation_genome.vector_store import rows

Result = TypeVar("Result")


class Reader:
    """Reads a table at its newest version; safe to call from several threads."""

    def __init__(self, opened: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Take what opens the table for asynchronous use; it is opened by the first question."""
        self._opened = opened
        self._table: Any = None

    def worded(self, words: Sequence[str], condition: str | None, limit: int) -> "Future[pa.Table]":
        """Look for the rows that have a word and pass: their addresses and their BM25."""
        return _later(self._worded(words, condition, limit))

    def worded_each(self, words: Sequence[str], asked: Sequence[tuple[str | None, int]]) -> "Future[list[pa.Table]]":
        """Look for words as often as there are pairs of a condition and a limit, all at the same time."""
        return _later(self._worded_each(words, asked))

    def taken(self, addresses: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Return these columns of the rows that are there, with the address of each."""
        return _later(self._taken(list(addresses), list(columns))).result()

    async def _worded(self, words: Sequence[str], condition: str | None, limit: int) -> pa.Table:
        table = await self._ready()
        match = MatchQuery(" ".join(words), rows.TERMS)  # type: ignore[call-arg]  # its defaults are invisible to mypy
        query = table.query().nearest_to_text(match).select(["_score"]).with_row_id().limit(limit)
        return await (query if condition is None else query.where(condition)).to_arrow()

    async def _worded_each(self, words: Sequence[str], asked: Sequence[tuple[str | None, int]]) -> list[pa.Table]:
        await self._ready()
        return await asyncio.gather(*(self._worded(words, condition, limit) for condition, limit in asked))

    async def _taken(self, addresses: list[int], columns: list[str]) -> pa.Table:
        table = await self._ready()
        return await table.take_row_ids(addresses).select(columns).with_row_id().to_arrow()

    async def _ready(self) -> Any:
        if self._table is None:
            self._table = await self._opened()
        return self._table


def _later(work: Coroutine[Any, Any, Result]) -> "Future[Result]":
    return asyncio.run_coroutine_threadsafe(work, LOOP.loop)
