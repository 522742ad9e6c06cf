"""Wording: what two spellings have in common, without losing `C++`, `AI`, `e-mail`, accents or a script."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_MARKS: Final = "\"'`´“”‘’«»„.,;:!?¡¿()[]{}<>*_~|"  # noqa: RUF001 - these very marks are meant
"""Trimmed from the ends of a word; `+` and `#` stay, for C++ and C#."""
_WORD: Final = re.compile(r"[^\s/,;:!?()\[\]{}\"“”«»|]+")
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})  # noqa: RUF001 - these very marks are meant
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))  # noqa: RUF001 - these very marks are meant
_LATIN: Final = frozenset({"LATIN"})
_WHOLE: Final = frozenset({"news", "lens", "series", "species", "king", "ring", "thing", "spring", "string"})
_ARTICLES: Final = frozenset({"the", "a", "an"})
_UNSPACED: Final = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """Return the text as it is compared: NFKC, case folded, hidden characters gone, one space between words."""
    folded = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).translate(_DASHES).casefold()
    shown = folded if folded.isascii() and folded.isprintable() else "".join(c for c in folded if not is_hidden(c))
    return " ".join(shown.split()).strip(" " + _MARKS.replace(".", ""))


@lru_cache(maxsize=4096)
def is_hidden(char: str) -> bool:
    """Tell whether a character leaves no mark on the page: format, control, private, surrogate or unassigned."""
    if char in "\t\n\r":
        return False
    return unicodedata.category(char) in {"Cf", "Cc", "Co", "Cs", "Cn"} or char in "\u115f\u1160\u3164\uffa0\u2800"


def words(normalised: str) -> list[str]:
    """Return the words of a normalised text, marks trimmed from their ends."""
    return list(_words(normalised))


@lru_cache(maxsize=8192)
def _words(normalised: str) -> tuple[str, ...]:
    stripped = (word.strip(_MARKS + "-") or word.strip(_MARKS) for word in _WORD.findall(normalised))
    return tuple(word for word in stripped if word)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return an English word without the endings of number, tense and possession; others come back as they are.

    Porter's step 1 (1980, "An algorithm for suffix stripping", Program 14.3) cut down to what changes no meaning.
    """
    word = word.removesuffix("'s").removesuffix("'")
    if len(word) < 4 or word in _WHOLE or not word.isascii() or not word.isalpha():
        return word
    for ending, replacement in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + replacement
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 2 and any(vowel in root for vowel in "aeiouy"):
            return (root[:-1] if root[-1] == root[-2] and root[-1] not in "lsz" else root).removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word


@lru_cache(maxsize=65536)
def stems(normalised: str) -> tuple[str, ...]:
    """Return the stems of a text's words, in order; a hyphen counts as a space."""
    return tuple(
        stem(part) for word in words(normalised) for part in (word.split("-") if len(word) > 3 else [word]) if part
    )


@lru_cache(maxsize=65536)
def spelling(normalised: str) -> str:
    """Return what inflection, hyphens, spaces and articles leave alone."""
    return "".join(part for part in stems(normalised) if part not in _ARTICLES) or normalised


@lru_cache(maxsize=65536)
def script(char: str) -> str | None:
    """Return the script of a letter by the first word of its Unicode name, or None for what is no letter."""
    if not char.isalpha():
        return None
    name = unicodedata.name(char, "UNKNOWN").split(" ", 1)[0]
    return "CJK" if name in {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"} else name.split("-", 1)[0]


@lru_cache(maxsize=8192)
def scripts(text: str) -> frozenset[str]:
    """Return the scripts that a text's letters belong to."""
    if text.isascii():
        return _LATIN if any(map(str.isalpha, text)) else frozenset()
    return frozenset(name for name in map(script, text) if name)


def is_latin(text: str) -> bool:
    """Tell whether most letters are Latin, so that an English model can read them; true without letters."""
    if text.isascii():
        return True
    found = [script(char) for char in text[:400]]
    letters = [name for name in found if name]
    return sum(name == "LATIN" for name in letters) * 2 >= len(letters)


def is_spaced(text: str) -> bool:
    """Tell whether the text's script puts spaces between words."""
    return text.isascii() or not any(name.startswith(_UNSPACED) for name in scripts(text[:400]))


def bigrams(normalised: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters within words; a lone character stands for itself."""
    return frozenset(word[start : start + 2] for word in normalised.split() for start in range(max(1, len(word) - 1)))


def overlap(one: Iterable[str], other: Iterable[str]) -> float:
    """Return Dice's coefficient of two sets, in [0, 1]; 0 when both are empty."""
    left, right = frozenset(one), frozenset(other)
    total = len(left) + len(right)
    return 2 * len(left & right) / total if total else 0.0
