"""The bell curve: better is never paid less, equals are paid alike, and a hair's breadth moves pay by a hair.

An answer's **standing** says how far it lies above or below its peers, in standard deviations:

    d(i, j)  = 2 Phi((s_i - s_j) / h) - 1        how surely i is better than j, in (-1, 1)
    g(j)     = clip((s_j - b) / w, 0, 1)         whether j is worth pay at all: 0 at or below the baseline b
    z(i)     = 2 sum_j g(j) d(i, j) / sum_j g(j) the standing, in (-2, 2)
    pay(i)   = g(i) Phi(z(i))                    the normal curve over the standing
    reward   = pay / sum(pay)                    or 0 for everybody when nobody is worth pay

Phi is the cumulative normal distribution, h = 0.1 the difference between two scores that is as likely
noise as not, w = 0.1 the width of the rise above the baseline. z is the score's rank smoothed by a normal
kernel (Nadaraya 1964, "Some new estimates for distribution functions", Theory Probab. Appl. 9), laid on the
normal scale as Van der Waerden scores are (1952, Proc. Kon. Ned. Akad. A 55). Unlike a rank it has no
ties to break and no jump when two answers trade places; unlike a z-score no outlier can squeeze the rest.

Worked examples (baseline 0):

    scores .1 .2 .3 .4 .9  -> .030 .088 .199 .301 .382   the original's density paid .170 .229 .271 .281 .049
    scores .2 .4 .6        -> .064 .333 .602
    scores .5 .5 .5        -> 1/3 each                   all equal is defined
    scores .5 .501         -> .497 .503                  no cliff
    scores .7              -> 1                          a single answer takes the window
    scores 0 0 .3          -> 0 0 1                      nothing earns nothing
    scores 0 0             -> 0 0                        no signal: the round abstains
"""

import math
from collections.abc import Sequence
from itertools import starmap
from typing import Final

from conversation_genome.errors import ScoringInputError

BANDWIDTH: Final = 0.1
"""h: the difference of two scores at which one is better with a probability of 84 %."""
RISE: Final = 0.1
"""w: pay rises from nothing to full over this much score above the baseline."""
SPAN: Final = 2.0
"""The best standing among many, in standard deviations."""


def standing(scores: Sequence[float], *, baseline: float = 0.0) -> list[float]:
    """Return each answer's standing among its peers, in standard deviations, each in [-2, 2].

    Peers count as far as they are worth pay; in a round where none is, every standing is 0.

    Raises:
        ScoringInputError: If a score or the baseline is not a number in [0, 1].
    """
    _check(scores, baseline)
    presence = [_presence(score, baseline) for score in scores]
    present = math.fsum(presence)
    if present <= 0:
        return [0.0] * len(scores)
    return [_standing(score, scores, presence) / present for score in scores]


def divide(scores: Sequence[float], *, baseline: float = 0.0) -> list[float]:
    """Return each answer's share of the reward, in [0, 1]: they sum to 1, or are all 0.

    Args:
        scores: One score an answer, in [0, 1].
        baseline: The best score of the hidden baselines: at or below it nothing is earned.

    Raises:
        ScoringInputError: If a score or the baseline is not a number in [0, 1].
    """
    standings = standing(scores, baseline=baseline)
    pays = [_presence(score, baseline) * _normal_cdf(place) for score, place in zip(scores, standings, strict=True)]
    total = math.fsum(pays)
    return [pay / total for pay in pays] if total > 0 else [0.0] * len(pays)


def _standing(score: float, scores: Sequence[float], presence: Sequence[float]) -> float:
    terms = (
        weight * (2 * _normal_cdf((score - other) / BANDWIDTH) - 1)
        for other, weight in zip(scores, presence, strict=True)
        if weight > 0
    )
    return SPAN * math.fsum(terms)


def _presence(score: float, baseline: float) -> float:
    return min(1.0, max(0.0, (score - baseline) / RISE))


def _normal_cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _check(scores: Sequence[float], baseline: float) -> None:
    named = [("baseline", baseline), *((f"scores[{index}]", score) for index, score in enumerate(scores))]
    faults = list(starmap(_fault, ((name, value) for name, value in named if not 0 <= value <= 1)))
    if faults:
        raise ScoringInputError("; ".join(faults[:3]))


def _fault(name: str, value: float) -> str:
    return f"{name} is {value!r}; rewards are divided over numbers in [0, 1]"
