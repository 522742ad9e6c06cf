"""Tags: what the tags of one answer are worth together.

With references r_1..r_m (theme weights w, sum 1), the window's passages p and the n tags of one answer:

    s(i, j)   = match of tag i with reference j, in [0, 1]                       `window.match_strengths`
    x(i, j)   = max over k of s(i, k) - s(r_j, r_k) - 0.1: how far i reaches beyond j, as blends of themes do
    u(i, j)   = q(i) l(i, j) max(0, s(i, j) - x(i, j))     q: less for what fits any talk; l: less for glued words
    v(i)      = max(max_j u(i, j), max_p g(i, p) / 2)      g: how well a passage itself bears i out
    themes    = sum_j w(j) max_i u(i, j)
    speech    = mean_p max_i g(i, p) as a share of what the references themselves reach
    coverage  = max(0.8 themes + 0.2 speech, themes (0.8 + 0.2 themes))
    precision = sum_i v(i) / e(i) / n                      e: how often the answer says i
    F         = 2 coverage precision / (coverage + precision)
    score     = F^1.5: hitting the mark in one window and missing it in three is worth less than reading all four

Coverage and precision are BERTScore's recall and precision (Zhang et al., ICLR 2020, sec. 3) with tags for
tokens; the discount by e is the effective number of distinct tags (Leinster & Cobbold 2012, Ecology 93.3).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conversation_genome.scoring.passages import share_covered
from conversation_genome.scoring.similarity import FloatArray, ramp
from conversation_genome.scoring.tag_table import TagTable
from conversation_genome.scoring.window import SAME, WindowTruth

SPEECH_SHARE: Final = 0.2
"""Share of coverage that the window's own speech decides, for what the reference missed."""
SPEECH_FLOOR: Final = 0.3
"""Share of the speech that counts as all of it where the references bear on less."""


@dataclass(frozen=True, slots=True)
class TagGrade:
    """What the tags of one answer are worth together, each number in [0, 1]."""

    score: float
    coverage: float
    precision: float
    covered: FloatArray
    """Shape (m,): how well each theme is covered."""
    repeated: float
    """Share of the tags' worth that was lost to saying a theme again."""


def grade_tags(tags: Sequence[str], total: int, truth: WindowTruth, table: TagTable) -> TagGrade:
    """Return the grade of one answer.

    Args:
        tags: Its sound tags, normalised, each once.
        total: How many tags it held in all: what is unsound or repeated letter by letter counts here only.
        truth: The window.
        table: Measures of these tags and maybe others.
    """
    rows = [table.index[tag] for tag in sorted(tags)]
    covered = table.cover[rows].max(axis=0, initial=0.0)
    themes = math.fsum((truth.weights * covered).tolist())
    speech = min(1.0, share_covered(table.borne[rows]) / max(truth.speech_cover, SPEECH_FLOOR))
    coverage = max((1 - SPEECH_SHARE) * themes + SPEECH_SHARE * speech, themes * (1 - SPEECH_SHARE * (1 - themes)))
    values = table.value[rows]
    worth = math.fsum(values.tolist())
    distinct = math.fsum((values / _repetition(rows, truth, table)).tolist())
    precision = distinct / total if total else 0.0
    return TagGrade(
        score=convex_mean(coverage, precision),
        coverage=min(1.0, coverage),
        precision=min(1.0, precision),
        covered=covered,
        repeated=1 - distinct / worth if worth > 0 else 0.0,
    )


def convex_mean(coverage: float, precision: float) -> float:
    """Return the harmonic mean to the power of 1.5, in [0, 1]."""
    both = coverage + precision
    mean = min(1.0, 2 * coverage * precision / both) if both > 0 else 0.0
    return mean * math.sqrt(mean)


def _repetition(rows: Sequence[int], truth: WindowTruth, table: TagTable) -> FloatArray:
    """Return how often the answer says each tag's theme: shape (n,), at least 1.

    Two tags that match two different references may be as alike as these are.
    """
    if not rows:
        return np.ones(0)
    vectors = table.vectors[rows]
    alike = ramp(truth.scale.of_names(vectors, vectors), *SAME)
    if truth.weights.size:
        nearest = table.matches[rows].argmax(axis=1)
        allowed = truth.sameness[nearest[:, None], nearest[None, :]]
        allowed[nearest[:, None] == nearest[None, :]] = 0.0
        alike = np.maximum(alike - allowed, 0.0)
    np.fill_diagonal(alike, 1.0)
    repetition: FloatArray = np.sort(alike, axis=1).sum(axis=1)
    return repetition
