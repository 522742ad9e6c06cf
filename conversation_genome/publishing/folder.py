"""A folder is replaced as a whole: built beside its place, then swapped in; a reader never sees half of it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def interrupted_folder(folder: Path) -> Path:
    """Return where that which an interrupted writer had built stands while its successor builds."""
    return folder.with_name(f".{folder.name}.interrupted")


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` when the block ends, and vanishes when it fails.

    One writer at a time: a second one, of any process, waits. A folder that a killed writer had moved aside is
    moved back, and what a killed or interrupted one had built stands in `interrupted_folder` until the block ends.

    Raises:
        OSError: If the parent folder cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    building, previous = folder.with_name(f".{folder.name}.part"), folder.with_name(f".{folder.name}.previous")
    interrupted = interrupted_folder(folder)
    with _locked(folder.with_name(f".{folder.name}.lock")):
        _move_back(previous, folder)
        if building.exists():
            _clear(interrupted)
            building.rename(interrupted)
        building.mkdir()
        try:
            yield building
            _sync(building)
            if folder.exists():
                folder.rename(previous)
            building.rename(folder)
        except Exception:
            _move_back(previous, folder)
            _clear(building)
            raise
        _clear(previous)
        _clear(interrupted)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _move_back(previous: Path, folder: Path) -> None:
    if previous.exists() and not folder.exists():
        previous.rename(folder)
    _clear(previous)


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Bring every file to the disk before the swap: a crash then leaves the old folder or the new one."""
    for path in sorted(folder.rglob("*")):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
