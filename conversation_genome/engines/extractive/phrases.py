"""Longer English phrases: `funding for child care`, `reducing class sizes`, and `renting` where no object is named.

A topic as people write it is seldom one noun. Such phrases stand beside the nouns that they are made of: which says
more of the talk is for the ranking to tell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from conversation_genome.engines.extractive.english import phrase_at, written
from conversation_genome.engines.extractive.english_forms import deed_key, gerund, singular
from conversation_genome.engines.extractive.english_tagger import Token, is_verb
from conversation_genome.engines.extractive.mention import Kind, Mention
from conversation_genome.engines.extractive.words import word_list

_LINKS: Final = frozenset(["of", "for", "about"])
_LOOSE_LINKS: Final = frozenset(["in", "with"])
"""What follows these may as well belong to the verb (`return the car in Boston`), which names make likely, unless the noun asks for them."""
_PLACES_OF: Final = frozenset(
    ["term", "inside", "outside", "level", "length", "name", "list", "notion", "limit", "fan", "line", "row"]
)
"""Alone and with `of` they say where or how much: `in terms of design`."""
_DEED_LINKS: Final = frozenset(["for", "in", "on", "with", "about", "to", "at", "between", "against", "into"])
_MOST_CAPITALS: Final = 0.6
"""Share of a line's words with a capital from which on capitals name nothing."""
_IN_TITLES: Final = frozenset(["of", "the", "and", "in", "to", "for", "a", "&"])
_TITLE_ARTICLES: Final = frozenset(["The", "A", "An"])
_SENTENCE_ENDS: Final = frozenset([".", "!", "?", ":", '"', "...", "``", "''"])
_DETERMINERS: Final = frozenset(["DT", "PRP$", "PDT"])
_MAX_LINKED_WORDS: Final = 5
_MAX_OBJECT_WORDS: Final = 3
_MAX_CHARACTERS: Final = 64
_QUOTED_WORDS: Final = 5
"""This many words as they stand in the line are a quotation, and validators pay for none (`scoring.screening`)."""
_DEED: Final = frozenset(["VB", "VBP", "VBG"])
_DONE: Final = frozenset(["VB", "VBP", "VBG", "VBN", "VBD"])
_PROPER: Final = frozenset(["NNP", "NNPS"])
_ARTICLES: Final = frozenset(["a", "an", "the"])


@dataclass(frozen=True, slots=True)
class _Part:
    """A noun phrase of a line, after its determiners."""

    start: int
    end: int
    article: str


def phrase_mentions(tokens: Sequence[Token]) -> Iterator[Mention]:
    """Yield the longer phrases of one tagged line."""
    parts = {part.start: part for part in _parts(tokens)}
    for part in parts.values():
        yield from _linked(tokens, part, parts)
    yield from _titles(tokens)
    for place, (text, tag) in enumerate(tokens):
        word = text.lower()
        if tag in _DONE and len(word) > 2 and word.isalpha():
            yield from _deed(tokens, place, parts)
            yield from _bare_deed(word, tag)


def _parts(tokens: Sequence[Token]) -> Iterator[_Part]:
    """Yield the noun phrases of a line that may be part of a longer one, each with the article before it."""
    place = 0
    while place < len(tokens):
        start, end, after = phrase_at(tokens, place)
        if end > start:
            before = tokens[start - 1][0].lower() if start else ""
            yield _Part(start, end, before if before in _ARTICLES else "")
        place = max(after, place + 1)


def _titles(tokens: Sequence[Token]) -> Iterator[Mention]:
    """Yield `The Empire Strikes Back`: capitals in the midst of a line, not all of them of names."""
    capitals = [_is_capital(text) for text, _ in tokens]
    if sum(capitals) > _MOST_CAPITALS * len(tokens):
        return
    start = 0
    while start < len(tokens):
        end = start
        while end < len(tokens) and (capitals[end] or (end > start and tokens[end][0] in _IN_TITLES)):
            end += 1
        is_first = start == 0 or tokens[start - 1][0] in _SENTENCE_ENDS
        after = max(end, start + 1)
        start += is_first and tokens[start][0] not in _TITLE_ARTICLES
        while end > start and not capitals[end - 1]:
            end -= 1
        if _may_be_title(tokens[start:end]):
            text = " ".join(text for text, _ in tokens[start:end])
            yield Mention(key=deed_key(text), text=text, kind=Kind.NAME)
        start = after


def _is_capital(text: str) -> bool:
    return text[:1].isupper() and text != "I" and text.replace("-", "").isalpha()


def _may_be_title(words: Sequence[Token]) -> bool:
    """Return whether words with capitals name a work: some of them would have none in a sentence."""
    capitals = [(text, tag) for text, tag in words if _is_capital(text) and text not in _TITLE_ARTICLES]
    has_verb_or_adjective = any(tag not in _PROPER and not text.isupper() for text, tag in capitals)
    has_date = any(text.lower() in word_list("dates") for text, _ in words)
    return len(capitals) > 1 and len(words) < _QUOTED_WORDS and has_verb_or_adjective and not has_date


def _linked(tokens: Sequence[Token], part: _Part, parts: dict[int, _Part]) -> Iterator[Mention]:
    """Yield `funding for child care`."""
    link = tokens[part.end][0].lower() if part.end < len(tokens) else ""
    other = _after(tokens, part.end + 1, parts)
    if other is None or part.end - part.start + other.end - other.start > _MAX_LINKED_WORDS:
        return
    words = [_written(tokens, part), link, _written(tokens, other)]
    is_one = _may_link(tokens, part, link, other) and not (_is_when(tokens, part) or _is_when(tokens, other))
    if is_one and not _is_quoted(words, tokens[part.start : other.end]):
        yield from _mention(words, Kind.NOUN)


def _may_link(tokens: Sequence[Token], part: _Part, link: str, other: _Part) -> bool:
    """Return whether a noun and what follows its preposition are one thing."""
    head = singular(tokens[part.end - 1][0].lower())
    if f"{head}-{link}" in word_list("prepositional_nouns"):
        return True
    if link in _LOOSE_LINKS:
        return not (_has_name(tokens, part, other) or _is_weak(tokens, other))
    is_place = link == "of" and part.end - part.start == 1 and head in _PLACES_OF
    return link in _LINKS and not is_place


def _deed(tokens: Sequence[Token], place: int, parts: dict[int, _Part]) -> Iterator[Mention]:
    """Yield `reducing class sizes`, `looking for a job`."""
    word, tag = tokens[place][0].lower(), tokens[place][1]
    following = tokens[place + 1][0].lower() if place + 1 < len(tokens) else ""
    link = following if following in _DEED_LINKS else ""
    deed = gerund(word, tag)
    if tag not in _DEED or not deed or not (_belongs(deed, link) if link else _says_something(word, deed)):
        return
    other = _after(tokens, place + (2 if link else 1), parts)
    if other is None or other.end - other.start > _MAX_OBJECT_WORDS or _is_when(tokens, other):
        return
    if tag == "VBG" and not link and other.start == place + 1:  # `baking bread` is read as one run already
        return
    article = other.article if tokens[other.end - 1][1] == "NN" else ""
    words = [deed, link, article, _written(tokens, other)]
    if _is_quoted(words, tokens[place : other.end]):
        words[2] = ""
    if not _is_quoted(words, tokens[place : other.end]):
        yield from _mention(words, Kind.ACTIVITY)


def _bare_deed(word: str, tag: str) -> Iterator[Mention]:
    """Yield `renting`; it says little alone."""
    text = gerund(word, tag)
    is_known = {word, text} & (word_list("common_verbs") | word_list("generic_gerunds") | word_list("vague_deeds"))
    if len(word) > 3 and text and not is_known and _says_something(word, text):
        yield Mention(key=text, text=text, kind=Kind.ACTIVITY, is_weak=True, is_phrase=True)


def _says_something(word: str, deed: str) -> bool:
    return (word == deed or is_verb(deed)) and not {word, deed} & word_list("light_verbs")


def _belongs(deed: str, link: str) -> bool:
    """Return whether a preposition belongs to a verb: `looking for a job`, but not `watching with subtitles`."""
    return f"{deed}-{link}" in _prepositional_deeds()


@cache
def _prepositional_deeds() -> frozenset[str]:
    pairs = (entry.split("-") for entry in word_list("prepositional_verbs"))
    return frozenset(f"{gerund(verb, 'VB')}-{link}" for verb, link in pairs)


def _after(tokens: Sequence[Token], place: int, parts: dict[int, _Part]) -> _Part | None:
    """Return the noun phrase that begins at a place, after determiners at most."""
    for at in range(place, min(place + 4, len(tokens))):
        if at in parts:
            return parts[at]
        if tokens[at][1] not in _DETERMINERS and tokens[at][1] != "JJ":
            return None
    return None


def _has_name(tokens: Sequence[Token], *parts: _Part) -> bool:
    return any(tokens[at][1] in _PROPER for part in parts for at in (part.start, part.end - 1))


def _is_weak(tokens: Sequence[Token], part: _Part) -> bool:
    """Return whether a part is one word that says little alone: `a screen in front` names a screen."""
    return part.end - part.start == 1 and singular(tokens[part.start][0].lower()) in word_list("weak_heads")


def _is_quoted(words: Sequence[str], tokens: Sequence[Token]) -> bool:
    """Return whether a phrase is long and has every word of the line between its first and its last."""
    count = len(" ".join(words).replace("-", " - ").split())
    return count >= _QUOTED_WORDS and count >= len(tokens)


def _is_when(tokens: Sequence[Token], part: _Part) -> bool:
    words = [text.lower() for text, _ in tokens[part.start : part.end]]
    return any(word in word_list("dates") or word[0].isdigit() for word in words)


def _written(tokens: Sequence[Token], part: _Part) -> str:
    return written(tokens[part.start : part.end])


def _mention(words: Sequence[str], kind: Kind) -> Iterator[Mention]:
    text = " ".join(word for word in words if word)
    if len(text) <= _MAX_CHARACTERS:
        yield Mention(key=deed_key(text), text=text, kind=kind, is_phrase=True)
