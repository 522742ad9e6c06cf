"""Saved: a graph with what is shown of its rows, mapped into memory; Draft: one that is being filled.

Rows with equal vectors share a place in the graph: thousands of them would hide what is behind them. What is said of a row
stays true as long as it has its stamp, so none of it is ever changed.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store.base import FloatArray
from conversation_genome.vector_store.graph.index import Graph
from conversation_genome.vector_store.graph.rows import Ids, Stamps, Taken

SIZES: Final = "sizes.json"
_GRAPH: Final = "graph.faiss"
_VECTORS: Final = "vectors.f4"
_FACTS: Final = "facts.bin"
_TEXTS: Final = "texts.bin"
_TEXT_ENDS: Final = "text_ends"
_ROWS: Final = ("stamps", "places", "ids", "ends", "order", "starts")

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Saved:
    """A graph of a level and, by row, what is known of it: shapes (n,) if nothing else is said."""

    path: Path
    graph: Graph
    vectors: FloatArray
    """By place in the graph, shape (p, d)."""
    stamps: Stamps
    places: NDArray[np.int32]
    """In the graph."""
    ids: Ids
    ends: Indices
    """Where a row's facts end."""
    facts: NDArray[np.uint8]
    """Of all rows, one after the other: shape (bytes,)."""
    text_ends: Indices
    """Where a row's text ends."""
    texts: NDArray[np.uint8]
    """Of all rows, packed, one after the other: shape (bytes,); graphs of earlier versions have none."""
    order: NDArray[np.int32]
    """The rows in order of their places, those of one place in order of their ids."""
    starts: Indices
    """Where in that order each place begins, and the end: shape (p + 1,)."""

    @classmethod
    def opened(cls, path: Path) -> "Saved":
        """Return a graph.

        Raises:
            VectorStoreError: If it is damaged, or an earlier version made it.
            OSError: If it is gone: there is a newer one.
        """
        _check_sizes(path)
        graph = Graph.opened(path / _GRAPH)
        rows = {name: np.load(path / f"{name}.npy", mmap_mode="r").view(np.ndarray) for name in _ROWS}
        vectors = _mapped(path / _VECTORS, np.dtype(np.float32)).reshape(len(graph), -1)
        if len(graph) + 1 != len(rows["starts"]):
            raise VectorStoreError(
                f"the graph {str(path)!r} has {len(graph):,} vectors, not {len(rows['starts']) - 1:,}"
            )
        facts, texts = (_mapped(path / name, np.dtype(np.uint8)) for name in (_FACTS, _TEXTS))
        ends = path / f"{_TEXT_ENDS}.npy"
        text_ends = np.load(ends, mmap_mode="r").view(np.ndarray) if ends.is_file() else np.zeros_like(rows["stamps"])
        return cls(path=path, graph=graph, vectors=vectors, facts=facts, texts=texts, text_ends=text_ends, **rows)

    def rows_at(self, place: int) -> NDArray[np.int32]:
        """Return the rows with the vector of a place, in order of their ids."""
        return self.order[self.starts[place] : self.starts[place + 1]]

    def facts_of(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return what the records of rows are made of, packed; empty if it was not known when the graph was built."""
        return _cut(self.facts, self.ends, rows)

    def texts_of(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Return the texts of rows, packed; empty if they are not kept here."""
        return _cut(self.texts, self.text_ends, rows)


class Draft:
    """A graph that is being filled, in a folder that readers pass over."""

    def __init__(self, path: Path, grown: Saved | None) -> None:
        """Take an empty folder, and the graph of which the new one has all."""
        self.path = path
        self._graph = None if grown is None else Graph.opened(grown.path / _GRAPH, to_grow=True)
        self._columns: dict[str, list[Any]] = {name: [] for name in ("stamps", "places", "ids", "ends", _TEXT_ENDS)}
        self._end = self._text_end = 0
        self._place_of: dict[bytes, int] = {}
        if grown is not None:
            for name in (_VECTORS, _FACTS, _TEXTS):
                if (grown.path / name).is_file():
                    shutil.copyfile(grown.path / name, path / name)
            for name, column in self._columns.items():
                column.append(np.array(getattr(grown, name)))
            self._end, self._text_end = len(grown.facts), len(grown.texts)
            self._place_of = {_key(vector): place for place, vector in enumerate(grown.vectors)}

    def add(self, taken: Taken) -> None:
        """Add rows."""
        if self._graph is None:
            self._graph = Graph.trained(taken.vectors)
        known = len(self._place_of)
        places = [self._place_of.setdefault(_key(vector), len(self._place_of)) for vector in taken.vectors]
        _, firsts = np.unique(places, return_index=True)
        fresh = taken.vectors[[first for first in firsts.tolist() if places[first] >= known]]
        self._graph.add(fresh)
        ends, text_ends = _ends(self._end, taken.facts.tolist()), _ends(self._text_end, taken.texts.tolist())
        self._end, self._text_end = (int(each[-1]) for each in (ends, text_ends))
        _append(self.path / _VECTORS, [np.ascontiguousarray(fresh).tobytes()])
        _append(self.path / _FACTS, list(taken.facts))
        _append(self.path / _TEXTS, list(taken.texts))
        each = {"stamps": taken.stamps, "places": np.array(places, dtype=np.int32), "ids": taken.ids}
        each |= {"ends": ends[1:], _TEXT_ENDS: text_ends[1:]}
        for name, column in each.items():
            self._columns[name].append(column)

    def finish(self) -> None:
        """Write what is left."""
        if self._graph is None:
            raise VectorStoreError("a graph of no rows cannot be saved")
        self._graph.save(self.path / _GRAPH)
        columns = {name: np.concatenate(parts) for name, parts in self._columns.items()}
        columns["order"] = np.lexsort((columns["ids"], columns["places"])).astype(np.int32)
        columns["starts"] = np.concatenate([[0], np.cumsum(np.bincount(columns["places"]))]).astype(np.int64)
        for name, column in columns.items():
            np.save(self.path / f"{name}.npy", column)


def _check_sizes(path: Path) -> None:
    """To touch what a mapped file lacks would end the process."""
    if not (path / SIZES).is_file() and path.is_dir():
        raise VectorStoreError(f"the graph {str(path)!r} was made by an earlier version, or is damaged")
    for name, size in json.loads((path / SIZES).read_text(encoding="utf-8")).items():
        if (path / name).stat().st_size != size:
            raise VectorStoreError(f"the file {name} of the graph {str(path)!r} has not the {size:,} bytes it had")


def _mapped(path: Path, dtype: np.dtype[Any]) -> Any:
    """Return a file as an array; one that is empty or missing cannot be mapped."""
    is_there = path.is_file() and path.stat().st_size
    return np.memmap(path, dtype=dtype, mode="r").view(np.ndarray) if is_there else np.empty(0, dtype=dtype)


def _ends(start: int, parts: Sequence[bytes]) -> Indices:
    """Return where the first of these begins and where each ends."""
    return start + np.cumsum([0, *map(len, parts)], dtype=np.int64)


def _cut(whole: NDArray[np.uint8], ends: Indices, rows: NDArray[np.int64]) -> list[bytes]:
    starts = np.where(rows, ends[rows - 1], 0)
    each = zip(starts.tolist(), ends[rows].tolist(), strict=True)
    return [bytes(whole.data[start:end]) for start, end in each]


def _key(vector: FloatArray) -> bytes:
    return blake2b(vector.tobytes(), digest_size=16).digest()


def _append(path: Path, parts: Sequence[bytes]) -> None:
    with path.open("ab") as file:
        file.writelines(parts)
