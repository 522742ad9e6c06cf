"""SearchHit: one conversation that answers a query, with the lines that show it."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


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
    tags: tuple[str, ...]
    """Of the conversation, best first."""
    reasons: tuple[str, ...]
    """Why it was found, in plain words, strongest first."""
    source: str
    language: str | None = None
    started_at: datetime | None = None
