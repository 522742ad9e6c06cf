"""Tag, Fact, Profile: what an engine, a miner or the ground truth says about a conversation.

The same shapes travel on the wire, are graded, merged and published; each is bounded, so that
nothing a stranger sends can be large.
"""

from enum import StrEnum
from typing import Annotated, Final, NewType

from pydantic import BaseModel, ConfigDict, Field

Hotkey = NewType("Hotkey", str)
"""An ss58 address: the name under which a neuron acts and is paid."""

MAX_TAG_CHARACTERS: Final = 64
MAX_TAGS: Final = 40
MAX_FACTS: Final = 64
MAX_PROFILES: Final = 64
MAX_EVIDENCE: Final = 32


class Aspect(StrEnum):
    """What a tag says about the talk."""

    TOPIC = "topic"
    ENTITY = "entity"
    ACTIVITY = "activity"
    PRODUCT = "product"
    PLACE = "place"
    ORGANISATION = "organisation"
    SENTIMENT = "sentiment"
    INTENT = "intent"


class Tag(BaseModel):
    """One thing the talk is about, in a few words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=MAX_TAG_CHARACTERS)]
    aspect: Aspect = Aspect.TOPIC
    weight: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 1.0
    """How central it is, in [0, 1]."""


class FactKind(StrEnum):
    """What a fact of a profile says about the participant."""

    INTEREST = "interest"
    ROLE = "role"
    PREFERENCE = "preference"
    PERSON = "person"
    PLACE = "place"


class Fact(BaseModel):
    """One thing a participant said of themselves, with the lines it rests on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FactKind
    text: Annotated[str, Field(min_length=1, max_length=200)]
    evidence: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1, max_length=MAX_EVIDENCE)]
    """Line numbers, counted from 0 in the lines that were read."""
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 1.0


class Profile(BaseModel):
    """What is known of one participant from this talk alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    participant: Annotated[str, Field(min_length=1, max_length=200)]
    facts: Annotated[tuple[Fact, ...], Field(max_length=MAX_FACTS)] = ()


class Annotation(BaseModel):
    """What an engine read out of a talk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)] = ()
    profiles: Annotated[tuple[Profile, ...], Field(max_length=MAX_PROFILES)] = ()


class GroundTruth(BaseModel):
    """What a validator holds true of a conversation, established from the whole of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Annotated[str, Field(min_length=1, max_length=100)]
    """Name and version of what read the conversation."""
    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)]
    """The reference tags of the whole conversation."""
    windows: Annotated[dict[str, tuple[Tag, ...]], Field(max_length=50_000)]
    """The reference tags of each window, by window id; a window without any is not trusted and pays nobody."""
    profiles: Annotated[tuple[Profile, ...], Field(max_length=10_000)] = ()
    """Facts count lines in the whole conversation."""


class Outcome(StrEnum):
    """How a miner's answer to one task ended."""

    SCORED = "scored"
    LATE = "late"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
