"""What an index can say of a condition: a wider one that everything passes for which it holds, and whether it is equal.

Stores answer the wider one by their indices and read only what passes it; where it is not equal, `holds` decides.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

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
from conversation_genome.vector_store.terms import terms


@dataclass(frozen=True, slots=True)
class HasTerms:
    """All these terms occur in the text."""

    terms: tuple[str, ...]


Indexed = HasTerms | FieldIs | Started | All | AnyOf | Not
"""A condition whose leaves an index of terms, fields and dates can answer; its parts are such conditions, too."""

TRUE: Final = All(())
FALSE: Final = AnyOf(())


class Bounds(NamedTuple):
    """Two conditions that an index can answer, with the asked one between them."""

    inner: Indexed
    """Only where this holds for sure."""
    outer: Indexed
    """Wherever it may hold."""

    @property
    def is_exact(self) -> bool:
        """Whether the index alone can tell."""
        return self.inner == self.outer


def bounds(condition: Condition | None) -> Bounds:
    """Return what an index can say of a condition; None asks for nothing."""
    match condition:
        case None:
            return Bounds(TRUE, TRUE)
        case All(parts):
            each = [bounds(part) for part in parts]
            return Bounds(_all([part.inner for part in each]), _all([part.outer for part in each]))
        case AnyOf(parts):
            each = [bounds(part) for part in parts]
            return Bounds(_any([part.inner for part in each]), _any([part.outer for part in each]))
        case Not(part):
            inside = bounds(part)
            return Bounds(_not(inside.outer), _not(inside.inner))
        case Word(text) | Phrase(text):
            return _of_words(text, is_exact=isinstance(condition, Word) and len(terms(text)) == 1)
        case _:
            return Bounds(condition, condition)


def _of_words(text: str, *, is_exact: bool) -> Bounds:
    found = tuple(sorted(set(terms(text))))
    outer = HasTerms(found) if found else TRUE
    return Bounds(outer if is_exact else FALSE, outer)


def _all(parts: list[Indexed]) -> Indexed:
    kept = [part for part in parts if part != TRUE]
    if FALSE in kept:
        return FALSE
    return kept[0] if len(kept) == 1 else All(tuple(kept))  # type: ignore[arg-type]  # leaves of its own


def _any(parts: list[Indexed]) -> Indexed:
    kept = [part for part in parts if part != FALSE]
    if TRUE in kept:
        return TRUE
    return kept[0] if len(kept) == 1 else AnyOf(tuple(kept))  # type: ignore[arg-type]  # leaves of its own


def _not(part: Indexed) -> Indexed:
    if part in {TRUE, FALSE}:
        return FALSE if part == TRUE else TRUE
    return Not(part)  # type: ignore[arg-type]  # leaves of its own
