"""Features of the gaps between lines: what speaks for a topic ending before a line and another beginning with it.

Similarity across the gap at several widths and the depth of its valleys (Hearst 1997; Solbiati et al.,
arXiv 2106.12978, for sentence vectors), and what the two lines at the gap say.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.windowing.cohesion import valley_depths
from conversation_genome.windowing.cues import CUES, LineCues

Floats = NDArray[np.float64]

WIDTHS: Final = (1, 2, 3, 5, 10)
_WIDE_SHARE: Final = 12
_WIDEST: Final = 30
DIGITS: Final = 3
"""Of a similarity: what is left is equal whatever the processor or the number of threads."""
MEANING_FEATURES: Final = (
    *(f"similarity_{width}" for width in WIDTHS),
    *(f"depth_{width}" for width in WIDTHS),
    *(f"relative_{width}" for width in WIDTHS),
    "similarity_wide", "depth_wide", "relative_wide",
    "line_to_left", "line_to_left_max", "before_to_right", "cross_max", "line_to_next", "before_to_earlier",
    "same_speaker", "log_lines", "near_start", "near_end", "pause", "question_mark", "question_mark_before",
)  # fmt: skip
CUE_FEATURES: Final = (
    *(f"line_{cue}" for cue in CUES),
    *(f"before_{cue}" for cue in CUES),
    *(f"next_{cue}" for cue in CUES),
    *(f"earlier_{cue}" for cue in CUES),
    "shared_before", "shared_left", "new_words", "carried_on", "question_after_question", "question_after_statement",
    "answered",
)  # fmt: skip


def meaning_features(
    vectors: Floats, speakers: Sequence[int], times: Sequence[float | None], questions: Sequence[bool]
) -> Floats:
    """Return one row for each gap, shape (lines - 1, features): what needs no words of a language.

    Args:
        vectors: Unit vectors, shape (lines, d).
        speakers: Who says each line.
        times: Seconds of each line, where the source tells.
        questions: Whether each line asks.
    """
    count = len(vectors)
    columns: list[Floats] = []
    bands = [_across(vectors, width) for width in WIDTHS]
    columns += bands
    columns += [np.array(valley_depths(band.tolist())) for band in bands]
    columns += [_standardised(band) for band in bands]
    wide = _across(vectors, _wide_lines(count))
    columns += [wide, np.array(valley_depths(wide.tolist())), _standardised(wide)]
    columns += _line_similarities(vectors)
    talkers = np.array(speakers)
    columns.append((talkers[1:] == talkers[:-1]).astype(float))
    columns.append(np.full(count - 1, math.log(count)))
    places = np.arange(1, count)
    columns += [np.exp(-places / 3.0), np.exp(-(count - places) / 3.0)]
    columns.append(_pauses(times))
    asks = np.array(questions, dtype=float)
    columns += [asks[1:], asks[:-1]]
    return np.stack(columns, axis=1)


def cue_features(cues: Sequence[LineCues]) -> Floats:
    """Return one row for each gap, shape (lines - 1, features): what the words around it say, in English."""
    values = np.array([line.values for line in cues])
    padded = np.vstack([np.zeros((1, values.shape[1])), values, np.zeros((1, values.shape[1]))])
    rows = np.hstack([padded[2:-1], padded[1:-2], padded[3:], padded[:-3]])
    return np.hstack([rows, np.array([_word_features(cues, index) for index in range(1, len(cues))])])


def _word_features(cues: Sequence[LineCues], index: int) -> list[float]:
    here, before = cues[index].words, cues[index - 1].words
    left = frozenset().union(*(line.words for line in cues[max(0, index - 6) : index]))
    right = frozenset().union(*(line.words for line in cues[index : index + 4]))
    asks, asked = cues[index].values[0], cues[index - 1].values[0]
    return [
        min(len(here & before), 3) / 3,
        min(len(here & left), 4) / 4,
        len(here - left) / (len(here) + 1),
        len(right & left) / math.sqrt((len(right) + 1) * (len(left) + 1)),
        asks * asked,
        asks * (1 - asked),
        (1 - asks) * asked,
    ]


def _wide_lines(count: int) -> int:
    """Return a width that grows with the talk: one of hours dwells longer on a topic than a chat."""
    return min(_WIDEST, max(2, count // _WIDE_SHARE))


def _across(vectors: Floats, width: int) -> Floats:
    """Return the cosine of the means of up to `width` lines on both sides of each gap."""
    sums = np.vstack([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0, dtype=np.float64)])
    gaps = np.arange(1, len(vectors))
    left = sums[gaps] - sums[np.maximum(gaps - width, 0)]
    right = sums[np.minimum(gaps + width, len(vectors))] - sums[gaps]
    return _cosines(left, right)


def _line_similarities(vectors: Floats) -> list[Floats]:
    """Return how near the lines at each gap are to the lines on the other side, and on their own."""
    count = len(vectors)
    near = {
        shift: np.concatenate([_cosines(vectors[:-shift], vectors[shift:]), np.zeros(min(shift, count))])
        if shift < count
        else np.zeros(count)
        for shift in range(1, 7)
    }  # near[s][i] = cos(i, i + s)
    left = np.array(
        [[near[shift][gap - shift] if gap >= shift else -1.0 for shift in range(1, 7)] for gap in range(1, count)]
    )
    right = np.array(
        [
            [near[shift][gap - 1] if gap - 1 + shift < count else -1.0 for shift in range(1, 7)]
            for gap in range(1, count)
        ]
    )
    cross = np.array(
        [
            max(
                near[a + b + 1][gap - 1 - a] for a in range(3) for b in range(3) if gap - 1 - a >= 0 and gap + b < count
            )
            for gap in range(1, count)
        ]
    )
    line_next = np.array([near[1][gap] if gap + 1 < count else 0.0 for gap in range(1, count)])
    before = np.array([near[1][gap - 2] if gap >= 2 else 0.0 for gap in range(1, count)])
    return [_known_mean(left), left.max(axis=1), _known_mean(right), cross, line_next, before]


def _known_mean(values: Floats) -> Floats:
    known = values > -1.0
    mean: Floats = np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return mean


def _standardised(values: Floats) -> Floats:
    """Return values beside their own talk's: mean 0, deviation 1."""
    deviation = float(values.std())
    return (values - values.mean()) / deviation if deviation > 1e-9 else np.zeros_like(values)


def _pauses(times: Sequence[float | None]) -> Floats:
    """Return the seconds before each line beside the talk's middle pause, as a logarithm; 0 where unknown."""
    if any(time is None for time in times):
        return np.zeros(len(times) - 1)
    pauses = np.maximum(np.diff(np.array(times, dtype=np.float64)), 0.0)
    return np.clip(np.log1p(pauses) - math.log1p(float(np.median(pauses))), -2.0, 4.0)


def _cosines(left: Floats, right: Floats) -> Floats:
    dots = np.einsum("nd,nd->n", left, right)
    norms = np.sqrt(np.einsum("nd,nd->n", left, left) * np.einsum("nd,nd->n", right, right))
    cosines: Floats = np.round(dots / np.maximum(norms, 1e-12), DIGITS)
    return cosines
