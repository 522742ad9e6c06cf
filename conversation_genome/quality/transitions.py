"""Whether words follow each other as they do in talk: a bigram model of the commonest words of English.

Word salad keeps every word and loses what stands next to what. A transition's strength is its pointwise
mutual information, log2 P(b | a) / P(b) (Church & Hanks, Computational Linguistics 16, 1990): how common
the words themselves are does not count. Rarer words count by their ending.
"""

import json
import re
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

SMOOTHING: Final = 40.0
"""Pseudo-counts of the unigram model behind each word."""
_STRONGEST: Final = 3.0
"""Bits; one rare and strong pair must not speak for a whole line."""
_LEAST_ENGLISH: Final = 0.3
"""Share of common words below which a line is not taken for English: in English it is about 0.6."""
_TOKEN: Final = re.compile(r"[^\W\d_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][^\W\d_]+)*|\d[\d.,:]*|[.,?!;:]")
_MARK: Final = re.compile(r"\{[^{}]{1,40}\}|\[[^\[\]]{1,40}\]|<[^<>]{1,40}>")
_ENDINGS: Final = ("ing", "tion", "ed", "ly", "er", "es", "s", "y", "e")


def plain_tokens(text: str) -> list[str]:
    """Return words in lower case, numbers and marks of punctuation."""
    return _TOKEN.findall(_MARK.sub(" ", text).lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def classes_of(text: str, words: frozenset[str]) -> list[str]:
    """Return the line as classes, between a start `^` and an end `$`: common words stand for themselves."""
    return ["^", *(word if word in words else _class(word) for word in plain_tokens(text)), "$"]


def strength(text: str) -> float | None:
    """Return the mean strength of the line's transitions in bits: about 1 in talk, about 0 in word salad.

    None where nothing can be said: fewer than two words, or not English.
    """
    words, seen, unseen = _model()
    classes = classes_of(text, words)
    spoken = [name for name in classes if name.isalpha() or "'" in name or name.startswith("~")]
    if len(spoken) < 2 or sum(name in words for name in spoken) < _LEAST_ENGLISH * len(spoken):
        return None
    values = [
        max(-_STRONGEST, min(_STRONGEST, seen.get(first, {}).get(second, unseen.get(first, 0.0))))
        for first, second in pairwise(classes)
    ]
    return sum(values) / len(values)


def _class(word: str) -> str:
    if not word[0].isalpha():
        return word if word in ".,?!;:" else "~0"
    if "'" in word:
        return "~'" + word.rpartition("'")[2]
    return next((f"~{ending}" for ending in _ENDINGS if word.endswith(ending)), "~")


@cache
def _model() -> tuple[frozenset[str], dict[str, dict[str, float]], dict[str, float]]:
    content: dict[str, Any] = json.loads((files(__package__) / "transitions.json").read_text(encoding="utf-8"))
    return frozenset(content["words"]), content["seen"], content["unseen"]
