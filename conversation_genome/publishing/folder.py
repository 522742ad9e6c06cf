"""A folder is replaced as a whole: built beside its place, then swapped in; a reader never sees half of it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `folder` when the block ends, and vanishes when it fails.

    One writer at a time: a second one, of any process, waits. What a killed writer left is cleared away,
    and a folder that it had moved aside is moved back.

    Raises:
        OSError: If the parent folder cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    building, previous = folder.with_name(f".{folder.name}.part"), folder.with_name(f".{folder.name}.previous")
    with _locked(folder.with_name(f".{folder.name}.lock")):
        _recover(folder, building, previous)
        building.mkdir()
        try:
            yield building
            _sync(building)
            if folder.exists():
                folder.rename(previous)
            building.rename(folder)
        finally:
            _recover(folder, building, previous)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _recover(folder: Path, building: Path, previous: Path) -> None:
    if previous.exists() and not folder.exists():
        previous.rename(folder)
    for leftover in (building, previous):
        shutil.rmtree(leftover, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Bring every file to the disk before the swap: a crash then leaves the old folder or the new one."""
    for path in sorted(folder.rglob("*")):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
