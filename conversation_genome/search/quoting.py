"""Which lines of a found passage show why it was found, and what of them was asked for."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.protocol.finding import Quote
from conversation_genome.search.query import Query
from conversation_genome.search.spotting import may_stand_at, narrowed, spotted
from conversation_genome.vector_store.conditions import (
    All,
    AnyOf,
    Condition,
    FieldIs,
    FieldName,
    Phrase,
    has_phrase,
    speaker_key,
    speaker_keys,
)
from conversation_genome.vector_store.terms import fold, terms, tokens

_WORDS: Final = re.compile(r"\w+(?:['\u2019]\w+)*")
_PIECES: Final = re.compile(r"\S+")
_OUTER_SIGNS: Final = re.compile(r"^\W*(.*?)\W*$", re.DOTALL)
MAX_QUOTES: Final = 2
MAX_QUOTE_CHARACTERS: Final = 240
MAX_LINES_EMBEDDED: Final = 40
_PIECES_BEFORE: Final = 13
"""Words that are shown up to the first that was sought, with it."""
_PHRASE_WORTH: Final = 4
"""Words for which a whole phrase counts where lines are chosen."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What of a query can be shown in a line."""

    words: Mapping[str, str]
    """The words by the term under which each is looked up."""
    phrases: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    """Whose lines are preferred."""

    @property
    def is_empty(self) -> bool:
        """Whether no line can show it better than another."""
        return not (self.words or self.phrases or self.speakers)


def sought(query: Query) -> Sought:
    """Return what of a query can be shown."""
    words: dict[str, str] = {}
    for leaf in query.said:
        if not isinstance(leaf, Phrase):
            words |= query_words(leaf.text)
    phrases = tuple(leaf.text for leaf in query.said if isinstance(leaf, Phrase))
    conditions = () if query.where is None else tuple(_speakers(query.where))
    return Sought(words, phrases, conditions)


def query_words(text: str) -> dict[str, str]:
    """Return the words of a text by the term under which each is looked up; of unspaced scripts the terms."""
    found: dict[str, str] = {}
    for word in _WORDS.findall(text):
        looked_up = terms(word)
        found |= {looked_up[0]: word} if len(looked_up) == 1 else {term: term for term in looked_up}
    return found


def quotes(text: str, wanted: Sought) -> tuple[Quote, ...]:
    """Return the lines that show most of what was sought, in their order; none if no line shows anything of it."""
    lines = text.split("\n")
    narrow = replace(wanted, words={term: wanted.words[term] for term in narrowed(text, wanted.words)})
    if wanted.words and not (narrow.words or narrow.phrases):
        return ()
    counts = [_worth(line, narrow) for line in lines]
    best = sorted(range(len(lines)), key=lambda index: (-counts[index], index))[:MAX_QUOTES]
    top = max(counts, default=0)
    return tuple(quote(lines[index], narrow) for index in sorted(best) if counts[index] and counts[index] * 2 >= top)


def quote_by_meaning(text: str, vector: FloatArray, embedder: Embedder) -> tuple[Quote, ...]:
    """Return the one line that is nearest to the query's vector."""
    lines = [line for line in text.split("\n") if _WORDS.search(_spoken(line))][:MAX_LINES_EMBEDDED]
    if not lines:
        return ()
    similarities = embedder.embed([_spoken(line) for line in lines]) @ vector
    return (quote(lines[int(similarities.argmax())], Sought({})),)


def quote(line: str, wanted: Sought) -> Quote:
    """Return a line, cut to a bounded length around what was sought, with that marked."""
    shown = _cut(line, wanted)
    return Quote(text=shown, marks=tuple(marks(shown, wanted)))


def words_found(texts: Iterable[str], words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the query's words that occur in the texts, in the query's order and spelling."""
    there: set[str] = set()
    for text in texts:
        missing = narrowed(text, words.keys() - there)
        for line in text.split("\n") if missing else ():
            there |= spotted(_spoken(line), missing)
    return tuple(dict.fromkeys(word for term, word in words.items() if term in there))


def marks(line: str, wanted: Sought) -> Iterator[tuple[int, int]]:
    """Yield where what was sought stands in a line: [start, end), in order and apart."""
    phrased = {token for phrase in wanted.phrases if has_phrase(line, phrase) for token in tokens(phrase)}
    place, words = 0, set(wanted.words)
    for piece in _pieces(line, wanted):
        looked_up, read = _read(piece[0])
        if looked_up.isdisjoint(words) and (not phrased or phrased.isdisjoint(read)):
            continue
        for start, end in _marks_in(piece[0], looked_up & words | phrased.intersection(read), is_one=len(read) <= 1):
            begin = max(place, piece.start() + start)
            place = piece.start() + end
            if begin < place:
                yield begin, place


def _pieces(line: str, wanted: Sought) -> Iterator[re.Match[str]]:
    """Yield the runs of signs that may hold what was sought, in order."""
    places = None if wanted.phrases else may_stand_at(line, wanted.words)
    if places is None:
        yield from _PIECES.finditer(line)
        return
    end = 0
    for place in places:
        if place >= end:
            begin = place
            while begin > end and not line[begin - 1].isspace():
                begin -= 1
            if piece := _PIECES.match(line, begin):
                end = piece.end()
                yield piece


def _marks_in(piece: str, hits: frozenset[str], *, is_one: bool) -> Iterator[tuple[int, int]]:
    """Yield what of one run of signs without a space was sought: a whole word, or the pairs of an unspaced script."""
    folded = fold(piece)
    if not is_one and len(folded) == len(piece):
        spans = sorted(match.span() for hit in hits for match in re.finditer(re.escape(hit), folded))
        if spans:
            yield from spans
            return
    whole = _OUTER_SIGNS.match(piece)
    yield whole.span(1) if whole and whole[1] else (0, len(piece))


@lru_cache(maxsize=16_384)
def _read(piece: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the terms of a run of signs, and its tokens; the same words come again and again."""
    return frozenset(terms(piece)), tuple(tokens(piece))


def _speakers(condition: Condition) -> Iterator[str]:
    match condition:
        case FieldIs(FieldName.SPEAKER, value):
            yield value
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _speakers(part)
        case _:
            return


def _worth(line: str, wanted: Sought) -> int:
    count = len(spotted(_spoken(line), wanted.words)) * 2
    count += 2 * _PHRASE_WORTH * sum(has_phrase(_spoken(line), phrase) for phrase in wanted.phrases)
    return count + (_is_by(line, wanted.speakers) if count or not (wanted.words or wanted.phrases) else 0)


def _is_by(line: str, speakers: Sequence[str]) -> bool:
    name, mark, _ = line.partition(": ")
    return bool(mark) and any(speaker_key(speaker) in speaker_keys([name]) for speaker in speakers)


def _spoken(line: str) -> str:
    """Return a line without the name before it."""
    return line.partition(": ")[2] or line


def _cut(line: str, wanted: Sought) -> str:
    """Return a line of bounded length that still shows the first of what was sought."""
    if len(line) <= MAX_QUOTE_CHARACTERS:
        return line
    name, _, spoken = line.partition(": ")
    return f"{name}: {_around(spoken, wanted)}" if spoken else _around(line, wanted)


def _around(text: str, wanted: Sought) -> str:
    first = next(marks(text, wanted), (0, 0))[0]
    begins = [piece.start() for piece in _PIECES.finditer(text, 0, first + 1)]
    start = begins[-_PIECES_BEFORE:][0] if begins else 0
    if first - start > MAX_QUOTE_CHARACTERS // 2:  # a script without spaces is one long piece
        start = first - _PIECES_BEFORE
    shown = text[start : start + MAX_QUOTE_CHARACTERS]
    whole = shown.rsplit(" ", 1)[0] if start + len(shown) < len(text) else shown
    return ("… " if start else "") + whole + (" …" if start + len(whole) < len(text) else "")
