"""Graph: which vectors are near which, in one file that is mapped into memory. The only module that knows FAISS.

HNSW (Malkov and Yashunin, IEEE TPAMI 42(4), 2020) over vectors of a byte a dimension. What passes a narrow filter is looked at
one by one, for a graph would walk past it.
"""

from pathlib import Path
from typing import Any, Final, NamedTuple

import faiss as _faiss
import numpy as np
from numpy.typing import NDArray

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store.base import FloatArray
from conversation_genome.vector_store.graph.breadths import MAX_BREADTH, Breadths

DEGREE: Final = 16
BREADTH_OF_BUILD: Final = 64
NARROW: Final = 0.05
"""Share that passes a filter, below which every vector that passes is looked at."""
TRAINED_ON: Final = 50_000
ADDED_AT_ONCE: Final = 10_000

faiss: Any = _faiss
"""Its types tell nothing of what its Python half adds."""

_AT_FIRST: Final = Breadths()

Positions = NDArray[np.int64]
Passes = NDArray[np.bool_]


class Chosen:
    """Which positions pass a filter, ready to be asked for again and again."""

    def __init__(self, passes: Passes) -> None:
        """Take whether each position passes: shape (n,)."""
        self.share = float(np.count_nonzero(passes)) / len(passes) if len(passes) else 0.0
        self._bits = np.packbits(passes, bitorder="little")
        self.selector = faiss.IDSelectorBitmap(self._bits)

    def passes(self, positions: Positions) -> Passes:
        """Return which of these positions pass."""
        found: Passes = (self._bits[positions >> 3] >> (positions & 7) & 1).astype(bool)
        return found


class Near(NamedTuple):
    """Positions in the graph, nearest first, and the cosine of each as the shortened vectors have it."""

    positions: Positions
    cosines: FloatArray


class Graph:
    """Vectors by position, in the order in which they were added."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def trained(cls, sample: FloatArray) -> "Graph":
        """Return an empty graph that shortens vectors by the ranges of these: shape (n, d)."""
        index = faiss.IndexHNSWSQ(sample.shape[1], faiss.ScalarQuantizer.QT_8bit, DEGREE, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BREADTH_OF_BUILD
        index.train(np.ascontiguousarray(sample[:TRAINED_ON]))
        return cls(index)

    @classmethod
    def opened(cls, path: Path, *, to_grow: bool = False) -> "Graph":
        """Return a graph from its file: mapped, or read whole where it shall grow.

        Raises:
            VectorStoreError: If the file is damaged.
        """
        try:
            return cls(faiss.read_index(str(path), 0 if to_grow else faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as exc:
            raise VectorStoreError(f"the graph {str(path)!r} cannot be read: {str(exc)[:200]}") from exc

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, vectors: FloatArray) -> None:
        """Add vectors at the next positions: shape (n, d)."""
        for start in range(0, len(vectors), ADDED_AT_ONCE):
            self._index.add(np.ascontiguousarray(vectors[start : start + ADDED_AT_ONCE], dtype=np.float32))

    def save(self, path: Path) -> None:
        """Write the graph to a file."""
        faiss.write_index(self._index, str(path))

    def nearest(
        self, vector: FloatArray, count: int, chosen: Chosen | None = None, *, breadths: Breadths = _AT_FIRST
    ) -> Near:
        """Return the nearest positions, at most `count`, of those that were chosen."""
        asked = np.ascontiguousarray(vector[None], dtype=np.float32)
        if chosen is None:
            return self._walked(asked, count, max(breadths.plain, count))
        if chosen.share < NARROW:
            return self._near(self._index.storage, asked, count, faiss.SearchParameters(sel=chosen.selector))
        width = min(MAX_BREADTH, max(breadths.filtered, count, int(2 * count / chosen.share)))
        walked = self._walked(asked, width, width)
        passing = np.flatnonzero(chosen.passes(walked.positions))[:count]
        if len(passing) == min(count, len(self)):
            return Near(walked.positions[passing], walked.cosines[passing])
        return self._near(self._index, asked, count, faiss.SearchParametersHNSW(efSearch=width, sel=chosen.selector))

    def _walked(self, asked: FloatArray, count: int, breadth: int) -> Near:
        """Return the nearest by a queue that is not bounded: the same in an eighth less time, but it asks no filter."""
        options = faiss.SearchParametersHNSW(efSearch=breadth)
        options.bounded_queue = False
        return self._near(self._index, asked, count, options)

    def _near(self, index: Any, asked: FloatArray, count: int, options: Any) -> Near:
        cosines, positions = index.search(asked, min(count, len(self)), params=options)
        there = positions[0] >= 0
        return Near(positions[0][there], cosines[0][there])
