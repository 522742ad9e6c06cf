"""Whether a miner's own vectors are those of its tags: a spot check, never a grade.

Two vectors of an answer are looked at. Which two depends on every vector, and on what miners are not told, so that
nobody can know, before all of them are made or after.
"""

import hashlib
from typing import Final

import numpy as np

from conversation_genome.scoring.similarity import FloatArray

SAMPLED: Final = 2
LEAST_COSINE: Final = 0.99
"""Between a vector that was sent and the true one: backends differ by 1e-5, half precision by 1e-3."""


def sampled_positions(count: int, evidence: bytes) -> tuple[int, ...]:
    """Return which of `count` vectors are looked at, ascending; the same for the same evidence.

    Args:
        count: Vectors that were sent.
        evidence: The vectors as they were sent, behind something that their sender does not know.
    """
    digest = hashlib.sha256(evidence).digest()
    ranked = sorted(range(count), key=lambda position: _rank(position, digest))
    return tuple(sorted(ranked[:SAMPLED]))


def is_true_vector(sent: FloatArray, expected: FloatArray) -> bool:
    """Return whether a vector is the expected one.

    Args:
        sent: Shape (d,), any numbers.
        expected: Shape (e,), a unit vector.
    """
    if sent.shape != expected.shape or not np.all(np.isfinite(sent)) or not np.any(sent):
        return False
    scaled = sent / np.abs(sent).max()  # so that no number is too large to be squared
    return float(scaled @ expected) / float(np.linalg.norm(scaled)) >= LEAST_COSINE


def _rank(position: int, digest: bytes) -> bytes:
    return hashlib.sha256(position.to_bytes(4, "big") + digest).digest()
