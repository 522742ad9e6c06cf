"""The list of a dataset's files with what each was made of: what has not changed is taken over, not written again."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from conversation_genome.atomic_file import write_atomically

MANIFEST: Final = "manifest.json"
PROGRESS: Final = ".shards.jsonl"
"""In a folder that is being built: a line for each shard that is whole."""


class ShardFile(BaseModel):
    """One Parquet file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Below the dataset's folder, with forward slashes."""
    table: str
    split: str
    rows: int
    size_bytes: int
    sha256: str


class Shard(BaseModel):
    """Files that were made together, of the same records."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    made_of: str
    """SHA-256 (hex) of all that decides the files' bytes."""
    files: tuple[ShardFile, ...]


class Manifest(BaseModel):
    """All shards of a dataset, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    revision: str
    """SHA-256 (hex) over the paths and the contents of the files."""
    shards: tuple[Shard, ...]

    @property
    def files(self) -> tuple[ShardFile, ...]:
        """All files, by path."""
        return tuple(sorted((file for shard in self.shards for file in shard.files), key=lambda file: file.path))

    @classmethod
    def of(cls, shards: Iterable[Shard]) -> "Manifest":
        """Return the manifest of some shards."""
        made = cls(revision="", shards=tuple(sorted(shards, key=lambda shard: shard.name)))
        whole = hashlib.sha256("".join(f"{file.path} {file.sha256}\n" for file in made.files).encode())
        return made.model_copy(update={"revision": whole.hexdigest()})

    def write(self, folder: Path) -> None:
        """Write it into a dataset's folder."""
        write_atomically(folder / MANIFEST, self.model_dump_json(indent=1) + "\n")


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a folder; None where there is none that can be read."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        return None


class Kept:
    """Shards of the dataset before, and of a writing that was interrupted, by what they were made of."""

    def __init__(self, folder: Path, interrupted: Path) -> None:
        self._shards: dict[tuple[str, str], tuple[Path, Shard]] = {}
        for place, shards in ((interrupted, _progress(interrupted)), (folder, _whole(folder))):
            self._shards |= {(shard.name, shard.made_of): (place, shard) for shard in shards}

    def take(self, name: str, made_of: str, building: Path) -> Shard | None:
        """Return the shard after putting its files into the new folder; None where it is not there unharmed."""
        place, shard = self._shards.get((name, made_of), (None, None))
        if place is None or shard is None or not all(_is_unharmed(place / file.path, file) for file in shard.files):
            return None
        for file in shard.files:
            _put(place / file.path, building / file.path)
        return shard

    def tags_among(self, bits: str) -> list[tuple[Path, ShardFile]]:
        """Return the unharmed files, and their entries, of tags whose keys may begin with some bits."""
        found: list[tuple[Path, ShardFile]] = []
        for place, shard in self._shards.values():
            kind, _, own = shard.name.partition("-")
            own = own.removeprefix("all")
            if kind == "tags" and (own.startswith(bits) or bits.startswith(own)):
                found += [(place / file.path, file) for file in shard.files if _is_unharmed(place / file.path, file)]
        return found


def shard_file(folder: Path, path: Path, *, table: str, split: str, rows: int) -> ShardFile:
    """Return the entry of a file that was written."""
    return ShardFile(
        path=path.relative_to(folder).as_posix(),
        table=table,
        split=split,
        rows=rows,
        size_bytes=path.stat().st_size,
        sha256=sha256_of(path),
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 (hex) of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def note(folder: Path, shard: Shard) -> None:
    """Note in a folder that is being built that a shard is whole."""
    with (folder / PROGRESS).open("a", encoding="utf-8") as file:
        file.write(shard.model_dump_json() + "\n")


def _whole(folder: Path) -> tuple[Shard, ...]:
    manifest = read_manifest(folder)
    return manifest.shards if manifest else ()


def _progress(folder: Path) -> list[Shard]:
    try:
        lines = (folder / PROGRESS).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    shards = []
    for line in lines:
        try:
            shards.append(Shard.model_validate_json(line))
        except ValidationError:  # the line that was being written when the writer was killed
            break
    return shards


def _is_unharmed(path: Path, file: ShardFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size_bytes and sha256_of(path) == file.sha256


def _put(source: Path, target: Path) -> None:
    """Link a file, which costs nothing, or copy it where the disk knows no links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
