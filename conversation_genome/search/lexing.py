"""A query's text to tokens: words, phrases, fields, operators; each knows the column where it begins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto
from typing import Final

from conversation_genome.errors import QueryError
from conversation_genome.search import moments
from conversation_genome.search.query import BARE, OPERATORS
from conversation_genome.vector_store.conditions import Condition, FieldIs, FieldName, Phrase, Started

_WORD: Final = re.compile(r"[^\s()]+")
_FIELD: Final = re.compile(r"([A-Za-z]+):(?!//)")
_RANGE: Final = re.compile(r"\d{4}[-\dTtZz:]*\.\.\d{4}[-\dTtZz:]*")
_MINUS: Final = re.compile(r"-(?=[^\s)-])")
_CLOSING: Final = {'"': '"', "“": '"”'}
_NAMES: Final = {str(name): name for name in FieldName}
_TIMES: Final = ("after", "before", "on")
_LIKENESS: Final = 0.8
"""Of a name to a field's from which it is taken for a slip (ratio of `difflib`)."""


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    CONDITION = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    OPEN = auto()
    CLOSE = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query."""

    kind: Kind
    text: str
    column: int
    """Counted from 1."""
    condition: Condition | None = None
    """What a phrase or a field asks."""


def fault(token: Token, why: str) -> QueryError:
    """Return the error of a query that is wrong at a token."""
    return QueryError(f"column {token.column} of the query: {why}")


def lexed(text: str) -> list[Token]:
    """Return the tokens of a query; the last one is its end.

    Raises:
        QueryError: If a phrase is not closed, or a field's name or value is wrong.
    """
    return [*_Lexer(text).tokens(), Token(Kind.END, "the query", len(text) + 1)]


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def tokens(self) -> Iterator[Token]:
        """Yield the tokens but the end."""
        while self._place < len(self._text):
            if self._text[self._place].isspace():
                self._place += 1
            else:
                yield self._token()

    def _token(self) -> Token:
        begin, first = self._place, self._text[self._place]
        if first in "()":
            self._place += 1
            return Token(Kind.OPEN if first == "(" else Kind.CLOSE, first, begin + 1)
        if _MINUS.match(self._text, begin):
            self._place += 1
            return Token(Kind.NOT, "-", begin + 1)
        if first in _CLOSING:
            phrase = self._quoted()
            return Token(Kind.CONDITION, phrase, begin + 1, Phrase(phrase))
        return self._field() or self._word()

    def _word(self) -> Token:
        begin, text = self._place, self._match(_WORD)
        if text in OPERATORS:
            return Token(Kind[text], text, begin + 1)
        if _RANGE.fullmatch(text):
            return Token(Kind.CONDITION, text, begin + 1, self._time("on", text, begin))
        return Token(Kind.WORD, text, begin + 1)

    def _field(self) -> Token | None:
        match = _FIELD.match(self._text, self._place)
        name = match[1].lower() if match else ""
        if match is None or not self._is_field(match[1]):
            return None
        begin, self._place = self._place, match.end()
        value = self._value(name, begin)
        condition = self._time(name, value, match.end()) if name in _TIMES else FieldIs(_NAMES[name], value)
        return Token(Kind.CONDITION, self._text[begin : self._place], begin + 1, condition)

    def _is_field(self, written: str) -> bool:
        if written.lower() in (*_NAMES, *_TIMES):
            return True
        if meant := _meant(written.lower()):
            why = f"there is no field '{written}:'; write '{meant}:', or put the text in quotes"
            raise self._fault(self._place, why)
        return False

    def _value(self, name: str, begin: int) -> str:
        if self._place < len(self._text) and self._text[self._place] in _CLOSING:
            return self._quoted()
        if BARE.match(self._text, self._place) is None:
            raise self._fault(begin, f"'{name}:' needs its value right after the colon, in quotes if it has spaces")
        return self._match(BARE)

    def _quoted(self) -> str:
        begin = self._place
        marks = _CLOSING[self._text[begin]]
        ends = [end for mark in marks if (end := self._text.find(mark, begin + 1)) >= 0]
        if not ends:
            raise self._fault(begin, "the quote is never closed; add one after the last word, or leave this one out")
        self._place = min(ends) + 1
        inside = " ".join(self._text[begin + 1 : min(ends)].split())
        if not inside:
            raise self._fault(begin, "the quotes hold nothing; put a word between them")
        return inside

    def _time(self, name: str, value: str, place: int) -> Started:
        try:
            if name == "on":
                return moments.between(value)
            start = moments.period(value).start
        except ValueError as exc:
            raise self._fault(place, str(exc)) from exc
        return Started(start, None) if name == "after" else Started(None, start)

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._place)
        if match is None:  # no caller comes here: each has seen the first character
            raise self._fault(self._place, "cannot be read")
        self._place = match.end()
        return match[0]

    def _fault(self, place: int, why: str) -> QueryError:
        return fault(Token(Kind.END, "", place + 1), why)


def _meant(written: str) -> str | None:
    """Return the field of which a name is a slip or a longer form; `on` is too short to tell."""
    known = [name for name in (*_NAMES, *_TIMES) if len(name) > 2]
    longer_of = [name for name in known if written.startswith(name)]
    near = longer_of or get_close_matches(written, known, n=1, cutoff=_LIKENESS)
    return near[0] if near else None
