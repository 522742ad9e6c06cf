"""Neighbours: the graphs of a table in step with its rows, for a process that searches.

What was written after a graph was built is kept in memory and looked at vector by vector; what was deleted is noticed when
the winners are read. So an answer never depends on how old a graph is, only its speed does.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import structlog
from numpy.typing import NDArray

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store.base import FloatArray, Level
from conversation_genome.vector_store.graph import rows
from conversation_genome.vector_store.graph.files import GraphFiles, Saved
from conversation_genome.vector_store.graph.index import Graph
from conversation_genome.vector_store.graph.rows import Addresses

ROWS_WORTH_A_GRAPH: Final = 20_000
"""Of a level; below, looking at every vector takes a few milliseconds."""
NEW_SHARE: Final = 0.1
"""Rows that a graph lacks, over those it has, from which it grows at the next refresh."""
GONE_SHARE: Final = 0.25
"""Rows of a graph that are no more, from which it is built anew."""
REMEMBERED_FILTERS: Final = 32
_GONE: Final = np.uint64(2**64 - 1)

Mask = NDArray[np.bool_]
_log = structlog.get_logger(__name__)


class Found(NamedTuple):
    """Addresses of rows, nearest first, and about how near each is."""

    addresses: Addresses
    cosines: FloatArray


_NOTHING: Final = Found(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.float32))


@dataclass(frozen=True)
class _Part:
    """A graph and where its rows are now; by position, and the positions in order of the stamp."""

    level: Level
    saved: Saved
    by_stamp: NDArray[np.int64]
    addresses: Addresses

    @cached_property
    def by_address(self) -> NDArray[np.int64]:
        """Return the positions in order of the address."""
        return np.argsort(self.addresses)

    def among(self, allowed: Addresses) -> Mask:
        """Return which positions are of these rows, which are in order: shape (positions,)."""
        mask = np.zeros(len(self.addresses), dtype=bool)
        if len(self.addresses):
            place = np.searchsorted(self.addresses, allowed, sorter=self.by_address)
            positions = self.by_address[np.minimum(place, len(self.addresses) - 1)]
            mask[positions[self.addresses[positions] == allowed]] = True
        return mask

    def positions_of(self, stamps: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the position of each stamp; -1 where the graph has none."""
        known = self.saved.stamps
        if not len(known):
            return np.full(len(stamps), -1)
        place = np.minimum(np.searchsorted(known, stamps, sorter=self.by_stamp), len(known) - 1)
        positions = self.by_stamp[place]
        return np.where(known[positions] == stamps, positions, -1)


@dataclass(frozen=True)
class _State:
    """What is known of a version of the table."""

    version: int
    folders: tuple[Any, ...]
    fragment: int
    parts: tuple[_Part, ...]
    tail: tuple[rows.Taken, ...]
    """What no graph has, in pieces of which each is much smaller than the one before it."""


class _Passing(NamedTuple):
    """Which rows of a state pass a condition: all in order, by position in each graph, and in each piece of the tail."""

    addresses: Addresses
    parts: tuple[Mask, ...]
    tail: tuple[Mask, ...]


class Neighbours:
    """Finds the rows whose vectors are near, among any number; safe from several threads."""

    def __init__(self, files: GraphFiles) -> None:
        self._files = files
        self._state: _State | None = None
        self._remembered: OrderedDict[tuple[Any, ...], _Passing] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def has_graphs(self) -> bool:
        """Whether any level has a graph."""
        return any(self._files.newest(level) for level in Level)

    def nearest(
        self, table: Any, vector: FloatArray, *, levels: Collection[Level], condition: Any, count: int
    ) -> Found | None:
        """Return the nearest rows that pass; None where no level has a graph.

        Args:
            table: The table, at its newest version.
            vector: Unit vector, shape (d,).
            levels: The levels that pass; empty for all.
            condition: An expression besides; an array of addresses; or None.
            count: Rows at most; of these some may have been deleted by now.
        """
        found = self.nearest_of_each(table, vector, groups=[(levels, count)], condition=condition)
        return None if found is None else found[0]

    def nearest_of_each(
        self, table: Any, vector: FloatArray, *, groups: Sequence[tuple[Collection[Level], int]], condition: Any
    ) -> list[Found] | None:
        """Return the nearest rows of each group of levels, with how many are wanted of it; else as `nearest`."""
        state = self._synchronised(table)
        if state is None:
            return None
        allowed = self._passing(table, state, condition)
        return [_nearest_in(state, allowed, vector, levels, count) for levels, count in groups]

    def grow(self, table: Any) -> list[Level]:
        """Build or enlarge the graphs that pay; returns the levels of those that changed.

        Of several processes one builds, the others go on.
        """
        with self._files.turn() as is_mine:
            if not is_mine:
                return []
            state = self._synchronised(table, is_forced=True)
            if state is None:
                return []
            return [level for level in Level if self._grow(table, state, level)]

    def _grow(self, table: Any, state: _State, level: Level) -> bool:
        part = next((part for part in state.parts if part.level == level), None)
        fresh = np.concatenate([_NOTHING.addresses, *(piece.addresses[_is_at(piece, [level])] for piece in state.tail)])
        size = 0 if part is None else len(part.addresses)
        gone = size - (int(table.count_rows(f"level = '{level}'")) - len(fresh))
        is_anew = part is None or gone > GONE_SHARE * size
        if len(fresh) < (ROWS_WORTH_A_GRAPH if part is None else NEW_SHARE * size) and (part is None or not is_anew):
            return False
        alive = (
            fresh if part is None or not is_anew else np.concatenate([part.addresses[part.addresses != _GONE], fresh])
        )
        _log.info("building a graph", of=f"{level}s", rows=len(alive), anew=is_anew)
        self._build(table, level, alive, None if is_anew else part)
        return True

    def _build(self, table: Any, level: Level, addresses: Addresses, part: _Part | None) -> None:
        """Add rows to a graph, or to a new one."""
        graph = None if part is None else self._files.open(part.saved.path, to_grow=True).graph
        stamps = [] if part is None else [part.saved.stamps]
        shuffled = np.random.default_rng(0).permutation(addresses) if graph is None else addresses
        for taken in rows.take(table, shuffled):
            if graph is None:
                graph = Graph.trained(taken.vectors)
            graph.add(taken.vectors)
            stamps.append(taken.stamps)
        if graph is not None:
            self._files.save(level, graph, np.concatenate(stamps))

    def allowed(self, table: Any, condition: str) -> Addresses | None:
        """Return the rows that pass a condition, in order; None where no level has a graph."""
        state = self._synchronised(table)
        return None if state is None else self._remembered_passing(table, state, condition).addresses

    def _passing(self, table: Any, state: _State, condition: Any) -> _Passing | None:
        if condition is None:
            return None
        if isinstance(condition, np.ndarray):
            return _among(state, np.sort(condition))
        return self._remembered_passing(table, state, condition)

    def _remembered_passing(self, table: Any, state: _State, condition: str) -> _Passing:
        """Return the rows that pass a condition; those of the last few conditions are remembered."""
        key = (state.version, state.folders, condition)
        with self._lock:
            if key in self._remembered:
                self._remembered.move_to_end(key)
                return self._remembered[key]
        passing = _among(state, np.sort(rows.passing(table, condition)))
        with self._lock:
            self._remembered[key] = passing
            while len(self._remembered) > REMEMBERED_FILTERS:
                self._remembered.popitem(last=False)
        return passing

    def _synchronised(self, table: Any, *, is_forced: bool = False) -> _State | None:
        """Return what is known of the table's newest version; None where there are no graphs, unless it is forced."""
        folders = tuple(self._files.newest(level) for level in Level)
        if not any(folders) and not is_forced:
            return None
        with self._lock:
            state = self._state
            if state is None or state.folders != folders:
                state = self._read(table, folders)
            elif state.version != table.version:
                state = _advanced(state, table)
            self._state = state if any(folders) else None
            return state

    def _read(self, table: Any, folders: tuple[Any, ...]) -> _State:
        parts = []
        for level, folder in zip(Level, folders, strict=True):
            if folder is None:
                continue
            try:
                saved = self._files.open(folder)
            except (VectorStoreError, OSError, ValueError) as exc:
                _log.warning("a graph is damaged and left aside", of=f"{level}s", error=str(exc)[:200])
                self._files.remove(level)
                continue
            gone = np.full(len(saved.stamps), _GONE, dtype=np.uint64)
            parts.append(_Part(level, saved, np.argsort(saved.stamps), gone))
        return _advanced(_State(-1, folders, -1, tuple(parts), ()), table)


def _advanced(state: _State, table: Any) -> _State:
    """Return the state of the table's newest version."""
    version = int(table.version)
    placed = rows.placed_since(table, state.fragment)
    if not len(placed.addresses):
        return replace(state, version=version)
    is_new = np.ones(len(placed.addresses), dtype=bool)
    parts = []
    for part in state.parts:
        positions = part.positions_of(placed.stamps)
        moved = positions >= 0
        is_new &= ~moved
        if moved.any():
            addresses = part.addresses.copy()
            addresses[positions[moved]] = placed.addresses[moved]
            part = replace(part, addresses=addresses)  # noqa: PLW2901 - the same part, where it is now
        parts.append(part)
    pieces = [_without(piece, placed.stamps) for piece in state.tail]
    pieces += rows.take(table, placed.addresses[is_new])
    fragment = max(state.fragment, rows.fragment_of(placed.addresses))
    return _State(version, state.folders, fragment, tuple(parts), tuple(_merged(pieces)))


def _without(piece: rows.Taken, stamps: NDArray[np.int64]) -> rows.Taken:
    kept = ~np.isin(piece.stamps, stamps)
    return piece if kept.all() else piece.where(kept)


def _merged(pieces: Iterable[rows.Taken]) -> list[rows.Taken]:
    """Return the pieces, small ones put together: there are few, and a row is seldom copied."""
    merged: list[rows.Taken] = []
    for piece in pieces:
        if not len(piece.addresses):
            continue
        merged.append(piece)
        while len(merged) > 1 and len(merged[-2].addresses) < 2 * len(merged[-1].addresses):
            last, before = merged.pop(), merged.pop()
            merged.append(before.with_(last))
    return merged


def _among(state: _State, allowed: Addresses) -> _Passing:
    return _Passing(
        allowed,
        tuple(part.among(allowed) for part in state.parts),
        tuple(np.isin(piece.addresses, allowed) for piece in state.tail),
    )


def _nearest_in(
    state: _State, allowed: _Passing | None, vector: FloatArray, levels: Collection[Level], count: int
) -> Found:
    found = [_NOTHING]
    for number, part in enumerate(state.parts):
        if not levels or part.level in levels:
            found.append(_in_graph(part, vector, None if allowed is None else allowed.parts[number], count))
    for number, piece in enumerate(state.tail):
        found.append(_in_piece(piece, vector, levels, None if allowed is None else allowed.tail[number], count))
    addresses, cosines = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.argsort(-cosines, kind="stable")[:count]
    return Found(addresses[order], cosines[order])


def _in_graph(part: _Part, vector: FloatArray, mask: Mask | None, count: int) -> Found:
    near = part.saved.graph.nearest(vector, count, mask)
    addresses = part.addresses[near.positions]
    there = addresses != _GONE
    return Found(addresses[there], near.cosines[there])


def _in_piece(piece: rows.Taken, vector: FloatArray, levels: Collection[Level], mask: Mask | None, count: int) -> Found:
    at_levels = _is_at(piece, levels) if levels else None
    if at_levels is not None and not at_levels.any():
        return _NOTHING
    cosines = piece.vectors @ vector
    if at_levels is not None:
        cosines[~at_levels] = -np.inf
    if mask is not None:
        cosines[~mask] = -np.inf
    best = np.argpartition(-cosines, min(count, len(cosines) - 1))[:count]
    best = best[np.isfinite(cosines[best])]
    return Found(piece.addresses[best], cosines[best])


def _is_at(piece: rows.Taken, levels: Collection[Level]) -> Mask:
    return np.isin(piece.levels, [str(level) for level in levels])


def is_in(addresses: Addresses, allowed: Addresses) -> Mask:
    """Return which of these rows are among those that are allowed, which are in order."""
    if not len(allowed):
        return np.zeros(len(addresses), dtype=bool)
    place = np.minimum(np.searchsorted(allowed, addresses), len(allowed) - 1)
    mask: Mask = allowed[place] == addresses
    return mask
