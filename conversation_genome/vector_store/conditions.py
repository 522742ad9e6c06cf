"""Conditions on one record: what must be true of it, as a tree, and the one pure reading of each condition.

Stores may answer conditions by any index they have; what they return is what `holds` lets pass, no more, no less.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

from conversation_genome.vector_store.terms import fold, terms, tokens


class Held(Protocol):
    """What of a record is looked at."""

    @property
    def text(self) -> str:
        """Its lines."""

    @property
    def source(self) -> str:
        """Where the conversation is from."""

    @property
    def language(self) -> str | None:
        """BCP 47."""

    @property
    def started_at(self) -> datetime | None:
        """When the conversation began; without a time zone it is taken for UTC."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Of the conversation."""

    @property
    def speakers(self) -> tuple[str, ...]:
        """Of the conversation."""


class FieldName(StrEnum):
    """What a value can be asked of."""

    SPEAKER = "speaker"
    SOURCE = "source"
    TAG = "tag"
    LANGUAGE = "lang"


@dataclass(frozen=True, slots=True)
class Word:
    """The text has this word, in any form of it: all its `terms`, one after the other.

    A word that has no terms, as a stop word, must be there as a token; one without letters as characters.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line has these words, exactly these forms, one after the other; case and accents aside.

    It can only hold where all `terms` of it occur, so an index of terms finds every candidate. A phrase
    without letters must be there as characters.
    """

    text: str


@dataclass(frozen=True, slots=True)
class FieldIs:
    """A field has this value, case and accents aside.

    Of a speaker any part of the name will do that is made of whole words; a language holds its regions, so that
    `en` holds for `en-GB`; a tag and a source must be equal to the value.
    """

    name: FieldName
    value: str


@dataclass(frozen=True, slots=True)
class Started:
    """The conversation began in [start, end); an end that is None is open. It never holds without a date."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; of no parts this is true."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; of no parts this is false."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; what is not known of a record (its date, its language) does not hold either."""

    part: "Condition"


Condition = Word | Phrase | FieldIs | Started | All | AnyOf | Not


def holds(condition: Condition, record: Held) -> bool:
    """Tell whether a condition is true of a record."""
    match condition:
        case All(parts):
            return all(holds(part, record) for part in parts)
        case AnyOf(parts):
            return any(holds(part, record) for part in parts)
        case Not(part):
            return not holds(part, record)
        case _:
            return _is_met(condition, record)


def _is_met(condition: Word | Phrase | FieldIs | Started, record: Held) -> bool:
    match condition:
        case Word(text):
            return has_word(record.text, text)
        case Phrase(text):
            return has_phrase(record.text, text)
        case FieldIs(name, value):
            return _FIELDS[name](record, value)
        case Started(start, end):
            return _is_between(record.started_at, start, end)


def has_word(text: str, word: str) -> bool:
    """Tell whether a text has a word in any of its forms."""
    if wanted := _terms(word):
        return _runs(wanted, terms(text))
    return has_phrase(text, word)


def has_phrase(text: str, phrase: str) -> bool:
    """Tell whether one line of a text has the words of a phrase, one after the other."""
    wanted = _tokens(phrase)
    if not wanted:
        return fold(phrase.strip()) in fold(text)
    return any(_runs(wanted, tokens(line)) for line in text.split("\n"))


def speaker_keys(names: Iterable[str]) -> str:
    """Return names in one string, of which `speaker_key` of every run of whole words of a name is a part."""
    return "\n".join(["", *(speaker_key(name) for name in names), ""])


def speaker_key(name: str) -> str:
    """Return a name, or a part of one, as it is looked for in `speaker_keys`; of signs alone the signs."""
    return f" {' '.join(tokens(name)) or ' '.join(fold(name).split())} "


def is_language(language: str | None, wanted: str) -> bool:
    """Tell whether a language tag is the wanted one or a region or script of it."""
    return language is not None and f"{fold(language)}-".startswith(f"{fold(wanted)}-")


def utc(moment: datetime) -> datetime:
    """Return a moment with a time zone; one without is taken for UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


@lru_cache(maxsize=1_024)
def _terms(word: str) -> tuple[str, ...]:
    return tuple(terms(word))


@lru_cache(maxsize=1_024)
def _tokens(phrase: str) -> tuple[str, ...]:
    return tuple(tokens(phrase))


def _runs(wanted: Sequence[str], there: Sequence[str]) -> bool:
    """Tell whether `wanted`, which is not empty, stands in `there` without a gap."""
    width, first, run = len(wanted), wanted[0], list(wanted)
    return any(
        there[place] == first and list(there[place : place + width]) == run for place in range(len(there) - width + 1)
    )


def _is_between(moment: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    if moment is None:
        return False
    return (start is None or utc(moment) >= utc(start)) and (end is None or utc(moment) < utc(end))


_FIELDS: Final[Mapping[FieldName, Callable[[Held, str], bool]]] = {
    FieldName.SPEAKER: lambda record, value: speaker_key(value) in speaker_keys(record.speakers),
    FieldName.SOURCE: lambda record, value: fold(record.source) == fold(value),
    FieldName.TAG: lambda record, value: fold(value) in map(fold, record.tags),
    FieldName.LANGUAGE: lambda record, value: is_language(record.language, value),
}
