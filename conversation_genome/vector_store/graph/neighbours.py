"""Neighbours: the graphs of a table in step with its rows, for a process that searches.

What was written after a graph was built is kept in memory and looked at vector by vector; what was deleted is noticed when
the winners are looked for. So an answer never depends on how old a graph is, only its speed does.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray

from conversation_genome.errors import VectorStoreError
from conversation_genome.vector_store.base import Health, Level
from conversation_genome.vector_store.graph import rows
from conversation_genome.vector_store.graph.breadths import Breadths
from conversation_genome.vector_store.graph.files import GraphFiles
from conversation_genome.vector_store.graph.rows import Addresses
from conversation_genome.vector_store.graph.saved import Saved
from conversation_genome.vector_store.graph.view import GONE, Part, Passing, View

ROWS_WORTH_A_GRAPH: Final = 20_000
"""Of a level; below, looking at every vector takes a few milliseconds."""
NEW_SHARE: Final = 0.1
"""Rows that a graph lacks, over those it has, from which it grows at the next refresh."""
GONE_SHARE: Final = 0.25
"""Rows of a graph that are no more, from which it is built anew."""
REMEMBERED_FILTERS: Final = 32
TEXTS_KEPT: Final = frozenset({Level.WINDOW, Level.TAG})
"""Levels whose texts lie beside the graph; others are long: to read many at once would fill the memory."""

_log = structlog.get_logger(__name__)


class Neighbours:
    """Knows what of a table is near, among any number of rows; safe from several threads."""

    def __init__(self, files: GraphFiles) -> None:
        self._files = files
        self._view: View | None = None
        self._remembered: OrderedDict[tuple[Any, ...], Passing] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def has_graphs(self) -> bool:
        """Whether any level has a graph."""
        return any(self._files.newest(level) for level in Level)

    def view(self, table: Any) -> View | None:
        """Return what is known of a table's newest version; None where no level has a graph."""
        return self._synchronised(table)

    def grow(self, table: Any) -> list[Level]:
        """Build or enlarge the graphs that pay; returns the levels of those that changed.

        Of several processes one builds, the others go on.
        """
        self._forget_what_is_gone(table)
        with self._files.turn() as is_mine:
            if not is_mine:
                return []
            view = self._synchronised(table, is_forced=True)
            if view is None:
                return []
            return [level for level in Level if self._grow(table, view, level)]

    def _forget_what_is_gone(self, table: Any) -> None:
        """Look anew which rows there are: as long as some that are known may be gone, every search has to ask for its own."""
        view = self._view
        if view is None or view.is_whole:
            return
        anew = self._read(table, view.folders)
        with self._lock:
            if self._view is not None and self._view.folders == anew.folders and self._view.version <= anew.version:
                self._view = anew

    def _grow(self, table: Any, view: View, level: Level) -> bool:
        part = next((part for part in view.parts if part.level == level), None)
        none = np.empty(0, dtype=np.uint64)
        fresh = np.concatenate([none, *(piece.addresses[piece.is_at([level])] for piece in view.tail)])
        size = 0 if part is None else len(part.addresses)
        gone = size - (int(table.count_rows(f"level = '{level}'")) - len(fresh))
        is_anew = part is None or gone > GONE_SHARE * size
        if len(fresh) < (ROWS_WORTH_A_GRAPH if part is None else NEW_SHARE * size) and (part is None or not is_anew):
            return False
        alive = (
            fresh if part is None or not is_anew else np.concatenate([part.addresses[part.addresses != GONE], fresh])
        )
        _log.info("building a graph", of=f"{level}s", rows=len(alive), anew=is_anew)
        self._build(table, level, alive, None if is_anew else part)
        return True

    def _build(self, table: Any, level: Level, addresses: Addresses, part: Part | None) -> None:
        """Add rows to a graph, or to a new one."""
        draft = self._files.draft(level, None if part is None else part.saved)
        shuffled = np.random.default_rng(0).permutation(addresses) if part is None else addresses
        for taken in rows.take(table, shuffled, has_texts=level in TEXTS_KEPT):
            draft.add(taken)
        self._files.save(level, draft)

    def widened(self, measure: Callable[[Breadths], Health]) -> Health:
        """Return how the graphs do, searched as broadly as it takes for that to be enough and as is bounded; and keep it.

        Args:
            measure: Returns how the graphs do by these breadths.
        """
        breadths = before = self._files.breadths
        health = measure(breadths)
        while (wider := breadths.wider(health)) != breadths:
            breadths, health = wider, measure(wider)
        if breadths != before:
            _log.info("searching more broadly", plain=breadths.plain, filtered=breadths.filtered)
            self._files.search_by(breadths)
        return health

    def passing(self, table: Any, view: View, condition: Any) -> Passing | None:
        """Return the rows that pass a condition; those of the last few expressions are remembered.

        Args:
            table: At its newest version.
            view: What is known of it.
            condition: An expression, the addresses of rows, or None.
        """
        if condition is None:
            return None
        if isinstance(condition, np.ndarray):
            return view.passing(np.sort(condition))
        return self._remembered_passing(table, view, condition)

    def _remembered_passing(self, table: Any, view: View, condition: str) -> Passing:
        key = (view.version, view.folders, condition)
        with self._lock:
            if key in self._remembered:
                self._remembered.move_to_end(key)
                return self._remembered[key]
        passing = view.passing(np.sort(rows.passing(table, condition)))
        with self._lock:
            self._remembered[key] = passing
            while len(self._remembered) > REMEMBERED_FILTERS:
                self._remembered.popitem(last=False)
        return passing

    def _synchronised(self, table: Any, *, is_forced: bool = False) -> View | None:
        """Return what is known of the table's newest version; None where there are no graphs, unless it is forced."""
        folders = tuple(self._files.newest(level) for level in Level)
        if not any(folders) and not is_forced:
            return None
        breadths = self._files.breadths
        with self._lock:
            view = self._view
            if view is None or view.folders != folders:
                view = self._read(table, folders)
            elif view.version != table.version:
                view = _advanced(view, table)
            view = view if view.breadths == breadths else replace(view, breadths=breadths)
            self._view = view if any(folders) else None
            return view

    def _read(self, table: Any, folders: tuple[Any, ...]) -> View:
        parts = []
        for level, folder in zip(Level, folders, strict=True):
            if folder is None:
                continue
            try:
                saved = Saved.opened(folder)
            except (VectorStoreError, OSError, ValueError) as exc:
                _log.warning("a graph cannot be used and is left aside", of=f"{level}s", error=str(exc)[:200])
                self._files.remove(level)
                continue
            gone = np.full(len(saved.stamps), GONE, dtype=np.uint64)
            parts.append(Part(level, saved, np.argsort(saved.stamps), gone))
        return _advanced(View(-1, folders, -1, tuple(parts), (), is_whole=True, breadths=Breadths()), table)


def _advanced(view: View, table: Any) -> View:
    """Return the view of the table's newest version."""
    version = int(table.version)
    placed = rows.placed_since(table, view.fragment)
    if not len(placed.addresses):
        return _checked(replace(view, version=version), table)
    is_new = np.ones(len(placed.addresses), dtype=bool)
    parts = []
    for part in view.parts:
        found = part.rows_stamped(placed.stamps)
        moved = found >= 0
        is_new &= ~moved
        if moved.any():
            addresses = part.addresses.copy()
            addresses[found[moved]] = placed.addresses[moved]
            part = replace(part, addresses=addresses)  # noqa: PLW2901 - the same part, where it is now
        parts.append(part)
    pieces = [_without(piece, placed.stamps) for piece in view.tail]
    pieces += rows.take(table, placed.addresses[is_new])
    fragment = max(view.fragment, rows.fragment_of(placed.addresses))
    tail = tuple(_merged(pieces))
    return _checked(replace(view, version=version, fragment=fragment, parts=tuple(parts), tail=tail), table)


def _checked(view: View, table: Any) -> View:
    """Return a view that tells whether there are as many rows as are known: what is known and gone makes them more."""
    return replace(view, is_whole=view.count == int(table.count_rows()))


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
