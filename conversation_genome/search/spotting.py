"""Where words that were asked for stand in a line, seen by looking for their stems instead of reading every word of it.

A word of ASCII begins with its term, but for plurals in -ies (`terms.stem` only cuts ends). Other lines, and terms of other
scripts, are read whole. Pure.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

from conversation_genome.vector_store.terms import terms

_APOSTROPHE: Final = "'"
_REST_OF_WORD: Final = re.compile(r"[a-z0-9']*")
_PLAIN_SIGNS: Final = tuple(zip("\u2018\u2019\u201c\u201d\u2013\u2014\u2026\xa0", '"\'""--. ', strict=True))
"""What is often written between words of ASCII, and a sign in its place that divides them as well."""


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
    folded = _folded(text)
    if folded is None:
        return list(wanted)
    return [term for term in wanted if not _beginnings(term) or any(start in folded for start in _beginnings(term))]


def _places_of_each(text: str, wanted: Collection[str]) -> dict[str, list[int]] | None:
    """Return where words of each term that occurs begin; None if only reading the text whole can tell."""
    folded = _folded(text)
    if folded is None:
        return None
    found: dict[str, list[int]] = {}
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
        if standing := [place for place in places if term in _terms_at(folded, place)]:
            found[term] = standing
    return found


def _folded(text: str) -> str | None:
    """Return a text in lower case, each sign in its place; None if it has letters besides those of ASCII."""
    for sign, plain in () if text.isascii() else _PLAIN_SIGNS:
        text = text.replace(sign, plain)  # a tenth of what `translate` takes
    return text.lower() if text.isascii() else None


def _starts(folded: str, beginning: str) -> Iterator[int]:
    """Yield where a word begins so."""
    place = folded.find(beginning)
    while place >= 0:
        if not place or not folded[place - 1].isalnum():
            yield place
        place = folded.find(beginning, place + 1)


def _terms_at(folded: str, place: int) -> frozenset[str]:
    word = _REST_OF_WORD.match(folded, place)
    return _terms_of(word[0] if word else "")


@lru_cache(maxsize=4_096)
def _beginnings(term: str) -> tuple[str, ...]:
    """Return what every word of ASCII with this term begins with; nothing for a term of another script."""
    if not (term.isascii() and term.isalnum()):
        return ()
    return (term, term[:-1] + "ies") if term.endswith("y") else (term,)


@lru_cache(maxsize=4_096)
def _terms_of(text: str) -> frozenset[str]:
    return frozenset(terms(text))
