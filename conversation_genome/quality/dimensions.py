"""The five dimensions, each with its definition and source; every number is in [0, 1] and more is better.

Relevance and coherence are read off the talk as a whole. Novelty, engagement and fluency are numbers of
lines, of which a talk's is the mean. `uptake` is what a single line has of relevance and coherence: it looks
at the lines before it and never at those behind, so that a line is judged as a reader meets it.
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
UPTAKE_LINES: Final = 3
"""How far a line may reach for what it takes up."""
NEAR_LINES: Final = 2
"""How far a line must reach to count as following from what is before it."""
OPENING_UPTAKE: Final = 0.5
"""The first line has nothing to take up."""


def ramp(values: Numbers, low: float, high: float) -> Numbers:
    """Return 0 at `low` and below, 1 at `high` and above, a straight line between."""
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def saturating(values: Numbers, scale: float) -> Numbers:
    """Return 1 - exp(-x / scale), 0 below 0: rises everywhere, ever less, and never reaches 1."""
    return 1 - np.exp(-np.maximum(values, 0.0) / scale)


def relevance(reading: Reading) -> float:
    """Return how far the lines take up what is said around them.

    The mean cosine of lines that are at most three apart, a line weighing its substance; and, a third of the
    whole, the closest of these cosines of the weaker half of the lines, so that a few lines that fit nowhere
    show (lexical chains by meaning: Morris & Hirst, Computational Linguistics 17, 1991).
    """
    if len(reading) == 1:
        return 1.0
    weights = substance(reading) + 1e-3
    closest = np.full(len(reading), -1.0)
    total = scale = 0.0
    for back in range(1, min(UPTAKE_LINES, len(reading) - 1) + 1):
        cosines = _cosines(reading, back)
        pair_weights = weights[back:] * weights[:-back]
        total, scale = total + float(cosines @ pair_weights), scale + float(pair_weights.sum())
        closest[back:] = np.maximum(closest[back:], cosines)
        closest[:-back] = np.maximum(closest[:-back], cosines)
    weaker = np.sort(closest)[: max(1, len(closest) // 2)]
    return float(saturating(np.array(2 / 3 * total / scale + 1 / 3 * float(weaker.mean())), 0.3))


def coherence(reading: Reading) -> float:
    """Return how far the order of the lines matters: each follows from those before it, not from any other.

    The mean cosine of lines at most two apart, less that of all pairs (local against global similarity:
    Foltz, Kintsch & Landauer, Discourse Processes 25, 1998), on a logistic curve: shuffled lines come out
    at about 1/2.
    """
    size = len(reading)
    if size == 1:
        return 0.5
    total = reading.vectors.sum(axis=0, dtype=np.float64)
    everywhere = (float(total @ total) - size) / (size * (size - 1))
    near = np.concatenate([_cosines(reading, back) for back in range(1, min(NEAR_LINES, size - 1) + 1)])
    return float(1 / (1 + np.exp(-(near.mean() - everywhere) / 0.06)))


def uptake(reading: Reading) -> Numbers:
    """Return how far each line takes up the lines before it: its cosine with the last one, or the best of three."""
    last = np.full(len(reading), -1.0)
    best = np.full(len(reading), -1.0)
    for back in range(1, min(UPTAKE_LINES, len(reading) - 1) + 1):
        cosines = _cosines(reading, back)
        best[back:] = np.maximum(best[back:], cosines)
        if back == 1:
            last[1:] = cosines
    fit = saturating((last + best) / 2, 0.3)
    fit[0] = OPENING_UPTAKE
    return fit


def _cosines(reading: Reading, back: int) -> Numbers:
    """Return the cosine of each line with the one `back` before it, shape (n - back,)."""
    vectors = reading.vectors.astype(np.float64)
    return np.asarray(np.einsum("ij,ij->i", vectors[back:], vectors[:-back]))


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


def substance(reading: Reading) -> Numbers:
    """Return how much each line says: 0 for nothing, 1/2 at about five words, towards 1 with more."""
    return saturating(np.array([len(set(words)) for words in reading.words], dtype=np.float64), 8.0)


def engagement(reading: Reading) -> Numbers:
    """Return how much each line gives the others to take up: what it says, and whether it asks.

    Minimal responses keep a talk going and add nothing to it (backchannels: Yngve, CLS 6, 1970); questions
    hand over the turn and raise liking (Huang et al., JPSP 113, 2017).
    """
    asks = np.array(["?" in text or "\N{FULLWIDTH QUESTION MARK}" in text for text in reading.texts], dtype=np.float64)
    return 0.85 * substance(reading) + 0.15 * asks


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
