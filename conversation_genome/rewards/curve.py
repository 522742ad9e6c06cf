"""Reward curves: better is never paid less, equals are paid alike, nothing is paid at or below the baseline.

`divide` takes the curve's name: `bell` (the default), `linear` or `rank`.

**bell**: a hair's breadth of score moves pay by a hair.

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

**linear**: pay(i) = max(0, s_i - b), in proportion to the score above the baseline: the gentlest curve, and the one
that lets an easy window pay differences which a hard one would not.

**rank**: pay(i) = the number of answers above the baseline that i is at least as good as, ties counted half
(the mid-rank of Kendall 1945, "The treatment of ties in ranking problems", Biometrika 33): the steps are the same in
every window, whatever the scores, and two answers a hair apart are a whole step apart.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import starmap
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conversation_genome.errors import ScoringInputError

FloatArray = NDArray[np.float64]
Curve = Callable[[FloatArray, FloatArray], FloatArray]
"""Scores of shape (r, n), ascending in each row, and baselines (r, 1) -> pay (r, n), at least 0, not yet shares."""

BANDWIDTH: Final = 0.1
"""h: the difference of two scores at which one is better with a probability of 84 %."""
RISE: Final = 0.1
"""w: pay rises from nothing to full over this much score above the baseline."""
SPAN: Final = 2.0
"""The best standing among many, in standard deviations."""
DEFAULT_CURVE: Final = "bell"


def standing(scores: Sequence[float], *, baseline: float = 0.0) -> list[float]:
    """Return each answer's standing among its peers, in standard deviations, each in [-2, 2].

    Peers count as far as they are worth pay; in a round where none is, every standing is 0.

    Raises:
        ScoringInputError: If a score or the baseline is not a number in [0, 1].
    """
    _check(scores, baseline)
    return list(map(float, _by_row(_standings, _row(scores), np.array([[baseline]]))[0]))


def divide(scores: Sequence[float], *, baseline: float = 0.0, curve: str = DEFAULT_CURVE) -> list[float]:
    """Return each answer's share of the reward, in [0, 1]: they sum to 1, or are all 0.

    Args:
        scores: One score an answer, in [0, 1].
        baseline: The best score of the hidden baselines: at or below it nothing is earned.
        curve: `bell`, `linear` or `rank`.

    Raises:
        ScoringInputError: If a score or the baseline is not a number in [0, 1], or there is no such curve.
    """
    _check(scores, baseline)
    return list(map(float, divide_rounds(_row(scores), np.array([baseline]), curve=curve)[0]))


def divide_rounds(scores: ArrayLike, baselines: ArrayLike, *, curve: str = DEFAULT_CURVE) -> FloatArray:
    """Return the shares of many rounds of equally many answers at once: shape (r, n), the bits that `divide` returns.

    Args:
        scores: Shape (r, n), in [0, 1].
        baselines: Shape (r,), in [0, 1].
        curve: `bell`, `linear` or `rank`.

    Raises:
        ScoringInputError: If a number is not in [0, 1], shapes do not fit, or there is no such curve.
    """
    rows, floor = np.asarray(scores, dtype=np.float64), np.asarray(baselines, dtype=np.float64)
    if rows.ndim != 2 or floor.shape != rows.shape[:1]:
        raise ScoringInputError(f"scores (r, n) and baselines (r,) do not fit together: {rows.shape}, {floor.shape}")
    if not (((rows >= 0) & (rows <= 1)).all() and ((floor >= 0) & (floor <= 1)).all()):
        raise ScoringInputError("rewards are divided over numbers in [0, 1]")
    return _by_row(_shares_on(_named(curve)), rows, floor[:, None])


def bell(scores: FloatArray, baseline: FloatArray) -> FloatArray:
    """Return pay on the normal curve over the standing: shape (r, n)."""
    return _presence(scores, baseline) * _normal_cdf(_standings(scores, baseline))


def linear(scores: FloatArray, baseline: FloatArray) -> FloatArray:
    """Return pay in proportion to the score above the baseline: shape (r, n)."""
    return np.maximum(0.0, scores - baseline)


def rank(scores: FloatArray, baseline: FloatArray) -> FloatArray:
    """Return pay by mid-rank among the answers above the baseline: shape (r, n)."""
    is_paid = scores > baseline
    below = ((scores[:, :, None] > scores[:, None, :]) & is_paid[:, None, :]).sum(axis=-1)
    level = ((scores[:, :, None] == scores[:, None, :]) & is_paid[:, None, :]).sum(axis=-1)
    return np.where(is_paid, below + (level + 1) / 2, 0.0)


CURVES: Final[Mapping[str, Curve]] = MappingProxyType({"bell": bell, "linear": linear, "rank": rank})
"""Every curve by the name that settings know it under."""


def _named(curve: str) -> Curve:
    if curve not in CURVES:
        raise ScoringInputError(f"there is no reward curve {curve!r}; choose {', '.join(sorted(CURVES))}")
    return CURVES[curve]


def _shares_on(curve: Curve) -> Curve:
    def shares(scores: FloatArray, baseline: FloatArray) -> FloatArray:
        pay = curve(scores, baseline)
        peak = pay.max(axis=1, keepdims=True, initial=0.0)
        scaled = np.divide(pay, peak, out=np.zeros_like(pay), where=peak > 0)
        totals = np.array([math.fsum(row) for row in scaled.tolist()])[:, None]
        divided: FloatArray = np.divide(scaled, totals, out=np.zeros_like(pay), where=totals > 0)
        return divided

    return shares


def _by_row(function: Curve, scores: FloatArray, baseline: FloatArray) -> FloatArray:
    """Return what a function says of each row in ascending order, in the order given: order changes no bit."""
    order = np.argsort(scores, axis=1, kind="stable")
    results = np.empty_like(scores)
    np.put_along_axis(results, order, function(np.take_along_axis(scores, order, axis=1), baseline), axis=1)
    return results


def _standings(scores: FloatArray, baseline: FloatArray) -> FloatArray:
    presence = _presence(scores, baseline)
    present = presence.sum(axis=1, keepdims=True)
    surely = 2 * _normal_cdf((scores[:, :, None] - scores[:, None, :]) / BANDWIDTH) - 1
    lead = (surely * presence[:, None, :]).sum(axis=-1)
    mean: FloatArray = np.divide(lead, present, out=np.zeros_like(lead), where=present > 0)
    return np.clip(SPAN * mean, -SPAN, SPAN)


def _presence(scores: FloatArray, baseline: FloatArray) -> FloatArray:
    return np.clip((scores - baseline) / RISE, 0.0, 1.0)


def _normal_cdf(z: FloatArray) -> FloatArray:
    flat = (-z / math.sqrt(2)).ravel().tolist()
    return 0.5 * np.fromiter(map(math.erfc, flat), dtype=np.float64, count=len(flat)).reshape(z.shape)


def _row(scores: Sequence[float]) -> FloatArray:
    return np.array(scores, dtype=np.float64).reshape(1, -1)


def _check(scores: Sequence[float], baseline: float) -> None:
    named = [("baseline", baseline), *((f"scores[{index}]", score) for index, score in enumerate(scores))]
    faults = list(starmap(_fault, ((name, value) for name, value in named if not 0 <= value <= 1)))
    if faults:
        raise ScoringInputError("; ".join(faults[:3]))


def _fault(name: str, value: float) -> str:
    return f"{name} is {value!r}; rewards are divided over numbers in [0, 1]"
