"""Mention: a phrase that one line holds and that may become a tag."""

from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """What the words of a mention are."""

    NOUN = 0
    NAME = 1
    ACTIVITY = 2
    INTENT = 3
    SENTIMENT = 4


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of a candidate."""

    key: str
    """What counts as the same: lower case, last word singular."""
    text: str
    """As it would be written as a tag."""
    kind: Kind
    is_weak: bool = False
    """Says little unless the talk keeps coming back to it."""
    is_phrase: bool = False
    """A longer phrase, made of others (see `phrases`)."""
