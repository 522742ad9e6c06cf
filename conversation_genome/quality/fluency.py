"""Fluency: whether a line reads like language that somebody wrote or said.

Three views, each of which sees what the others miss: word transitions (`transitions`) see word salad; a logistic
model over the line's vector sees words left out and lines cut short; marks, stammering and loops show a broken
transcript or a machine that is stuck. Where a view does not know the language it says nothing.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import numpy as np

from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.quality.base import Numbers
from conversation_genome.quality.reading import Reading
from conversation_genome.quality.transitions import strength

TRANSITION_BITS: Final = (-0.5, 0.4)
"""Mean strength of transitions in word salad, and where nothing is wrong: sound lines shall not be told apart."""
PROBE_LOGITS: Final = (-2.5, 0.5)
"""Where the vector model is sure that a line is spoilt, and where it sees nothing wrong."""
TRANSITIONS_WEIGHT: Final = 0.5
"""The rest is the vector model's."""
UNKNOWN: Final = 0.7
"""What a view says of a language that it does not know."""
_LEAST_WORDS: Final = 4
"""Below these, a vector says what a line is about and not how it is built."""

_STRAY: Final = re.compile(r"[\[{<][^\]}>]{1,40}[\]}>]|\?{2,}|[#*_~^|\\=+]{1,}|-{2,}|\.{3,}|\N{REPLACEMENT CHARACTER}")
"""Marks of a transcriber, runs of punctuation, symbols that nobody speaks."""
_SENTENCE_BEGINS: Final = re.compile(r"[.!?]\s+([^\W\d_])")


def fluency(reading: Reading) -> Numbers:
    """Return how fluent each line is: shape (n,), in [0, 1]."""
    order = np.array([_order(text) for text in reading.texts])
    build = _build(reading)
    clean = np.array([_cleanness(text, words) for text, words in zip(reading.texts, reading.words, strict=True)])
    values: Numbers = (TRANSITIONS_WEIGHT * order + (1 - TRANSITIONS_WEIGHT) * build) * clean
    return values


def _order(text: str) -> float:
    """Return how far the words stand in an order that is known, in [0, 1]."""
    bits = strength(text)
    if bits is None:
        return UNKNOWN / (1 + _misplaced_stops(text))
    low, high = TRANSITION_BITS
    return min(1.0, max(0.0, (bits - low) / (high - low)))


def _misplaced_stops(text: str) -> int:
    """Return how many sentences end where none begins: what mixed words leave of punctuation in any language."""
    return sum(letter.islower() for letter in _SENTENCE_BEGINS.findall(text))


def _build(reading: Reading) -> Numbers:
    """Return how far the vectors are those of whole lines, shape (n,), in [0, 1]."""
    probe = probe_of(reading.model)
    if probe is None:
        return np.full(len(reading), UNKNOWN)
    low, high = PROBE_LOGITS
    logits = reading.vectors.astype(np.float64) @ probe.weights + probe.bias
    build = np.clip((logits - low) / (high - low), 0, 1)
    is_plain = np.array([_is_plain(text) for text in reading.texts])
    is_short = np.array([len(words) < _LEAST_WORDS for words in reading.words])
    return np.where(is_plain, np.where(is_short, 1.0, build), UNKNOWN)


def _is_plain(text: str) -> bool:
    """Return whether a text is written in the letters that the vector model was trained on."""
    return sum(letter.isascii() for letter in text) >= 0.9 * len(text)


def _cleanness(text: str, words: tuple[str, ...]) -> float:
    """Return 1 for clean text, less for every mark, stray symbol, stammer and loop; 0 without a word."""
    if not words:
        return 0.0
    stammers = sum(first == second for first, second in pairwise(words))
    strays = len(_STRAY.findall(text))
    pairs = list(pairwise(words))
    loops = len(pairs) - len(set(pairs))
    return 1 / (1 + 2 * (stammers + strays + max(0, loops - len(pairs) // 8)) / len(words))


@dataclass(frozen=True, slots=True)
class Probe:
    """A logistic model over the vectors of one embedding model."""

    weights: Numbers
    bias: float


def probe_of(model: EmbeddingModel) -> Probe | None:
    """Return the probe that was trained on a model's vectors, None for every other model."""
    content = _probe()
    if (model.name, model.revision) != (content["model"], content["revision"]):
        return None
    return Probe(np.array(content["weights"], dtype=np.float64), float(content["bias"]))


@cache
def _probe() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((files(__package__) / "fluency_probe.json").read_text(encoding="utf-8"))
    return content
