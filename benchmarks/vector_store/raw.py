"""FAISS and LanceDB asked by hand for the windows that answer: no more than it takes, and nothing of the library.

The graph is walked for fifty candidates, their vectors are read and compared, LanceDB looks up the words among the windows, both
ranks are fused, and the columns of the ten winners are read.
"""

from pathlib import Path
from typing import Any, Final

import faiss
import lancedb
import numpy as np
from lancedb.query import MatchQuery

from conversation_genome.vector_store import rows
from conversation_genome.vector_store.base import FloatArray
from conversation_genome.vector_store.fusion import fuse
from conversation_genome.vector_store.graph import breadths
from conversation_genome.vector_store.hybrid import MIN_DEPTH
from conversation_genome.vector_store.terms import terms

TOP: Final = 10
_WINDOWS: Final = "level = 'window'"


class Raw:
    """The engines under a store in a folder."""

    def __init__(self, folder: Path) -> None:
        self._table: Any = lancedb.connect(folder).open_table("vectors")
        self._breadth = breadths.read(folder / "vectors.graph").plain
        graph = max(folder.glob("vectors.graph/window-*"))
        self._index: Any = faiss.read_index(str(graph / "graph.faiss"), faiss.IO_FLAG_MMAP_IFC)
        firsts = np.load(graph / "order.npy")[np.load(graph / "starts.npy")[:-1]]
        stamps = np.load(graph / "stamps.npy")[firsts]
        query = self._table.search().select([rows.STAMP]).with_row_id(True)
        placed = query.limit(self._table.count_rows()).to_arrow()
        order = np.argsort(placed[rows.STAMP].to_numpy())
        place = np.searchsorted(placed[rows.STAMP].to_numpy(), stamps, sorter=order)
        self._addresses = placed["_rowid"].to_numpy()[order[place]]

    def vector(self, vector: FloatArray) -> Any:
        """Return the ten winners by meaning."""
        return self._read(list(self._near(vector))[:TOP])

    def hybrid(self, vector: FloatArray | None, text: str) -> Any:
        """Return the ten winners by words, and by meaning too if there is a vector."""
        match = MatchQuery(" ".join(sorted(set(terms(text)))), rows.TERMS)
        words = self._table.search(match, query_type="fts").where(_WINDOWS).select(["id", "_score"]).with_row_id(True)
        rankings = [words.limit(MIN_DEPTH).to_arrow()["_rowid"].to_pylist()]
        if vector is not None:
            rankings.append(self._near(vector))
        scores = fuse(rankings)
        return self._read(sorted(scores, key=lambda key: -scores[key])[:TOP])

    def _near(self, vector: FloatArray) -> list[int]:
        options = faiss.SearchParametersHNSW(efSearch=self._breadth)
        positions = self._index.search(vector[None], MIN_DEPTH, params=options)[1][0]
        found = self._table.take_row_ids(self._addresses[positions].tolist()).select(["id", "vector"])
        read = found.with_row_id().to_arrow()
        order = np.argsort(-(rows.vectors_of(read) @ vector))
        addresses: list[int] = read["_rowid"].to_numpy()[order].tolist()
        return addresses

    def _read(self, addresses: list[int]) -> Any:
        return self._table.take_row_ids(addresses).select(["text", "facts"]).with_row_id().to_arrow()
