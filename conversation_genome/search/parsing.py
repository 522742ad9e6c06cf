"""A query's text to its tree, by recursive descent; a wrong query is one sentence with the column of the fault.

    query   = { clause }
    clause  = all { "OR" all }
    all     = term { "AND" term }
    term    = ( "NOT" | "-" ) term | "(" clause { clause } ")" | phrase | field | word

A word that is a clause by itself only ranks; any other one must be true. Clauses side by side in parentheses must
all be true.
"""

from typing import Final

from conversation_genome.errors import QueryError
from conversation_genome.search.lexing import Kind, Token, fault, lexed
from conversation_genome.search.query import Plain, Query
from conversation_genome.vector_store.conditions import All, AnyOf, Condition, Not, Word

MAX_QUERY_CHARACTERS: Final = 1_000
MAX_DEPTH: Final = 20
"""Of parentheses and of NOT."""
_OPERATORS: Final = (Kind.AND, Kind.OR)


def parsed(text: str) -> Query:
    """Return the query that a text is.

    Raises:
        QueryError: If it is empty, too long or cannot be read; the message names the column, counted from 1.
    """
    if not text.strip():
        raise QueryError("the query is empty; give a few words")
    if len(text) > MAX_QUERY_CHARACTERS:
        raise QueryError(f"the query has {len(text):,} characters, at most {MAX_QUERY_CHARACTERS:,} are read")
    return _Reader(lexed(text)).query()


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def query(self) -> Query:
        """Return the whole query."""
        clauses: list[Plain | Condition] = []
        while self._next.kind is not Kind.END:
            if self._next.kind is Kind.CLOSE:
                raise fault(self._next, "')' closes nothing; leave it out, or write it in quotes")
            clauses.append(self._top())
        return Query(tuple(clauses))

    def _top(self) -> Plain | Condition:
        alone = self._next.kind is Kind.WORD and self._tokens[self._place + 1].kind not in _OPERATORS
        return Plain(self._take().text) if alone else self._clause()

    def _clause(self) -> Condition:
        parts = [self._all()]
        while self._next.kind is Kind.OR:
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self) -> Condition:
        parts = [self._term()]
        while self._next.kind is Kind.AND:
            self._take()
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _term(self) -> Condition:
        token = self._take()
        if token.kind is Kind.NOT:
            return Not(self._deeper(token))
        if token.kind is Kind.OPEN:
            return self._deeper(token)
        if token.condition is not None:
            return token.condition
        if token.kind is Kind.WORD:
            return Word(token.text)
        raise self._missing(token)

    def _deeper(self, token: Token) -> Condition:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise fault(token, f"more than {MAX_DEPTH} parentheses and NOTs inside each other; ask it more simply")
        inner = self._group(token) if token.kind is Kind.OPEN else self._term()
        self._depth -= 1
        return inner

    def _group(self, opened: Token) -> Condition:
        parts: list[Condition] = []
        while self._next.kind is not Kind.CLOSE:
            if self._next.kind is Kind.END:
                raise fault(opened, "this '(' is never closed; add ')', or write it in quotes")
            parts.append(self._clause())
        closed = self._take()
        if not parts:
            raise fault(closed, "the parentheses hold nothing; put a word between them")
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _missing(self, token: Token) -> QueryError:
        if token.kind in _OPERATORS:
            why = f"{token.text} joins two words and one is missing before it; add it, or write {token.text.lower()!r}"
            return fault(token, why)
        before = self._tokens[self._place - 2]
        return fault(token, f"{before.text} is followed by nothing; put a word after it, or leave it out")

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        self._place += 1
        return self._tokens[self._place - 1]
