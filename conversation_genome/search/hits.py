"""SearchHit: one conversation that answers a query, with the lines that show it; SearchPage: some of them in order."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.protocol.finding import FoundPassage, SearchSort


class SearchHit(BaseModel):
    """A conversation that answers a query; in search results best first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversation_id: str
    title: str
    """The early line that says best what it is about."""
    score: Annotated[float, Field(ge=0, le=1)]
    """1 if it is first by meaning and by words on every level; comparable within one answer only."""
    window_id: str | None
    """The window that answers best; None where only the whole or a tag was found."""
    quotes: tuple[str, ...]
    """The lines that show it, as `name: text`, in their order."""
    passages: tuple[FoundPassage, ...] = ()
    """The windows that answer, best first, with their lines and what in them was asked for."""
    tags: tuple[str, ...]
    """Of the conversation, best first."""
    reasons: tuple[str, ...]
    """Why it was found, in plain words, strongest first."""
    source: str
    language: str | None = None
    started_at: datetime | None = None
    speakers: tuple[str, ...] = ()
    """Who says something in it."""
    near_copies: tuple[str, ...] = ()
    """Ids of conversations that would be found for the same, for they are nearly the same."""


class SearchPage(BaseModel):
    """Some hits of an answer, in order, and where it goes on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: str
    sort: SearchSort
    hits: tuple[SearchHit, ...]
    next_cursor: str | None
    """None at the end."""
    is_changed: bool = False
    """True if what is searched changed since the page before: a hit may then come twice or have been passed over."""
