"""Forms of English words by rule: good enough to know two forms for one, or to write a deed in -ing."""

import re
from typing import Final

from conversation_genome.engines.extractive.words import word_list

_ARTICLES: Final = frozenset(["a", "an", "the"])
_DOUBLED: Final = re.compile(
    r"^(?:[^aeiou]*|qu|squ)[aeiou][bdgmnprt]$|^(?:be|for|re|per|com|ad|sub|o|con|un|trans|pre|inter)(?:get|gin|fer|mit|cur|pel|trol|rol|plug|bid)$"
)


def deed_key(text: str) -> str:
    """Return the key of a deed or of a longer phrase, in one word: it and its noun are two tags, though they share words.

    With or without an article it is the same one.
    """
    first, _, last = text.lower().rpartition(" ")
    return "_".join([*(word for word in first.split() if word not in _ARTICLES), singular(last)])


def singular(word: str) -> str:
    """Return a noun without its plural ending; good enough to know two forms for one."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is", "'s", "ics", "ews")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-1] if word[:-1] in word_list("nouns_in_ie") else word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


def gerund(word: str, tag: str = "VB") -> str:
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
