"""Whether words follow each other as they do in talk: a bigram model of common English words and of Japanese kana.

Word salad keeps every word and loses what stands next to what. A transition's strength is its pointwise
mutual information, log2 P(b | a) / P(b) (Church & Hanks, Computational Linguistics 16, 1990): how common
the words themselves are does not count. Rarer words of English count by their ending. Japanese writes no
blanks and puts its grammar into kana: there a symbol is one hiragana, or a run of kanji or of katakana.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final, NewType

SMOOTHING: Final = 40.0
"""Pseudo-counts of the unigram model behind each word."""
_STRONGEST: Final = 3.0
"""Bits; one rare and strong pair must not speak for a whole line."""
_LEAST_ENGLISH: Final = 0.3
"""Share of common words below which a line is not taken for English: in English it is about 0.6."""
_LEAST_KANA: Final = 0.2
"""Share of hiragana below which a line is not taken for Japanese: in Japanese it is about 0.6."""
_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][^\W\d_]+)*|\d[\d.,:]*|[.,?!;:]")
_MARK: Final = re.compile(r"\{[^{}]{1,40}\}|\[[^\[\]]{1,40}\]|<[^<>]{1,40}>")
_ENDINGS: Final = ("ing", "tion", "ed", "ly", "er", "es", "s", "y", "e")
_SYMBOL: Final = re.compile(
    r"(?P<kana>[\u3041-\u309f])|(?P<katakana>[\u30a0-\u30ff]+)|(?P<kanji>[\u3400-\u9fff\u3005]+)"
    r"|(?P<latin>[A-Za-z0-9\uff10-\uff5a]+)|(?P<stop>[.!?\u3002\uff01\uff1f\u2026~\uff5e]+)|(?P<comma>[,\u3001])"
)
_HIRAGANA: Final = re.compile(r"[\u3041-\u309f]")

TableName = NewType("TableName", str)
ENGLISH: Final = TableName("transitions")
JAPANESE: Final = TableName("kana")


@dataclass(frozen=True, slots=True)
class Table:
    """What was counted of one language."""

    words: frozenset[str]
    """Those that stand for themselves; empty where every symbol does."""
    seen: dict[str, dict[str, float]]
    """Bits of a transition that was seen."""
    unseen: dict[str, float]
    """Bits of one that was not, by what it begins with."""


def plain_tokens(text: str) -> list[str]:
    """Return words in lower case, numbers and marks of punctuation."""
    return _TOKEN.findall(_MARK.sub(" ", text).lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def classes_of(text: str, words: frozenset[str]) -> list[str]:
    """Return the line as classes, between a start `^` and an end `$`: common words stand for themselves."""
    return ["^", *(word if word in words else _class(word) for word in plain_tokens(text)), "$"]


def symbols_of(text: str) -> list[str]:
    """Return a Japanese line as symbols, between a start `^` and an end `$`: hiragana stand for themselves."""
    found = _SYMBOL.finditer(_MARK.sub(" ", text))
    return ["^", *(match.group() if match.lastgroup == "kana" else f"~{match.lastgroup}" for match in found), "$"]


def strength(text: str) -> float | None:
    """Return the mean strength of the line's transitions in bits: about 1 in talk, about 0 in word salad.

    None where nothing can be said: fewer than two words, or neither English nor Japanese.
    """
    if len(_HIRAGANA.findall(text)) > _LEAST_KANA * len(text):
        symbols = symbols_of(text)
        return _mean(symbols, table(JAPANESE)) if len(symbols) > 4 else None
    return _mean(classes_of(text, table(ENGLISH).words), table(ENGLISH)) if is_english(text) else None


def is_english(text: str) -> bool:
    """Return whether a text has two words or more, enough of them common words of English."""
    words = table(ENGLISH).words
    classes = classes_of(text, words)
    spoken = [name for name in classes if name.isalpha() or "'" in name or name.startswith("~")]
    return len(spoken) >= 2 and sum(name in words for name in spoken) >= _LEAST_ENGLISH * len(spoken)


@cache
def table(name: TableName) -> Table:
    """Return one of the two tables that ship with the project."""
    content: dict[str, Any] = json.loads((files(__package__) / f"{name}.json").read_text(encoding="utf-8"))
    return Table(frozenset(content["words"]), content["seen"], content["unseen"])


def _mean(classes: list[str], counted: Table) -> float:
    values = [
        max(-_STRONGEST, min(_STRONGEST, counted.seen.get(first, {}).get(second, counted.unseen.get(first, 0.0))))
        for first, second in pairwise(classes)
    ]
    return sum(values) / len(values)


def _class(word: str) -> str:
    if not word[0].isalpha():
        return word if word in ".,?!;:" else "~0"
    if "'" in word:
        return "~'" + word.rpartition("'")[2]
    return next((f"~{ending}" for ending in _ENDINGS if word.endswith(ending)), "~")
