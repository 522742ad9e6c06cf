"""Longer English phrases: `funding for child care`, `reduce class sizes`, and `renting` where no object is named.

A topic as people write it is seldom one noun. Such phrases stand beside the nouns that they are made of: which says
more of the talk is for the ranking to tell.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from conversation_genome.engines.extractive.english import Token, phrase_at, singular, written
from conversation_genome.engines.extractive.mention import Kind, Mention
from conversation_genome.engines.extractive.words import word_list

_LINKS: Final = frozenset(["of", "for", "about", "between", "against", "in", "with"])
_LOOSE_LINKS: Final = frozenset(["in", "with"])
"""What follows these may as well belong to the verb (`return the car in Boston`), which names make likely."""
_DEED_LINKS: Final = frozenset(["for", "in", "on", "with", "about", "to", "at", "between", "against", "into"])
_LIGHT_BUT_LINKED: Final = frozenset(["go", "going", "look", "looking"])
_DETERMINERS: Final = frozenset(["DT", "PRP$", "PDT", "CD"])
_MAX_LINKED_WORDS: Final = 5
_MAX_OBJECT_WORDS: Final = 3
_MAX_CHARACTERS: Final = 64
_QUOTED_WORDS: Final = 5
"""This many words as they stand in the line are a quotation, and validators pay for none (`scoring.screening`)."""
_DEED: Final = frozenset(["VB", "VBP", "VBG"])
_DONE: Final = frozenset(["VB", "VBP", "VBG", "VBN", "VBD"])
_PROPER: Final = frozenset(["NNP", "NNPS"])
_DOUBLED: Final = re.compile(r"^[^aeiou]*[aeiou][bdgmnprt]$")
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


def _linked(tokens: Sequence[Token], part: _Part, parts: dict[int, _Part]) -> Iterator[Mention]:
    """Yield `funding for child care`."""
    link = tokens[part.end][0].lower() if part.end < len(tokens) else ""
    other = _after(tokens, part.end + 1, parts) if link in _LINKS else None
    if other is None or part.end - part.start + other.end - other.start > _MAX_LINKED_WORDS:
        return
    is_loose = link in _LOOSE_LINKS and (_has_name(tokens, part, other) or _is_weak(tokens, other))
    words = [_written(tokens, part), link, _written(tokens, other)]
    if not is_loose and not _is_when(tokens, other) and not _is_quoted(words, tokens[part.start : other.end]):
        yield from _mention(words, Kind.NOUN)


def _deed(tokens: Sequence[Token], place: int, parts: dict[int, _Part]) -> Iterator[Mention]:
    """Yield `reduce class sizes`, `look for a job`."""
    word, tag = tokens[place][0].lower(), tokens[place][1]
    following = tokens[place + 1][0].lower() if place + 1 < len(tokens) else ""
    link = following if following in _DEED_LINKS else ""
    if tag not in _DEED or (word in word_list("light_verbs") and not (link and word in _LIGHT_BUT_LINKED)):
        return
    other = _after(tokens, place + (2 if link else 1), parts)
    if other is None or other.end - other.start > _MAX_OBJECT_WORDS or _is_when(tokens, other):
        return
    if tag == "VBG" and not link and other.start == place + 1:  # `baking bread` is read as one run already
        return
    article = other.article if tokens[other.end - 1][1] == "NN" else ""
    words = [word, link, article, _written(tokens, other)]
    if _is_quoted(words, tokens[place : other.end]):
        words[2] = ""
    if not _is_quoted(words, tokens[place : other.end]):
        yield from _mention(words, Kind.ACTIVITY)


def _bare_deed(word: str, tag: str) -> Iterator[Mention]:
    """Yield `renting`; it says little alone."""
    known = word_list("light_verbs") | word_list("common_verbs")
    text = _gerund(word, tag)
    if len(word) > 3 and text and word not in known and text not in known and text not in word_list("generic_gerunds"):
        yield Mention(key=text, text=text, kind=Kind.ACTIVITY, is_weak=True, is_phrase=True)


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
        yield Mention(key=_key(text), text=text, kind=kind, is_phrase=True)


def _key(text: str) -> str:
    """Return a key in one word: a phrase and its noun are two tags, though they share words."""
    first, _, last = text.lower().rpartition(" ")
    return f"{first} {singular(last)}".replace(" ", "_")


def _gerund(word: str, tag: str) -> str:
    """Return a verb's form in -ing; empty for a past form that is not made by rule."""
    if tag == "VBG":
        return word
    if tag in {"VBN", "VBD"}:
        if not word.endswith("ed") or word.endswith("eed"):
            return ""
        return word[:-3] + "ying" if word.endswith("ied") else word[:-2] + "ing"
    if word.endswith("ie"):
        return word[:-2] + "ying"
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return word[:-1] + "ing"
    return word + word[-1] + "ing" if _DOUBLED.match(word) else word + "ing"
