"""The folder of a local subnet: one run at a time, an unfinished run is taken up, a finished one is kept aside."""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from conversation_genome.atomic_file import write_atomically
from conversation_genome.errors import InputError
from conversation_genome.local.layout import Layout

PREVIOUS: Final = "previous"
_CHUNK_BYTES: Final = 1 << 20


class Manifest(BaseModel):
    """What a run was asked to do, and whether it ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inputs: dict[str, str]
    """SHA-256 of each input file, by its name as given."""
    miners: int
    validators: int
    is_finished: bool = False


def manifest_of(inputs: Sequence[Path], *, miners: int, validators: int) -> Manifest:
    """Return the manifest of a run that is about to start.

    Raises:
        InputError: If an input cannot be read.
    """
    return Manifest(inputs={str(path): _digest(path) for path in inputs}, miners=miners, validators=validators)


@contextmanager
def open_folder(layout: Layout, wanted: Manifest) -> Iterator[bool]:
    """Hold the folder for one run; yields whether an unfinished run of the same kind is taken up again.

    Anything else that lies there from an earlier run is moved to `previous/`, where the last one is kept.

    Raises:
        InputError: If another run works there, or the folder holds something that no run left.
    """
    _refuse_a_stranger(layout)
    layout.root.mkdir(parents=True, exist_ok=True)
    with layout.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise InputError(
                f"another run works in {layout.root}; wait for it or give another folder by --out"
            ) from exc
        resumes = _manifest(layout) == wanted
        if not resumes:
            _move_aside(layout)
            remember(layout, wanted)
        yield resumes


def remember(layout: Layout, manifest: Manifest) -> None:
    """Write the manifest."""
    write_atomically(layout.manifest, manifest.model_dump_json(indent=1) + "\n")


def _manifest(layout: Layout) -> Manifest | None:
    try:
        return Manifest.model_validate_json(layout.manifest.read_bytes())
    except (OSError, ValidationError):
        return None


def _refuse_a_stranger(layout: Layout) -> None:
    if layout.root.exists() and not layout.root.is_dir():
        raise InputError(f"{layout.root} is a file; give a folder by --out")
    if layout.root.is_dir() and any(layout.root.iterdir()) and not (layout.manifest.exists() or layout.lock.exists()):
        raise InputError(f"{layout.root} holds files that no run left there; give an empty or new folder by --out")


def _move_aside(layout: Layout) -> None:
    """Keep what an earlier run left, less what the run before it had left."""
    old = [entry for entry in layout.root.iterdir() if entry.name not in (PREVIOUS, layout.lock.name)]
    if not old:
        return
    previous = layout.root / PREVIOUS
    shutil.rmtree(previous, ignore_errors=True)
    previous.mkdir()
    for entry in sorted(old, key=lambda one: one == layout.manifest):  # the manifest last: a kill in between is seen
        entry.rename(previous / entry.name)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({exc.strerror}); give readable files by --input") from exc
    return digest.hexdigest()
