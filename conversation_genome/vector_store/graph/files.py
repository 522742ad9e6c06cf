"""Where graphs lie: each in a folder of its own beside the table, whole or not there, the newest counts.

A folder is filled under a name that readers pass over and then moved into place; who still reads an older one keeps it mapped.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from conversation_genome.vector_store.base import Level
from conversation_genome.vector_store.graph import breadths
from conversation_genome.vector_store.graph.breadths import Breadths
from conversation_genome.vector_store.graph.saved import SIZES, Draft, Saved

_log = structlog.get_logger(__name__)

_PART: Final = ".part"
_LOCK: Final = "lock"
_CLOCK_STEP_NANOSECONDS: Final = 2_000_000_000
"""The coarsest clock by which a file system dates a change of a folder."""


class _Held(NamedTuple):
    """What a folder held when it was read."""

    changed: int
    folders: dict[Level, Path]
    """The newest graph of each level."""
    breadths: Breadths


class GraphFiles:
    """The graphs of one table."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made by the first graph."""
        self._folder = folder
        self._known = _Held(-1, {}, Breadths())

    def newest(self, level: Level) -> Path | None:
        """Return the folder of a level's newest graph; None if there is none."""
        return self._held().folders.get(level)

    @property
    def breadths(self) -> Breadths:
        """How broadly the graphs are searched."""
        return self._held().breadths

    def search_by(self, wider: Breadths) -> None:
        """Search the graphs by these breadths from now on; a folder that cannot be written to is no fault."""
        try:
            breadths.keep(self._folder, wider)
        except OSError as exc:
            _log.warning("how broadly to search could not be kept", error=str(exc))

    def _held(self) -> "_Held":
        """Return what the folder holds; it is read again only after it changed."""
        try:
            changed = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return _Held(-1, {}, Breadths())
        if changed == self._known.changed:
            return self._known
        folders = {level: path for level in Level if (path := self._newest(level)) is not None}
        found = _Held(changed, folders, breadths.read(self._folder))
        if time.time_ns() - changed > _CLOCK_STEP_NANOSECONDS:
            # A change in the same step of the file system's clock would not be noticed.
            self._known = found
        return found

    def _newest(self, level: Level) -> Path | None:
        found = {int(path.name.rpartition("-")[2]): path for path in self._folder.glob(f"{level}-*[0-9]")}
        return found[max(found)] if found else None

    def draft(self, level: Level, grown: Saved | None = None) -> Draft:
        """Return an empty graph to be filled, or one that has what another has; only who has the turn may ask."""
        older = self.newest(level)
        number = 1 + (int(older.name.rpartition("-")[2]) if older else 0)
        part = self._folder / f"{level}-{number}{_PART}"
        part.mkdir(parents=True)
        return Draft(part, grown)

    def save(self, level: Level, draft: Draft) -> None:
        """Put a graph beside the older ones, and remove those when it is in place."""
        older = self.newest(level)
        draft.finish()
        (draft.path / SIZES).write_text(json.dumps({file.name: file.stat().st_size for file in _files(draft.path)}))
        for path in (*_files(draft.path), draft.path):
            _flush(path)
        draft.path.rename(draft.path.with_suffix(""))
        _flush(self._folder)
        if older is not None:
            shutil.rmtree(older, ignore_errors=True)

    def remove(self, level: Level) -> None:
        """Remove a level's graphs."""
        for path in self._folder.glob(f"{level}-*"):
            shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Yield whether this process may build now; what a killed builder left is cleared away."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / _LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            for path in self._folder.glob(f"*{_PART}"):
                shutil.rmtree(path, ignore_errors=True)
            yield True


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
