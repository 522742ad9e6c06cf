"""The five dimensions: each a definition, a source, and one number in [0, 1] for every line that was read.

A dimension looks at the lines before a line, never at those behind it, so that a line is judged as a
reader meets it. The number of a conversation is made of the numbers of its lines.
"""

import re
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.quality.reading import Reading
from conversation_genome.quality.transitions import strength

Numbers = NDArray[np.float64]

_STRAY: Final = re.compile(r"[\[{<][^\]}>]{1,40}[\]}>]|\?{2,}|[#*_~^|\\=+]{1,}|-{2,}|\.{3,}|\N{REPLACEMENT CHARACTER}")
"""Marks of a transcriber, runs of punctuation, symbols that nobody speaks."""

TRANSITION_BITS: Final = (-0.8, 1.2)
"""Mean strength of transitions in word salad, and in talk that reads well (quartiles of both: benchmarks)."""
UNKNOWN_FLUENCY: Final = 0.7
CONTEXT_LINES: Final = 8
"""Lines before a line that it may take up."""


def ramp(values: Numbers, low: float, high: float) -> Numbers:
    """Return 0 at `low` and below, 1 at `high` and above, a straight line between."""
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def cosines_before(reading: Reading) -> Numbers:
    """Return each line's cosine with the lines before it, nearest first: shape (n, CONTEXT_LINES), NaN where none is."""
    size = len(reading)
    cosines = np.full((size, CONTEXT_LINES), np.nan)
    vectors = reading.vectors.astype(np.float64)
    for back in range(1, min(CONTEXT_LINES, size - 1) + 1):
        cosines[back:, back - 1] = np.einsum("ij,ij->i", vectors[back:], vectors[:-back])
    return cosines


def relevance(reading: Reading) -> Numbers:
    """Return how far each line belongs to what the talk is about.

    The greater of its cosine with the mean of all other lines (centroid relevance as in Radev et al., MEAD,
    2004) and its mean cosine with the two closest lines around it.
    """
    vectors = reading.vectors.astype(np.float64)
    size = len(reading)
    if size == 1:
        return np.ones(1)
    rest = vectors.sum(axis=0) - vectors
    norms = np.maximum(np.linalg.norm(rest, axis=1), 1e-9)
    to_rest = np.einsum("ij,ij->i", vectors, rest) / norms
    return ramp(to_rest, 0.05, 0.55)


def coherence(reading: Reading) -> Numbers:
    """Return how far each line follows from the lines just before it rather than from any line of the talk.

    The cosine with the two lines before, less the mean cosine of all pairs (local against global
    similarity: Foltz, Kintsch & Landauer, Discourse Processes 25, 1998). Shuffled lines come out at 1/2.
    """
    size = len(reading)
    if size == 1:
        return np.full(1, 0.5)
    vectors = reading.vectors.astype(np.float64)
    total = vectors.sum(axis=0)
    everywhere = (float(total @ total) - size) / (size * (size - 1))
    near = np.nanmean(cosines_before(reading)[1:, :2], axis=1)
    return np.concatenate([[0.5], 1 / (1 + np.exp(-(near - everywhere) / 0.08))])


def novelty(reading: Reading) -> Numbers:
    """Return how much each line adds to the lines before it.

    One less the greatest cosine with an earlier line (maximal marginal relevance, Carbonell & Goldstein,
    SIGIR 1998), counted from where paraphrase begins.
    """
    vectors = reading.vectors.astype(np.float64)
    closest = np.zeros(len(reading))
    for place in range(1, len(reading)):
        closest[place] = float(np.max(vectors[:place] @ vectors[place]))
    return 1 - ramp(closest, 0.6, 1.0)


def engagement(reading: Reading) -> Numbers:
    """Return how much each line gives the others to take up: words of its own, a question, a change of speaker."""
    lengths = np.array([len(words) for words in reading.words], dtype=np.float64)
    asks = np.array(["?" in text for text in reading.texts], dtype=np.float64)
    substance = 1 - np.exp(-lengths / 8)
    return np.clip(0.8 * substance + 0.2 * asks, 0.0, 1.0)


def fluency(reading: Reading) -> Numbers:
    """Return how far each line reads like language that somebody wrote or said.

    The strength of its word transitions (see `transitions`), on a ramp from word salad to common talk, less
    what a broken transcript shows: marks and symbols among the words, stammered words, words cut short.
    Where the transitions say nothing (one word, another language) only the latter counts.
    """
    return np.array([_fluency_of(text, words) for text, words in zip(reading.texts, reading.words, strict=True)])


def _fluency_of(text: str, words: tuple[str, ...]) -> float:
    if not words:
        return 0.0
    bits = strength(text)
    order = UNKNOWN_FLUENCY if bits is None else float(ramp(np.array(bits), *TRANSITION_BITS))
    return order * _cleanness(text, words)


def _cleanness(text: str, words: tuple[str, ...]) -> float:
    """Return 1 for clean text, less for every mark, stray symbol and stammer among its words."""
    stammers = sum(first == second for first, second in pairwise(words))
    strays = len(_STRAY.findall(text))
    return 1 / (1 + 2 * (stammers + strays) / len(words))
