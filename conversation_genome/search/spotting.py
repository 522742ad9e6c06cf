"""Where words that were asked for stand in a line, seen by looking for their stems instead of reading every word of it.

A word of ASCII begins with its term, but for plurals in -ies (`terms.stem` only cuts ends). Other lines, and terms of other
scripts, are read whole. Pure.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

from conversation_genome.vector_store.terms import terms

_APOSTROPHE: Final = "'"


def spotted(text: str, wanted: Collection[str]) -> frozenset[str]:
    """Return which of these terms a text has."""
    places = _places_of_each(text, wanted)
    return frozenset(wanted) & _terms_of(text) if places is None else frozenset(places)


def may_stand_at(text: str, wanted: Collection[str]) -> list[int] | None:
    """Return the places, in order, at which words with one of these terms begin; None if every word must be read."""
    places = _places_of_each(text, wanted)
    return None if places is None else sorted({place for each in places.values() for place in each})


def narrowed(text: str, wanted: Collection[str]) -> list[str]:
    """Return those of these terms that a text may have, for its lines are looked at one by one."""
    if not text.isascii():
        return list(wanted)
    folded = text.lower()
    return [term for term in wanted if not _beginnings(term) or any(start in folded for start in _beginnings(term))]


def _places_of_each(text: str, wanted: Collection[str]) -> dict[str, list[int]] | None:
    """Return where words of each term that occurs begin; None if only reading the text whole can tell."""
    if not text.isascii():
        return None
    found: dict[str, list[int]] = {}
    folded = text.lower()
    for term in wanted:
        beginnings = _beginnings(term)
        if not beginnings:
            return None
        places: list[int] = []
        for beginning in beginnings:
            if beginning in folded:
                places += _starts(folded, beginning)
        if not places:
            continue
        if any(place and folded[place - 1] == _APOSTROPHE for place in places):
            return None  # the end of a word, or a word: what stands before it decides
        if standing := [place for place in places if term in _terms_of(_word_at(folded, place))]:
            found[term] = standing
    return found


def _starts(folded: str, beginning: str) -> Iterator[int]:
    """Yield where a word begins so."""
    place = folded.find(beginning)
    while place >= 0:
        if not place or not folded[place - 1].isalnum():
            yield place
        place = folded.find(beginning, place + 1)


def _word_at(folded: str, place: int) -> str:
    end = place
    while end < len(folded) and (folded[end].isalnum() or folded[end] == _APOSTROPHE):
        end += 1
    return folded[place:end]


@lru_cache(maxsize=4_096)
def _beginnings(term: str) -> tuple[str, ...]:
    """Return what every word of ASCII with this term begins with; nothing for a term of another script."""
    if not (term.isascii() and term.isalnum()):
        return ()
    return (term, term[:-1] + "ies") if term.endswith("y") else (term,)


@lru_cache(maxsize=4_096)
def _terms_of(text: str) -> frozenset[str]:
    return frozenset(terms(text))
