"""Texts that say the same thing make one group: by their plain form first, by the cosine of their vectors next."""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.embedding.base import FloatArray
from conversation_genome.scoring.scale import MINILM, Scale

Cosines = NDArray[np.float64]

SAME_MEANING: Final = 0.8
"""Cosine, on MiniLM's scale, above which two short texts are one: near synonyms lie above it, siblings below."""

_NO_WORD: Final = re.compile(r"[\W_]+")
_DIGITS: Final = re.compile(r"\d+")
_LAST_LATIN: Final = 0x24F
"""The end of Latin Extended-B."""


def plain_form(text: str) -> str:
    """Return the text without case, width, punctuation and spare blanks; empty when nothing else is in it."""
    return _NO_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def strongest_first(pairs: Iterable[tuple[str, float]]) -> list[str]:
    """Return the distinct forms by the sum of their strengths, equals in alphabetical order."""
    strengths: dict[str, list[float]] = defaultdict(list)
    for form, strength in pairs:
        strengths[form].append(strength)
    return sorted(strengths, key=lambda form: (-math.fsum(strengths[form]), form))


def group_by_meaning(forms: Sequence[str], vectors: FloatArray, scale: Scale = MINILM) -> dict[str, str]:
    """Return each form's group, named after the group's strongest form.

    Leader clustering (Hartigan, Clustering Algorithms, 1975, ch. 3): each form joins the closest stronger
    one that leads a group, or leads a new group; unlike single linkage it cannot chain its way from one
    meaning to another.

    Args:
        forms: Distinct plain forms, strongest first.
        vectors: Their unit vectors, shape (len(forms), d).
        scale: How the cosines of the vectors' model are read.
    """
    groups: dict[str, str] = {}
    leaders: list[str] = []
    leader_vectors = np.empty_like(vectors)
    for form, vector in zip(forms, vectors, strict=True):
        cosines = scale.carried_names((leader_vectors[: len(leaders)] @ vector).astype(np.float64))
        leader = _closest_leader(form, leaders, cosines, scale)
        if leader is None:
            leader_vectors[len(leaders)] = vector
            leaders.append(form)
        groups[form] = leader or form
    return groups


def _closest_leader(form: str, leaders: Sequence[str], cosines: Cosines, scale: Scale) -> str | None:
    close = [int(place) for place in np.flatnonzero(cosines >= SAME_MEANING)]
    for place in sorted(close, key=lambda place: (-cosines[place], place)):
        if _vectors_may_decide(form, leaders[place], scale):
            return leaders[place]
    return None


def _vectors_may_decide(first: str, second: str, scale: Scale) -> bool:
    """Tell whether a cosine means anything: not across numbers (world war 1, 2), not in a script the model cannot read."""
    is_read = scale.reads_every_script or (_is_latin(first) and _is_latin(second))
    return is_read and _numbers(first) == _numbers(second)


def _numbers(text: str) -> list[str]:
    return sorted(_DIGITS.findall(text))


def _is_latin(text: str) -> bool:
    """Tell whether the model's vocabulary can spell the text; other scripts come close to one unknown token."""
    return all(ord(letter) <= _LAST_LATIN for letter in text)
