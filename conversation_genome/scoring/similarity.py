"""Similarity whose last bit is the same on every machine, in any order, on any number of threads.

Floating-point sums depend on their order, and a matrix product may add in any. So vectors are first rounded
to multiples of 2^-20: each product is then a multiple of 2^-40, a sum of unit vectors' products stays under 2,
and 2^41 such steps fit in the 53 bits of a float64 with room to spare. Every partial sum is exact, hence equal.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.errors import ScoringInputError

FloatArray = NDArray[np.float64]
Vectors = NDArray[np.float32] | NDArray[np.float64]

_STEPS: Final = float(2**20)
_MOST_MEASURED: Final = 2_000_000
"""Cosines that are kept at once: 16 MB."""


def quantised(vectors: Vectors) -> FloatArray:
    """Return the vectors as multiples of 2^-20: shape (n, d), float64.

    Raises:
        ScoringInputError: If the array is not two-dimensional, not finite, or not made of unit vectors.
    """
    if vectors.ndim != 2:
        raise ScoringInputError(f"vectors must have shape (n, d), not {vectors.shape}")
    rows = np.rint(np.asarray(vectors, dtype=np.float64) * _STEPS) / _STEPS
    if not np.isfinite(rows).all() or (np.abs(np.square(rows).sum(axis=1) - 1) > 1e-2).any():
        raise ScoringInputError("vectors must be finite and of length 1")
    return rows


def cosines(rows: FloatArray, columns: FloatArray) -> FloatArray:
    """Return the cosine of each pair of quantised unit vectors: shape (n, m), in [-1, 1], exact."""
    product: FloatArray = rows @ columns.T
    return np.clip(product, -1.0, 1.0)


def ramp(values: FloatArray, low: float, high: float) -> FloatArray:
    """Return 0 below `low`, 1 above `high` and a smooth rise between, elementwise (Hermite's 3x^2 - 2x^3)."""
    x = np.clip((values - low) / (high - low), 0.0, 1.0)
    rise: FloatArray = x * x * (3.0 - 2.0 * x)
    return rise


def slope(values: FloatArray, low: float, high: float) -> FloatArray:
    """Return 0 below `low`, 1 above `high` and the square of the way between, elementwise: no dead ground."""
    x = np.clip((values - low) / (high - low), 0.0, 1.0)
    climb: FloatArray = x * x
    return climb


class VectorTable:
    """The vectors of a set of texts, looked up by text."""

    def __init__(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Pair each text with its row.

        Raises:
            ScoringInputError: If the lengths differ or the vectors cannot be used.
        """
        if len(texts) != len(vectors):
            raise ScoringInputError(f"{len(texts)} texts came with {len(vectors)} vectors")
        self._rows = quantised(vectors)
        self._index: Mapping[str, int] = {text: row for row, text in enumerate(texts)}
        self._measured: FloatArray = np.empty((0, 0))
        self._measured_rows: Mapping[str, int] = {}
        self._measured_columns: Mapping[str, int] = {}

    def of(self, texts: Sequence[str]) -> FloatArray:
        """Return the vectors of the texts, in their order: shape (len(texts), d).

        Raises:
            ScoringInputError: If a text was not embedded.
        """
        try:
            return self._rows[[self._index[text] for text in texts]]
        except KeyError as exc:
            raise ScoringInputError(f"no vector was given for {exc.args[0][:60]!r}") from exc

    def measure(self, rows: Iterable[str], columns: Iterable[str]) -> None:
        """Multiply all of these in one go for who asks for parts of it; where that is too large, each part is its own.

        Raises:
            ScoringInputError: If a text was not embedded.
        """
        named, others = list(dict.fromkeys(rows)), list(dict.fromkeys(columns))
        if len(named) * len(others) <= _MOST_MEASURED:
            self._measured = cosines(self.of(named), self.of(others))
            self._measured_rows = {text: at for at, text in enumerate(named)}
            self._measured_columns = {text: at for at, text in enumerate(others)}

    def cosines(self, rows: Sequence[str], columns: Sequence[str]) -> FloatArray:
        """Return the cosine of each pair of texts: shape (len(rows), len(columns)), in [-1, 1].

        Raises:
            ScoringInputError: If a text was not embedded.
        """
        at_row, at_column = self._measured_rows, self._measured_columns
        if not (at_row.keys() >= set(rows) and at_column.keys() >= set(columns)):
            return cosines(self.of(rows), self.of(columns))
        part: FloatArray = self._measured[[at_row[text] for text in rows]][:, [at_column[text] for text in columns]]
        return part
