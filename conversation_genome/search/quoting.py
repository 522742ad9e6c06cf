"""Which lines of a found passage show why it was found."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.vector_store.terms import terms

_WORDS: Final = re.compile(r"\w+(?:['\u2019]\w+)*")
_PIECES: Final = re.compile(r"(\s+)")
MAX_QUOTES: Final = 2
MAX_QUOTE_CHARACTERS: Final = 240
MAX_LINES_EMBEDDED: Final = 40


def query_words(query: str) -> dict[str, str]:
    """Return the words of a query by the term under which each is looked up; of unspaced scripts the terms."""
    found: dict[str, str] = {}
    for word in _WORDS.findall(query):
        looked_up = terms(word)
        found |= {looked_up[0]: word} if len(looked_up) == 1 else {term: term for term in looked_up}
    return found


def quotes_by_words(text: str, words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines that hold most of the words, in their order; none if no line holds one."""
    lines = text.split("\n")
    counts = [len(words.keys() & set(terms(_spoken(line)))) for line in lines]
    best = sorted(range(len(lines)), key=lambda index: (-counts[index], index))[:MAX_QUOTES]
    top = max(counts, default=0)
    return tuple(_cut(lines[index], words) for index in sorted(best) if counts[index] and counts[index] * 2 >= top)


def quote_by_meaning(text: str, vector: FloatArray, embedder: Embedder) -> tuple[str, ...]:
    """Return the one line that is nearest to the query's vector."""
    lines = [line for line in text.split("\n") if _WORDS.search(_spoken(line))][:MAX_LINES_EMBEDDED]
    if not lines:
        return ()
    similarities = embedder.embed([_spoken(line) for line in lines]) @ vector
    return (_cut(lines[int(similarities.argmax())], {}),)


def words_found(texts: Iterable[str], words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the query's words that occur in the texts, in the query's order and spelling."""
    there: set[str] = set()
    for text in texts:
        there |= words.keys() & set(terms(text))
        if len(there) == len(words):
            break
    return tuple(dict.fromkeys(word for term, word in words.items() if term in there))


def marked(line: str, words: Mapping[str, str]) -> list[tuple[str, bool]]:
    """Return a line in pieces, each with whether it is one of the words; together they are the line."""
    pieces = (piece for piece in _PIECES.split(line) if piece)
    return [(piece, bool(words.keys() & set(terms(piece)))) for piece in pieces]


def _spoken(line: str) -> str:
    """Return a line without the name before it."""
    return line.partition(": ")[2] or line


def _cut(line: str, words: Mapping[str, str]) -> str:
    """Return a line of bounded length that still shows the first of the words."""
    if len(line) <= MAX_QUOTE_CHARACTERS:
        return line
    name, _, spoken = line.partition(": ")
    return f"{name}: {_around(spoken, words)}" if spoken else _around(line, words)


def _around(text: str, words: Mapping[str, str]) -> str:
    pieces = text.split(" ")
    first = next((index for index, piece in enumerate(pieces) if words.keys() & set(terms(piece))), 0)
    start = max(0, first - 12)
    shown = " ".join(pieces[start:])[:MAX_QUOTE_CHARACTERS].rsplit(" ", 1)[0]
    return ("… " if start else "") + shown + " …"
