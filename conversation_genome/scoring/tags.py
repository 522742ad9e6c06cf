"""Tags: what each is worth by itself, and what they are worth together.

With references r_1..r_m (theme weights w, sum 1) and the n tags of one answer:

    s(i, j) = match of tag i with reference j, in [0, 1]                       `window.match_strengths`
    x(i, k) = how far i reaches beyond j: max(0, s(i, k) - s(r_j, r_k))        a blend reaches many themes at once
    u(i, j) = q(i) s(i, j) s(i, j) / (s(i, j) + sum_k x(i, k))                 q: 1, or less for what fits any talk
    v(i)    = max(max_j u(i, j), 0.35 q(i) g(i))                               g: how well the window itself bears i out
    coverage  = sum_j w(j) max_i u(i, j)
    precision = sum_i v(i) / e(i) / n                                          e: how often the answer says i
    score     = 2 coverage precision / (coverage + precision)

Coverage and precision are BERTScore's recall and precision (Zhang et al., ICLR 2020, sec. 3) with tags for
tokens; the discount by e is the effective number of distinct tags (Leinster & Cobbold 2012, Ecology 93.3).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conversation_genome.scoring.background import background_spellings
from conversation_genome.scoring.similarity import FloatArray, VectorTable, cosines, ramp
from conversation_genome.scoring.window import SAME, WindowTruth, match_strengths
from conversation_genome.scoring.wording import is_latin, spelling

GROUNDED_WORTH: Final = 0.35
"""What a tag is worth at most that the window bears out and the references do not name."""
GROUNDED: Final = (0.25, 0.60)
"""Cosines with the best passage between which a tag goes from absent to borne out."""
GENERIC: Final = (0.60, 0.90)
"""Cosines with the background between which a tag goes from telling to generic."""


@dataclass(frozen=True, slots=True)
class TagTable:
    """Distinct tags of all answers to a window, each measured by itself: t tags, m references."""

    index: Mapping[str, int]
    vectors: FloatArray
    """Shape (t, d)."""
    cover: FloatArray
    """Shape (t, m): u, what each tag contributes to each theme, in [0, 1]."""
    matches: FloatArray
    """Shape (t, m): s, before anything is taken off."""
    value: FloatArray
    """Shape (t,): v, what each is worth, in [0, 1]."""
    quality: FloatArray
    """Shape (t,): q, in [0, 1]; low for what fits any conversation."""

    @classmethod
    def of(cls, texts: Sequence[str], truth: WindowTruth, table: VectorTable) -> "TagTable":
        """Measure each distinct normalised tag against the window."""
        vectors = table.of(texts)
        names = [item.text for item in truth.texts.references]
        matches = match_strengths(texts, vectors, names, truth.references)
        quality = _quality(texts, vectors, truth)
        cover = _unblended(matches, truth.relatedness) * quality[:, None]
        grounded = GROUNDED_WORTH * quality * _grounding(texts, vectors, truth)
        value = np.maximum(cover.max(axis=1, initial=0.0), grounded)
        return cls({text: row for row, text in enumerate(texts)}, vectors, cover, matches, value, quality)


def _unblended(matches: FloatArray, relatedness: FloatArray) -> FloatArray:
    """Return u without q: each match, shared out where the tag reaches beyond the matched theme: shape (t, m)."""
    credit = np.empty_like(matches)
    for j in range(matches.shape[1]):
        beyond = np.maximum(matches - relatedness[j][None, :], 0.0)
        beyond[:, j] = 0.0
        reach = matches[:, j] + np.sort(beyond, axis=1).sum(axis=1)
        credit[:, j] = np.divide(matches[:, j] ** 2, reach, out=np.zeros_like(reach), where=reach > 0)
    return credit


def _quality(texts: Sequence[str], vectors: FloatArray, truth: WindowTruth) -> FloatArray:
    """Return 1 for a telling tag, down to 0.05 for one that fits any conversation: shape (t,)."""
    nearest = cosines(vectors, truth.background).max(axis=1, initial=0.0)
    quality = 1.0 - 0.6 * ramp(nearest, *GENERIC)
    references = {item.text for item in truth.texts.references}
    for row, text in enumerate(texts):
        if text in references or not is_latin(text):
            quality[row] = 1.0
        elif spelling(text) in background_spellings():
            quality[row] = 0.05
    return quality


def _grounding(texts: Sequence[str], vectors: FloatArray, truth: WindowTruth) -> FloatArray:
    """Return how well the window itself bears each tag out: shape (t,), in [0, 1]."""
    best = cosines(vectors, truth.passages).max(axis=1, initial=0.0)
    grounding = ramp(best, *GROUNDED)
    for row, text in enumerate(texts):
        if not is_latin(text):
            grounding[row] = float(text in truth.texts.surroundings.speech)
    return grounding


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
    coverage = math.fsum((truth.weights * covered).tolist())
    values = table.value[rows]
    worth = math.fsum(values.tolist())
    distinct = math.fsum((values / _repetition(rows, truth, table)).tolist())
    precision = distinct / total if total else 0.0
    both = coverage + precision
    return TagGrade(
        score=min(1.0, 2 * coverage * precision / both) if both > 0 else 0.0,
        coverage=min(1.0, coverage),
        precision=min(1.0, precision),
        covered=covered,
        repeated=1 - distinct / worth if worth > 0 else 0.0,
    )


def _repetition(rows: Sequence[int], truth: WindowTruth, table: TagTable) -> FloatArray:
    """Return how often the answer says each tag's theme: shape (n,), at least 1.

    Two tags that match two different references may be as alike as these are.
    """
    if not rows:
        return np.ones(0)
    vectors = table.vectors[rows]
    alike = ramp(cosines(vectors, vectors), *SAME)
    if truth.weights.size:
        nearest = table.matches[rows].argmax(axis=1)
        allowed = truth.sameness[np.ix_(nearest, nearest)].copy()
        allowed[nearest[:, None] == nearest[None, :]] = 0.0
        alike = np.maximum(alike - allowed, 0.0)
    np.fill_diagonal(alike, 1.0)
    repetition: FloatArray = np.sort(alike, axis=1).sum(axis=1)
    return repetition
