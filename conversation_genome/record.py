"""MergedRecord: what the subnet knows of a conversation after grading; the unit that is published and searched."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.annotation import Aspect, Profile
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.quality.base import Quality

UNSCORED: Final = "unscored"
"""With it begins the scoring version of what one reader established alone, without miners and validators."""


class ConsensusTag(BaseModel):
    """A tag that miners agreed on, however each of them spelled it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    aspect: Aspect
    weight: Annotated[float, Field(ge=0, le=1)]
    """How central it is, from the weights and the scores of the answers that hold it."""
    support: Annotated[int, Field(ge=1)]
    """Miners of whom at least one scored answer holds it."""


class WindowRecord(BaseModel):
    """The consensus of one window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window_id: str
    level: int
    start: int
    end: int
    thread: int | None = None
    lines: tuple[int, ...] | None = None
    """The lines of the window where a thread skips lines of others; else None."""
    tags: tuple[ConsensusTag, ...]
    answers: Annotated[int, Field(ge=0)]
    """Scored answers that went in."""


class MergedRecord(BaseModel):
    """One conversation with everything that was established about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversation: Conversation
    """Without labels."""
    tags: tuple[ConsensusTag, ...]
    """Best first."""
    windows: tuple[WindowRecord, ...]
    profiles: tuple[Profile, ...]
    embedding: tuple[float, ...]
    """Unit vector of the whole conversation."""
    embedding_model: EmbeddingModel
    quality: Quality
    miners: int
    """Miners with at least one scored answer."""
    validators: int
    scoring_version: str
    merged_at: datetime
    is_masked: bool = False
    """Whether placeholders stand for what is personal in lines, tags, names and facts."""
