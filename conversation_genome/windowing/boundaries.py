"""Level 1 by meaning: how likely a topic ends at each gap, and the cuts that follow.

A logistic model over the gap's features (`gaps`), learned from talks in which people marked the topics. It has
two sets of weights: one that reads English cues too, and one of meaning alone for every other language.
"""

import math
import statistics
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from conversation_genome.conversation import Utterance
from conversation_genome.windowing.cues import english_share, read_cues
from conversation_genome.windowing.gaps import CUE_FEATURES, MEANING_FEATURES, Floats, cue_features, meaning_features
from conversation_genome.windowing.weights import load_weights

LEAST_ENGLISH: Final = 0.12
"""Share of the commonest English words from which on the English cues are read."""
OWN_SHARE: Final = 0.5
"""Of the threshold that the talk itself sets: one talk changes topic at a nod, another announces it."""
OWN_DEVIATIONS: Final = 1.3
THRESHOLD: Final = -0.2
"""In log odds: a little under even."""
_DIGITS: Final = 3
_NO_DEVIATION: Final = 1e-9
_QUESTION_MARKS: Final = ("?", "\uff1f", "\u061f")


def boundary_odds(lines: Sequence[Utterance], vectors: Floats) -> list[float]:
    """Return the log odds that a topic begins after each gap; gap i lies before line i + 1.

    Args:
        lines: The talk.
        vectors: Unit vectors of its lines, shape (lines, d).
    """
    if len(lines) < 2:
        return []
    texts = [line.text for line in lines]
    rows = gap_features(lines, vectors)
    model, names = ("english", (*MEANING_FEATURES, *CUE_FEATURES))
    if english_share(texts) < LEAST_ENGLISH:
        model, names, rows = "meaning", MEANING_FEATURES, scale_free(rows)
    weights, bias = _weights(model, names)
    odds: list[float] = np.round(np.einsum("nf,f->n", rows, weights) + bias, _DIGITS).tolist()
    return odds


def gap_features(lines: Sequence[Utterance], vectors: Floats) -> Floats:
    """Return the features of every gap, those of meaning first, shape (lines - 1, features)."""
    texts = [line.text for line in lines]
    questions = [any(mark in text for mark in _QUESTION_MARKS) for text in texts]
    meaning = meaning_features(
        np.asarray(vectors, dtype=np.float64), [line.speaker for line in lines], [line.at for line in lines], questions
    )
    cues = cue_features(read_cues(texts, statistics.median(map(len, texts))))
    return np.hstack([meaning, cues])


def scale_free(rows: Floats) -> Floats:
    """Return the features of meaning alone, each similarity beside its talk's others: models differ in their cosines."""
    meaning = rows[:, : len(MEANING_FEATURES)].copy()
    similarities = meaning[:, : MEANING_FEATURES.index("same_speaker")]
    deviations = similarities.std(axis=0)
    similarities -= similarities.mean(axis=0)
    similarities /= np.where(deviations > _NO_DEVIATION, deviations, 1.0)
    return meaning


def threshold_of(odds: Sequence[float]) -> float:
    """Return the log odds from which on a gap is cut: half fixed, half the talk's own."""
    if not odds:
        return THRESHOLD
    mean = math.fsum(odds) / len(odds)
    deviation = math.sqrt(math.fsum((one - mean) ** 2 for one in odds) / len(odds))
    threshold: float = round((1 - OWN_SHARE) * THRESHOLD + OWN_SHARE * (mean + OWN_DEVIATIONS * deviation), _DIGITS)
    return threshold


@cache
def _weights(model: str, names: tuple[str, ...]) -> tuple[Floats, float]:
    return load_weights("boundary_weights", model, names)
