"""Yuma in its simplest form: no validator moves a miner's pay beyond what half of the stake agrees to.

Source: Bittensor documentation, "Yuma Consensus" (docs.learnbittensor.org), and the whitepaper
"BitTensor: A Peer-to-Peer Intelligence Market" (Rao et al. 2021). With stakes S (sum 1) and rows of weights W (sum 1):

    consensus(j)  = max { w : sum of S(i) over W(i, j) >= w  is at least kappa }   stake-weighted median
    clipped(i, j) = min(W(i, j), consensus(j))
    rank(j)       = sum_i S(i) clipped(i, j)
    incentive     = rank / sum(rank)
    dividends(i)  = sum_j incentive(j) S(i) clipped(i, j) / rank(j)

The chain smooths bonds over time before it pays dividends; here a bond is worth what it is worth this epoch.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conversation_genome.errors import ScoringInputError

FloatArray = NDArray[np.float64]

KAPPA: Final = 0.5
"""Share of the stake that must support a weight."""


@dataclass(frozen=True, slots=True)
class YumaResult:
    """What one epoch yields, for v validators and n miners."""

    consensus: FloatArray
    """Shape (n,): the weight that half of the stake supports."""
    incentive: FloatArray
    """Shape (n,): share of the miners' emission; sums to 1, or 0 everywhere without consensus."""
    dividends: FloatArray
    """Shape (v,): share of the validators' emission; sums to 1, or 0 everywhere without consensus."""
    validator_trust: FloatArray
    """Shape (v,): how much of a validator's weight lies within the consensus, in [0, 1]."""


def yuma(weights: ArrayLike, stake: ArrayLike, *, kappa: float = KAPPA) -> YumaResult:
    """Return consensus, incentive and dividends of one epoch; the same bits for the same input.

    Args:
        weights: Shape (v, n), at least 0; each row is brought to sum 1, a row of zeros stays one.
        stake: Shape (v,), at least 0. A validator without weights supports nothing, but its stake counts.
        kappa: Share of the stake that must support a weight, in (0, 1].

    Raises:
        ScoringInputError: If shapes differ, or a value is negative or not finite.
    """
    rows, shares = _checked(weights, stake, kappa)
    rows, shares = _normalised_rows(rows), _share(shares)
    consensus = _consensus(rows, shares, kappa)
    clipped = np.minimum(rows, consensus[None, :])
    staked = shares[:, None] * clipped
    rank = staked.sum(axis=0)
    incentive = _share(rank)
    bonds = np.divide(staked, rank[None, :], out=np.zeros_like(staked), where=rank[None, :] > 0)
    return YumaResult(
        consensus=consensus,
        incentive=incentive,
        dividends=_share((bonds * incentive[None, :]).sum(axis=1)),
        validator_trust=np.minimum(clipped.sum(axis=1), 1.0),
    )


def _consensus(rows: FloatArray, shares: FloatArray, kappa: float) -> FloatArray:
    """Return the largest weight a column that a share kappa of the stake gives at least: shape (n,)."""
    if not len(rows):
        return np.zeros(rows.shape[1])
    order = np.argsort(-rows, axis=0, kind="stable")
    support = np.cumsum(shares[order], axis=0)
    is_supported = support >= kappa - 1e-12
    first = is_supported.argmax(axis=0)
    falling = np.take_along_axis(rows, order, axis=0)
    reached = falling[first, np.arange(rows.shape[1])]
    return np.where(is_supported.any(axis=0), reached, 0.0)


def _normalised_rows(rows: FloatArray) -> FloatArray:
    peaks = rows.max(axis=1, keepdims=True, initial=0.0)
    scaled = np.divide(rows, peaks, out=np.zeros_like(rows), where=peaks > 0)
    totals = scaled.sum(axis=1, keepdims=True)
    shares: FloatArray = np.divide(scaled, totals, out=np.zeros_like(rows), where=totals > 0)
    return shares


def _share(values: FloatArray) -> FloatArray:
    peak = values.max(initial=0.0)
    if peak <= 0:
        return np.zeros_like(values)
    scaled = values / peak
    shares: FloatArray = scaled / scaled.sum()
    return shares


def _checked(weights: ArrayLike, stake: ArrayLike, kappa: float) -> tuple[FloatArray, FloatArray]:
    rows, shares = np.asarray(weights, dtype=np.float64), np.asarray(stake, dtype=np.float64)
    if rows.ndim != 2 or shares.shape != rows.shape[:1]:
        raise ScoringInputError(f"weights (v, n) and stake (v,) do not fit together: {rows.shape} and {shares.shape}")
    if not (np.isfinite(rows).all() and np.isfinite(shares).all() and (rows >= 0).all() and (shares >= 0).all()):
        raise ScoringInputError("weights and stake must be finite and at least 0")
    if not 0 < kappa <= 1:
        raise ScoringInputError(f"kappa must lie in (0, 1], not {kappa!r}")
    return rows, shares
