"""A folder, on a disk or in a bucket: what is in it is whole or not there."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
from pyarrow import fs

from conversation_genome.errors import InputError

COPY_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class Held:
    """A file of a folder."""

    name: str
    """Below the folder, with forward slashes."""
    size: int
    modified: int
    """Nanoseconds since 1970."""


class Place:
    """A folder, named by a path or by a URI (`s3://bucket/folder`); every method is safe from several processes."""

    def __init__(self, uri: str) -> None:
        """Know the folder; nothing is read or made.

        Raises:
            InputError: If no file system knows the URI.
        """
        self.uri = (uri if "://" in uri else str(Path(uri).resolve())).rstrip("/") or "/"
        self._fs, self._root = _opened(self.uri)

    @property
    def is_local(self) -> bool:
        """Whether it is on a disk of this machine."""
        return isinstance(self._fs, fs.LocalFileSystem)

    @property
    def parent(self) -> Self:
        """The folder that it is in."""
        return type(self)(self.uri.rpartition("/")[0])

    def is_file(self) -> bool:
        """Tell whether a file is there in place of a folder.

        Raises:
            InputError: If nothing is there, or it cannot be reached.
        """
        with _told(self.uri):
            kind = self._fs.get_file_info(self._root).type
        if kind == fs.FileType.NotFound:
            raise InputError(f"{self.uri} is not there; give a folder or a file of conversations")
        return bool(kind == fs.FileType.File)

    def files(self) -> list[Held]:
        """Return the files by name; those that are hidden, or in hidden folders, are passed over.

        Raises:
            InputError: If it cannot be read.
        """
        selector = fs.FileSelector(self._root, recursive=True, allow_not_found=True)
        with _told(self.uri):
            found = self._fs.get_file_info(selector)
        held = (self._held(info) for info in found if info.type == fs.FileType.File)
        return sorted((one for one in held if not _is_hidden(one.name)), key=lambda one: one.name)

    def one(self, name: str) -> Held:
        """Return one file."""
        return self._held(self._fs.get_file_info(self._path(name)))

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        return bool(self._fs.get_file_info(self._path(name)).type == fs.FileType.File)

    def open(self, name: str) -> Any:
        """Return a file of bytes that can be read from anywhere in it."""
        return self._fs.open_input_file(self._path(name))

    def read(self, name: str) -> bytes:
        """Return what is in a file."""
        with self._fs.open_input_stream(self._path(name), compression=None) as file:
            return bytes(file.read())

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole, in place of what is there."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "content"
            path.write_bytes(content)
            self.put(path, name)

    def put(self, path: Path, name: str) -> None:
        """Copy a file of this machine here: it is there when all of it is."""
        target = self._path(name)
        if not self.is_local:
            with path.open("rb") as source, self._fs.open_output_stream(target) as stream:
                shutil.copyfileobj(source, stream, COPY_BYTES)
            return
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        partial = Path(f"{target}.{os.getpid()}.part")
        try:
            with path.open("rb") as source, partial.open("wb") as stream:
                shutil.copyfileobj(source, stream, COPY_BYTES)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        if self.has(name):
            self._fs.delete_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    def _held(self, info: fs.FileInfo) -> Held:
        return Held(info.path[len(self._root) :].lstrip("/"), int(info.size or 0), int(info.mtime_ns or 0))


def _opened(uri: str) -> tuple[fs.FileSystem, str]:
    if "://" not in uri:
        return fs.LocalFileSystem(), uri
    try:
        system, path = fs.FileSystem.from_uri(uri)
    except (pa.ArrowException, ValueError, OSError) as exc:
        raise InputError(f"{uri} cannot be opened ({_reason(exc)}); give a path or s3://BUCKET/FOLDER") from exc
    return system, path.rstrip("/")


@contextmanager
def _told(uri: str) -> Iterator[None]:
    """Turn what a file system raises into one sentence."""
    try:
        yield
    except (OSError, pa.ArrowException) as exc:
        raise InputError(f"{uri} cannot be read ({_reason(exc)}); check the path and your access") from exc


def _reason(exc: BaseException) -> str:
    return str(exc).split("\n")[0][:200]


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/"))


def lines_within(file: Any, start: int, end: int) -> Iterator[bytes]:
    """Yield, in chunks, the lines of a file that begin in [start, end), the last of them whole.

    Pieces that divide a file divide its lines: each line is in the piece in which it begins.
    """
    file.seek(max(0, start - 1))
    position = start
    if start:
        position = start - 1 + _skip_line(file)
        file.seek(position)
    while position < end:
        chunk = file.read(min(COPY_BYTES, end - position))
        if not chunk:
            return
        position += len(chunk)
        yield chunk
        if position >= end and not chunk.endswith(b"\n"):
            yield from _rest_of_line(file)


def _skip_line(file: Any) -> int:
    """Return how many bytes from here the next line begins."""
    skipped = 0
    while chunk := file.read(65_536):
        found = chunk.find(b"\n")
        if found >= 0:
            return skipped + int(found) + 1
        skipped += len(chunk)
    return skipped


def _rest_of_line(file: Any) -> Iterator[bytes]:
    while chunk := file.read(65_536):
        head, newline, _ = chunk.partition(b"\n")
        yield head + newline
        if newline:
            return
