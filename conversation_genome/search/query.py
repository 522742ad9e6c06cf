"""Query: what a user asks, as a tree that can be written out again; words that only rank beside what must be true."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from conversation_genome.vector_store.conditions import (
    All,
    AnyOf,
    Condition,
    FieldIs,
    Not,
    Phrase,
    Started,
    Word,
)

BARE: Final = re.compile(r'[^\s()"“”][^\s()]*')
"""What needs no quotes."""
OPERATORS: Final = ("AND", "OR", "NOT")
_OF_LANGUAGE: Final = re.compile(r'["“”():]|(?<!\S)-+|\.\.')
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Plain:
    """A word that stands alone: what has it comes earlier, what lacks it is not left out for that."""

    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """Clauses in the order in which they were written."""

    clauses: tuple[Plain | Condition, ...]

    @property
    def where(self) -> Condition | None:
        """What must be true of a conversation; None if nothing must."""
        conditions = tuple(clause for clause in self.clauses if not isinstance(clause, Plain))
        return conditions[0] if len(conditions) == 1 else All(conditions) if conditions else None

    @property
    def ranked(self) -> str:
        """The words by which conversations are ranked: all but those that must not be there and those of fields."""
        return " ".join(text for clause in self.clauses for text in _wanted(clause))

    @property
    def said(self) -> tuple[Word | Phrase | Plain, ...]:
        """What is looked for in the lines, in the order in which it was written."""
        return tuple(leaf for clause in self.clauses for leaf in _said(clause))

    def __str__(self) -> str:
        """Return the query as it can be asked again."""
        return " ".join(map(_alone, self.clauses))


def as_words(text: str) -> str:
    """Return a text of which every word only ranks: a tag, say, that a program asks for as it is."""
    words = _OF_LANGUAGE.sub(" ", text).split()
    return " ".join(word.lower() if word in OPERATORS else word for word in words)


def rendered(condition: Condition) -> str:
    """Return a condition as it is written in a query; reading it gives the same condition."""
    match condition:
        case Word(text):
            return text
        case Phrase(text):
            return f'"{text}"'
        case FieldIs(name, value):
            return f"{name}:{value}" if BARE.fullmatch(value) else f'{name}:"{value}"'
        case Started(start, end):
            return _rendered_time(start, end)
        case _:
            return _rendered_branch(condition)


def _alone(clause: Plain | Condition) -> str:
    if isinstance(clause, Plain):
        return clause.text
    return f"({clause.text})" if isinstance(clause, Word) else rendered(clause)


def only_fields(condition: Condition) -> bool:
    """Tell whether a condition asks nothing of the lines, so that every record of a conversation can answer it."""
    match condition:
        case All(parts) | AnyOf(parts):
            return all(map(only_fields, parts))
        case Not(part):
            return only_fields(part)
        case _:
            return isinstance(condition, FieldIs | Started)


def _rendered_branch(condition: All | AnyOf | Not) -> str:
    match condition:
        case Not(part):
            return f"NOT {_grouped(part)}"
        case All(parts):
            return " AND ".join(map(_grouped, parts))
        case AnyOf(parts):
            return " OR ".join(map(_grouped, parts))


def _grouped(condition: Condition) -> str:
    text = rendered(condition)
    return f"({text})" if isinstance(condition, All | AnyOf) else text


def _rendered_time(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return f"after:{_moment(start)}" if start else f"before:{_moment(end)}" if end else ""
    are_days = start.time() == end.time() == time(0)
    last = end - (_DAY if are_days else _MINUTE)
    first_text, last_text = (moment.date().isoformat() if are_days else _moment(moment) for moment in (start, last))
    return f"on:{first_text}" if first_text == last_text else f"on:{first_text}..{last_text}"


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    if moment.time() == time(0):
        return moment.date().isoformat()
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def _wanted(clause: Plain | Condition) -> Iterator[str]:
    return (leaf.text for leaf in _said(clause))


def _said(clause: Plain | Condition) -> Iterator[Word | Phrase | Plain]:
    match clause:
        case Plain() | Word() | Phrase():
            yield clause
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _said(part)
        case _:
            return
