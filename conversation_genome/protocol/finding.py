"""What a search is answered with, wherever it is asked: passages, similar conversations, the course and ties of tags."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from conversation_genome.protocol.messages import Message


class SearchSort(StrEnum):
    """In which order hits come."""

    RELEVANCE = "relevance"
    """What answers best first."""
    DATE = "date"
    """What began last first; what has no date comes last."""


class Quote(Message):
    """A line that shows why something was found."""

    text: str
    """As `name: words`."""
    marks: tuple[tuple[int, int], ...] = ()
    """What of it was asked for: [start, end) in characters of the text, in order and apart."""


class FoundPassage(Message):
    """A window that answers a query."""

    window_id: str
    score: float
    """Comparable within one answer only."""
    quotes: tuple[Quote, ...]


class Stretch(StrEnum):
    """How long each stretch of time is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class TagTrend(Message):
    """How often conversations are about one tag as time goes on."""

    tag: str
    """As it is spelled most often."""
    conversations: int
    counts: tuple[int, ...]
    """Conversations with the tag, a number for each stretch."""
    change: float
    """Share in the later half of the time less that in the earlier half, in [-1, 1]."""
    strength: float
    """By how many standard errors the two shares differ; above 0 it rises, beyond 2 that is hardly chance."""


class TagTrends(Message):
    """What moved most over a time."""

    stretch: Stretch
    starts: tuple[date, ...]
    """First day of each stretch, UTC, oldest first; no stretch is left out."""
    conversations: tuple[int, ...]
    """All conversations with a date, a number for each stretch."""
    rising: tuple[TagTrend, ...]
    """Strongest first."""
    falling: tuple[TagTrend, ...]
    named: tuple[TagTrend, ...] = ()
    """Those that were asked for by name."""
    undated: Annotated[int, Field(ge=0)] = 0
    """Conversations without a date, which cannot be counted."""


class TagNeighbour(Message):
    """A tag beside another, and how it is tied to it."""

    tag: str
    score: Annotated[float, Field(ge=0, le=1)]
    """1 if it is first by both ties; comparable within one answer only."""
    together: int
    """Conversations that have both tags."""
    association: float
    """Normalised pointwise mutual information in [-1, 1]: 0 as often together as chance has it, 1 never apart."""
    likeness: float | None
    """Cosine of the meanings on MiniLM's scale; None where it is too small to be looked at."""


class TagNeighbours(Message):
    """What stands around a tag."""

    tag: str
    conversations: int
    """That have it."""
    neighbours: tuple[TagNeighbour, ...]
    """Closest first."""
