"""Browsing: conversations as an operator looks for them, newest first."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.protocol.reads import ConversationState, ConversationSummary
from conversation_server.db import recent
from conversation_server.db.recent import Wanted as Wanted  # noqa: PLC0414 (pages build it, and know services alone)
from conversation_server.services.reading import number_of, summary

PAGE: Final = 40
SCANNED: Final = 2_000
"""Conversations that one page looks through at most for a source, a language or a text."""
TAGS: Final = 4


class Listed(ConversationSummary):
    """A conversation as the console lists it."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of conversations."""

    conversations: tuple[Listed, ...]
    next_cursor: str | None
    is_partial: bool
    """True where the page ends because enough was looked through, not because it is full."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list may be narrowed to."""

    states: dict[ConversationState, int]
    sources: tuple[str, ...]
    languages: tuple[str, ...]


async def listing(session: AsyncSession, wanted: Wanted, cursor: str | None) -> Listing:
    """Return one page of conversations, newest first.

    Raises:
        InputError: If the cursor is none.
    """
    rows, onward = await recent.conversations(session, wanted, before=number_of(cursor), scanned=SCANNED, limit=PAGE)
    tags = await recent.top_tags(session, [row.seq for row in rows], TAGS)
    return Listing(
        conversations=tuple(Listed(**summary(row).model_dump(), tags=tuple(tags.get(row.seq, ()))) for row in rows),
        next_cursor=None if onward is None else str(onward),
        is_partial=onward is not None and len(rows) < PAGE,
    )


def choices(connection: Connection) -> Choices:
    """Return what the list may be narrowed to."""
    counts = recent.states(connection)
    return Choices(
        states={state: counts.get(state, 0) for state in ConversationState},
        sources=tuple(recent.sources(connection)),
        languages=tuple(recent.languages(connection, SCANNED)),
    )
