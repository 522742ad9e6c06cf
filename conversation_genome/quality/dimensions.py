"""The five dimensions, each with its definition and source; every number is in [0, 1] and more is better.

Relevance and coherence of a talk are read off the talk as a whole; `relevance_so_far` and `follows` are what a
single line has of them: they look at the lines before it and never at those behind, so that a line is judged as a
reader meets it. Novelty, engagement and fluency are numbers of lines, of which a talk's is the mean.
"""

import math
from typing import Final

import numpy as np

from conversation_genome.quality.acts import UNKNOWN_BITS
from conversation_genome.quality.base import Numbers
from conversation_genome.quality.exchange import order
from conversation_genome.quality.reading import Reading
from conversation_genome.quality.uptake import uptake

LEAST_WEIGHT: Final = 0.3
"""What a line without substance weighs in relevance: a stranger's "yeah" is out of place, too."""
UPTAKE_LINES: Final = 3
"""How far a line may reach for what it takes up."""
NEAR_LINES: Final = 2
"""How far a line must reach to count as following from what is before it."""
UPTAKE_SHARE: Final = 0.3
"""How much of what a line's meaning leaves open its words may fill: words add, and their absence takes nothing away."""
OPENING: Final = 0.5
"""The first line has nothing to take up."""
WEAKER: Final = 0.5
"""Share of the lines that are the weaker ones of a talk."""
TAKEN_UP_SHARE: Final = 0.6
"""What a talk's relevance owes to what lines take up; the rest to what calls for them."""
CALL_MIDDLE: Final = 2.0
CALL_SLOPE: Final = 0.6
"""Nearness and bits at which lines half call for each other, and how steeply that grows."""
CALLED_SHARE: Final = 0.2
"""What a line's relevance owes to what calls for it."""
CALL_MIDDLE_LINE: Final = 1.5
"""Bits at which a line is half called for."""
COPY_COSINES: Final = (0.9, 0.98)
"""Cosine with an earlier line at which a line begins to be its paraphrase, and at which it says nothing new."""
COPIED_SHARES: Final = (0.6, 1.0)
"""Share of runs of words from earlier lines at which a line begins to be a copy, and at which it is one."""
NEARNESS_UNIT: Final = 0.06
"""Difference of mean cosines that counts as one unit on the logistic curve of coherence."""
NEARNESS_LINES: Final = 8
"""Lines at which that difference counts for half: the mean of a few pairs says little."""
EXCHANGE_UNITS: Final = 2.0
"""What a perfect order of turns counts on that curve."""
CALL_UNITS: Final = 0.5
"""What a bit more than in honest talk counts there."""


def ramp(values: Numbers, low: float, high: float) -> Numbers:
    """Return 0 at `low` and below, 1 at `high` and above, a straight line between."""
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def saturating(values: Numbers, scale: float) -> Numbers:
    """Return 1 - exp(-x / scale), 0 below 0: rises everywhere, ever less, and never reaches 1."""
    return 1 - np.exp(-np.maximum(values, 0.0) / scale)


def relevance(reading: Reading, met: Numbers) -> float:
    """Return how far the lines take up what is said around them, and are called for by it.

    Three fifths is what they take up: around them, behind them too, and before them as a reader meets them, the weaker
    half twice. A line that copies takes nothing up. Two fifths is what calls for them: how much nearer they are to
    the lines around them than to the whole talk, and how strongly what a line does calls for what the next one does
    (`acts`). Where all talks are of one narrow subject, these alone tell strangers.

    Args:
        reading: The talk.
        met: What the lines have of relevance as a reader meets them, 0 for copies, shape (n,).
    """
    if len(reading) == 1:
        return OPENING
    taken_up = (_taken_up(reading) + mean_for_reader(met)) / 2
    nearness = _nearness(_without_copies(_neighbours(reading)), reading)
    called = float(1 / (1 + np.exp(-CALL_SLOPE * (nearness + reading.calls.talk - CALL_MIDDLE))))
    return TAKEN_UP_SHARE * taken_up + (1 - TAKEN_UP_SHARE) * called


def _taken_up(reading: Reading) -> float:
    """Return how far the lines take up what is said around them.

    The mean cosine of lines that are at most three apart, a line weighing its substance; and, a third of the
    whole, the closest of these cosines of the weaker half of the lines, so that a few lines that fit nowhere
    show (lexical chains by meaning: Morris & Hirst, Computational Linguistics 17, 1991).
    """
    weights = LEAST_WEIGHT + (1 - LEAST_WEIGHT) * substance(reading)
    closest = np.full(len(reading), -1.0)
    total = scale = 0.0
    for back in range(1, min(UPTAKE_LINES, len(reading) - 1) + 1):
        cosines = _without_copies(_cosines(reading, back))
        pair_weights = weights[back:] * weights[:-back]
        total, scale = total + float(cosines @ pair_weights), scale + float(pair_weights.sum())
        closest[back:] = np.maximum(closest[back:], cosines)
        closest[:-back] = np.maximum(closest[:-back], cosines)
    weaker = np.sort(closest)[: max(1, len(closest) // 2)]
    return float(saturating(np.array(2 / 3 * total / scale + 1 / 3 * float(weaker.mean())), 0.3))


def mean_for_reader(by_line: Numbers) -> float:
    """Return the mean of the lines' mean and that of their weaker half: bad lines lose more than good ones win."""
    weaker = np.sort(by_line)[: math.ceil(WEAKER * len(by_line))]
    return float(by_line.mean() + weaker.mean()) / 2


def coherence(reading: Reading) -> float:
    """Return how far the order of the lines matters: each follows from those before it, not from any other.

    How much nearer lines are to those around them than to the whole talk, whether turns stand where turns of their
    kind belong (`exchange`), and whether they call for each other in this order (`acts`), on a logistic curve.
    """
    if len(reading) == 1:
        return OPENING
    exchanged = EXCHANGE_UNITS * order(reading) + CALL_UNITS * (reading.calls.talk - UNKNOWN_BITS)
    return float(1 / (1 + np.exp(-_nearness(_neighbours(reading), reading) - exchanged)))


def _neighbours(reading: Reading) -> Numbers:
    """Return the cosines of lines at most two apart, and of lines with what those said last whom they name."""
    neighbours = [_cosines(reading, back) for back in range(1, min(NEAR_LINES, len(reading) - 1) + 1)]
    return np.concatenate([*neighbours, _cosines_to_addressed(reading)])


def _nearness(neighbours: Numbers, reading: Reading) -> float:
    """Return how much nearer neighbours are than all pairs, in units of the logistic curve.

    Local against global similarity: Foltz, Kintsch & Landauer, Discourse Processes 25, 1998.
    """
    size = len(reading)
    total = reading.vectors.sum(axis=0, dtype=np.float64)
    everywhere = (float(total @ total) - size) / (size * (size - 1))
    return (float(neighbours.mean()) - everywhere) / NEARNESS_UNIT * size / (size + NEARNESS_LINES)


def _without_copies(cosines: Numbers) -> Numbers:
    """Return the cosines, 0 for copies: a line that says the same again takes up nothing."""
    return cosines * (1 - ramp(cosines, *COPY_COSINES))


def relevance_so_far(reading: Reading) -> Numbers:
    """Return how near each line is to the subject of the moment and to the nearest of the last three lines.

    The subject is the mean of the lines before, each weighing half of the one behind it; words that a line takes
    up (see `uptake`) bring it nearer. A fifth is how strongly it is called for by the lines before it (`acts`).
    """
    vectors = reading.vectors.astype(np.float64)
    subject = np.zeros_like(vectors)
    for place in range(1, len(reading)):
        subject[place] = vectors[place - 1] + subject[place - 1] / 2
    norms = np.maximum(np.linalg.norm(subject, axis=1), 1e-9)
    nearness = np.einsum("ij,ij->i", subject, vectors) / norms
    best = np.full(len(reading), -1.0)
    for back in range(1, min(UPTAKE_LINES, len(reading) - 1) + 1):
        best[back:] = np.maximum(best[back:], _cosines(reading, back))
    fit = saturating(2 / 3 * nearness + 1 / 3 * best, 0.3)
    fit += (1 - fit) * UPTAKE_SHARE * uptake(reading)
    called = 1 / (1 + np.exp(-CALL_SLOPE * (reading.calls.lines - CALL_MIDDLE_LINE)))
    fit = (1 - CALLED_SHARE) * fit + CALLED_SHARE * called
    fit[0] = OPENING
    return fit


def follows(reading: Reading) -> Numbers:
    """Return how far each line answers the one just before it, or else the one before that."""
    fit = np.full(len(reading), -1.0)
    for back, share in ((1, 1.0), (2, 0.7)):
        if back < len(reading):
            fit[back:] = np.maximum(fit[back:], share * _cosines(reading, back))
    fit = saturating(fit, 0.3)
    fit[0] = OPENING
    return fit


def _cosines(reading: Reading, back: int) -> Numbers:
    """Return the cosine of each line with the one `back` before it, shape (n - back,)."""
    vectors = reading.vectors.astype(np.float64)
    return np.asarray(np.einsum("ij,ij->i", vectors[back:], vectors[:-back]))


def _cosines_to_addressed(reading: Reading) -> Numbers:
    """Return the cosine of each line that speaks to somebody by name with what they said last, shape (k,)."""
    vectors, last, cosines = reading.vectors.astype(np.float64), dict[int, int](), []
    for place, addressed in enumerate(reading.addressed):
        if addressed in last:
            cosines.append(float(vectors[place] @ vectors[last[addressed]]))
        last[int(reading.speakers[place])] = place
    return np.array(cosines)


def novelty(reading: Reading) -> Numbers:
    """Return how much each line adds to the lines before it.

    One less the greatest cosine with an earlier line (maximal marginal relevance, Carbonell & Goldstein,
    SIGIR 1998), counted from where paraphrase ends and copying begins: to stay with a subject is no repetition.
    What is cut out of a longer line is near it in no vector, and shows in its runs of words.
    """
    vectors = reading.vectors.astype(np.float64)
    closest = np.zeros(len(reading))
    for place in range(1, len(reading)):
        closest[place] = float(np.max(vectors[:place] @ vectors[place]))
    return 1 - np.maximum(ramp(closest, *COPY_COSINES), ramp(_copied(reading), *COPIED_SHARES))


def _copied(reading: Reading) -> Numbers:
    """Return the share of each line's runs of three words that an earlier line has, 0 where it has one or none."""
    seen: set[tuple[str, ...]] = set()
    shares = []
    for words in reading.words:
        runs = set(zip(words, words[1:], words[2:], strict=False))
        shares.append(len(runs & seen) / len(runs) if len(runs) > 1 else 0.0)
        seen |= runs
    return np.array(shares)


def substance(reading: Reading) -> Numbers:
    """Return how much each line says: 0 for nothing, 1/2 at about four words, towards 1 with more.

    It saturates early: whether people like longer lines still better differs from one set of ratings to the next.
    """
    return saturating(np.array([len(set(words)) for words in reading.words], dtype=np.float64), 6.0)


def engagement(reading: Reading) -> Numbers:
    """Return how much each line gives the others to take up: what it says, and whether it asks.

    Minimal responses keep a talk going and add nothing to it (backchannels: Yngve, CLS 6, 1970); questions
    hand over the turn and raise liking (Huang et al., JPSP 113, 2017).
    """
    asks = np.array(["?" in text or "\N{FULLWIDTH QUESTION MARK}" in text for text in reading.texts], dtype=np.float64)
    return 0.85 * substance(reading) + 0.15 * asks
