"""How near a cut is to people's: Pk, WindowDiff, F1 of boundaries; one-to-one overlap, VI and exact match of threads."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment


def window_size(lines: int, boundaries: Sequence[int]) -> int:
    """Return k, half of the mean length of the reference segments, at least 2 (Beeferman et al. 1999, sec. 6)."""
    return max(2, round(lines / (len(boundaries) + 1) / 2))


def pk(lines: int, truth: Sequence[int], found: Sequence[int]) -> float:
    """Return the share of line pairs k apart that one side parts and the other does not (Beeferman et al. 1999)."""
    pairs = _boundaries_between(lines, truth, found)
    return sum((one > 0) != (other > 0) for one, other in pairs) / len(pairs) if pairs else 0.0


def window_diff(lines: int, truth: Sequence[int], found: Sequence[int]) -> float:
    """Return the share of line pairs k apart between which the counts of boundaries differ (Pevzner & Hearst 2002)."""
    pairs = _boundaries_between(lines, truth, found)
    return sum(one != other for one, other in pairs) / len(pairs) if pairs else 0.0


def boundary_f1(truths: Sequence[Sequence[int]], founds: Sequence[Sequence[int]]) -> float:
    """Return F1 of the boundaries of all talks together; only the very line counts."""
    hits = sum(len(set(truth) & set(found)) for truth, found in zip(truths, founds, strict=True))
    total = sum(map(len, truths)) + sum(map(len, founds))
    return 2 * hits / total if total else 0.0


def _boundaries_between(lines: int, truth: Sequence[int], found: Sequence[int]) -> list[tuple[int, int]]:
    k = window_size(lines, truth)
    one, other = (np.cumsum(np.isin(np.arange(lines), list(cuts))) for cuts in (truth, found))
    return list(zip((one[k:] - one[:-k]).tolist(), (other[k:] - other[:-k]).tolist(), strict=True)) if lines > k else []


def one_to_one(truth: Sequence[int], found: Sequence[int]) -> float:
    """Return the share of lines in the best one-to-one pairing of threads (Elsner & Charniak 2008, sec. 5)."""
    counts = _contingency(truth, found)
    return float(counts[linear_sum_assignment(-counts)].sum() / len(truth))


def information_kept(truth: Sequence[int], found: Sequence[int]) -> float:
    """Return 1 - VI / log2(n): the variation of information, scaled as in Kummerfeld et al. 2019, sec. 5."""
    shares = _contingency(truth, found) / len(truth)
    entropies = [_entropy(shares.ravel()), _entropy(shares.sum(axis=0)), _entropy(shares.sum(axis=1))]
    return 1 - (2 * entropies[0] - entropies[1] - entropies[2]) / math.log2(len(truth))


def exact_f1(truth: Sequence[int], found: Sequence[int]) -> float:
    """Return F1 of threads of two lines and more that are found line for line (Kummerfeld et al. 2019, sec. 5)."""
    counts = _contingency(truth, found)
    own, theirs = counts.sum(axis=1), counts.sum(axis=0)
    exact = sum(
        counts[row, column] == own[row] == theirs[column] for row, column in zip(*np.nonzero(counts > 1), strict=True)
    )
    total = (own > 1).sum() + (theirs > 1).sum()
    return float(2 * exact / total) if total else 0.0


def _contingency(truth: Sequence[int], found: Sequence[int]) -> np.ndarray:
    rows = {name: place for place, name in enumerate(sorted(set(truth)))}
    columns = {name: place for place, name in enumerate(sorted(set(found)))}
    counts = np.zeros((len(rows), len(columns)))
    for (one, other), count in Counter(zip(truth, found, strict=True)).items():
        counts[rows[one], columns[other]] = count
    return counts


def _entropy(shares: np.ndarray) -> float:
    known = shares[shares > 0]
    return float(-(known * np.log2(known)).sum())
