"""Audit: every administrative act is written down before it is done, and again when it is over.

An act without an outcome is under way, or the server ended in the middle of it: nothing is done that is not written.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from sqlalchemy import Row

from conversation_genome.errors import ConversationGenomeError
from conversation_genome.protocol.administration import Act, ActPage
from conversation_server.db import acts
from conversation_server.db.database import Database
from conversation_server.services.keys import KeyHolder
from conversation_server.services.reading import number_of
from conversation_server.services.times import at
from conversation_server.services.tools import Tools

DONE: Final = "done"
INTERNAL: Final = "internal_error"
MAX_TARGET_CHARACTERS: Final = 300


class Audit:
    """The log of administrative acts."""

    def __init__(self, database: Database, tools: Tools) -> None:
        self._database = database
        self._clock = tools.clock

    @asynccontextmanager
    async def recorded(
        self, holder: KeyHolder, action: str, target: str = "", *, request_id: str
    ) -> AsyncIterator[None]:
        """Write an act down, let it be done, and write down how it ended.

        Args:
            holder: Who does it.
            action: `<noun>.<verb>`.
            target: What it is done to.
            request_id: Of the request that asks for it.
        """
        number = await self._begin(holder, action, target, request_id)
        outcome = INTERNAL
        try:
            yield
            outcome = DONE
        except ConversationGenomeError as exc:
            outcome = exc.code
            raise
        finally:
            end = partial(acts.end, act=number, outcome=outcome, now=self._clock())
            await self._database.transact(end, is_write=True)

    async def page(self, *, cursor: str | None, limit: int) -> ActPage:
        """Return a page of acts, newest first.

        Raises:
            InputError: If the cursor is none.
        """
        read = partial(acts.page, before=number_of(cursor), limit=limit + 1)
        rows = await self._database.transact(read, is_write=False)
        return ActPage(
            acts=tuple(map(_act, rows[:limit])),
            next_cursor=str(rows[limit - 1].seq) if len(rows) > limit else None,
        )

    async def newest(self, action: str, limit: int) -> tuple[Act, ...]:
        """Return the newest acts of a kind, newest first."""
        rows = await self._database.transact(partial(acts.newest, action=action, limit=limit), is_write=False)
        return tuple(map(_act, rows))

    async def _begin(self, holder: KeyHolder, action: str, target: str, request_id: str) -> int:
        values = {
            "begun_at": self._clock(),
            "key_id": holder.id,
            "key_name": holder.name,
            "action": action,
            "target": target[:MAX_TARGET_CHARACTERS],
            "request_id": request_id,
        }
        return await self._database.transact(partial(acts.begin, values=values), is_write=True)


def _act(row: Row[Any]) -> Act:
    return Act(
        id=row.seq,
        begun_at=at(row.begun_at),
        key_id=row.key_id,
        key_name=row.key_name,
        action=row.action,
        target=row.target,
        request_id=row.request_id,
        outcome=row.outcome,
        ended_at=None if row.ended_at is None else at(row.ended_at),
    )
