"""The words under which a text is found: folded, stemmed, without stop words, in any script.

Both stores and the search use this one reading, so that they agree on what a word is.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

MAX_TERM_CHARACTERS: Final = 40

_STOP_WORDS: Final = (
    "a about after again all also am an and any are as at be because been before being but by can could "
    "did do does doing don for from get go going got had has have having he her here him his how i if in "
    "into is it its just kind know like ll me mean more most my no not now of oh ok okay on one or other "
    "our out re really right s she so some t than that the their them then there these they thing things "
    "think this those to too um uh up us ve very was we well were what when where which who why will with "
    "would yeah yes you your "
)
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())


def _marks() -> str:
    """Return the combining marks of the basic plane as the inside of a character class."""
    points = [point for point in range(0x300, 0x10000) if unicodedata.category(chr(point))[0] == "M"]
    return "".join(f"\\u{point:04x}" for point in points)


_WORD: Final = re.compile(rf"(?:[^\W_]|(?<=\w)[{_marks()}])+(?:['\u2019](?=[^\W\d_]))?(?:[^\W_])*")
_ASCII_WORD: Final = re.compile(r"[a-z0-9]+(?:'(?=[a-z]))?[a-z0-9]*")
"""The same for a folded text of ASCII alone, at several times the speed."""
_LATIN_MARKS: Final = re.compile("[\u0300-\u036f]")
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
_CLITIC: Final = re.compile("['\u2019].*")
_VOWEL: Final = re.compile("[aeiouy]")
_DOUBLED: Final = re.compile("([bdfgmnprt])\\1$")


def terms(text: str) -> list[str]:
    """Return the words of a text in order, each as it is looked up; stop words are left out."""
    return [term for word in _words(text) for term in _terms_of(word)]


def tokens(text: str) -> list[str]:
    """Return every word of a text in order, folded but neither stemmed nor left out: what a phrase is compared by."""
    return [token for word in _words(text) for token in _tokens_of(_CLITIC.sub("", word))]


def _words(text: str) -> list[str]:
    folded = fold(text)
    return (_ASCII_WORD if folded.isascii() else _WORD).findall(folded)


def fold(text: str) -> str:
    """Return a text without case and without the accents of European scripts."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", _LATIN_MARKS.sub("", decomposed))


@lru_cache(maxsize=65_536)
def _terms_of(word: str) -> tuple[str, ...]:
    word = _CLITIC.sub("", word)[:MAX_TERM_CHARACTERS]
    if _UNSPACED.search(word):
        return tuple(_pairs(word))
    return () if word in STOP_WORDS else (sys.intern(stem(word)),)


def _tokens_of(word: str) -> tuple[str, ...]:
    word = word[:MAX_TERM_CHARACTERS]
    return tuple(_pairs(word)) if _UNSPACED.search(word) else (word,)


def _pairs(word: str) -> Iterator[str]:
    """Yield overlapping pairs of characters where a script writes no spaces, and the rest as it is."""
    place = 0
    for run in _UNSPACED.finditer(word):
        if word[place : run.start()]:
            yield word[place : run.start()]
        text = run.group()
        yield from (text[index : index + 2] for index in range(max(1, len(text) - 1)))
        place = run.end()
    if word[place:]:
        yield word[place:]


def stem(word: str) -> str:
    """Return a word without plural, -ed and -ing: steps 1a and 1b of Porter, Program 14(3), 1980, simplified."""
    if len(word) < 4 or not word.isascii():
        return word
    return _without_suffix(_singular(word))


def _singular(word: str) -> str:
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _without_suffix(word: str) -> str:
    for suffix in ("ing", "ed"):
        rest = word.removesuffix(suffix)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            return _DOUBLED.sub(r"\1", rest).removesuffix("e")
    return word[:-1] if len(word) >= 4 and word.endswith("e") else word
