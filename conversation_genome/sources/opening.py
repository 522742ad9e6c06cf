"""Where bytes come from: a file, a gzip of one, or an entry of a zip.

Nothing is ever unpacked to disk, and a bomb is refused: by what a zip announces, and by what a gzip has given so far.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

from conversation_genome.errors import InputError, RecordError

BUFFER_BYTES: Final = 2**18
MAX_UNPACKED_BYTES: Final = 64 * 2**30
MAX_RATIO: Final = 200
"""Unpacked over packed size; text packs five to twenty times, bombs a thousand."""
ALWAYS_UNPACKED_BYTES: Final = 2**20
_GZIP: Final = b"\x1f\x8b"
_UNREADABLE: Final = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
_LINK: Final = 0o120000
_KIND: Final = 0o170000

Watcher = Callable[[Path, int], None]
"""Told how far a file has been read, in bytes."""
_watcher: ContextVar[Watcher | None] = ContextVar("_watcher", default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file inside a zip; its name is only ever shown, never opened as a path."""

    archive: Path
    info: zipfile.ZipInfo
    unpacker: zipfile.ZipFile = field(repr=False, compare=False)

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders and the name inside the zip."""
        return PurePosixPath(self.info.filename).parts

    @property
    def name(self) -> str:
        """The name without folders."""
        return PurePosixPath(self.info.filename).name

    @property
    def stem(self) -> str:
        """What ids are made from: the name of the zip."""
        return self.archive.stem

    def __str__(self) -> str:
        """As faults name it."""
        return f"{self.archive}!{self.info.filename}"


Place = Path | Entry


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Have the watcher told how far every file is read inside the block."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def open_place(place: Place) -> io.BufferedReader:
    """Return the bytes of a file, unpacked where it is a gzip, or of an entry of a zip.

    Raises:
        InputError: If the file cannot be opened; while reading, RecordError if it cannot be unpacked.
    """
    if isinstance(place, Entry):
        try:
            packed = cast("BinaryIO", place.unpacker.open(place.info))
        except _UNREADABLE as exc:
            raise RecordError(f"{place}: cannot be unpacked ({exc}); export it again") from exc
        return io.BufferedReader(_Unpacked(packed, place, place.info.compress_size), BUFFER_BYTES)
    raw = _open_file(place)
    if raw.peek(2)[:2] != _GZIP:
        return raw
    unpacked = cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    return io.BufferedReader(_Unpacked(unpacked, place, place.stat().st_size, raw), BUFFER_BYTES)


def suffix_of(place: Place) -> str:
    """Return the ending that tells the format, in lower case: .vtt for talk.vtt and for talk.VTT.gz."""
    name = PurePosixPath(place.name.lower())
    return PurePosixPath(name.stem).suffix if name.suffix == ".gz" else name.suffix


@contextmanager
def open_archive(path: Path) -> Iterator[list[Entry]]:
    """Yield the files inside a zip, sorted by name; folders and links are passed over.

    Raises:
        InputError: If it is no zip or unpacks to an absurd size.
    """
    try:
        with _open_file(path) as file, zipfile.ZipFile(file) as unpacker:
            _refuse_bombs(path, unpacker)
            infos = sorted(unpacker.infolist(), key=lambda info: info.filename)
            yield [Entry(path, info, unpacker) for info in infos if not info.is_dir() and not _is_link(info)]
    except (zipfile.BadZipFile, NotImplementedError) as exc:
        raise InputError(f"{path} is a zip that cannot be unpacked ({exc}); export it again") from exc


class _File(io.FileIO):
    """A file that tells the watcher where it is read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._path = path
        self._watcher = _watcher.get()

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer)
        if self._watcher:
            self._watcher(self._path, self.tell())
        return count


class _Unpacked(io.RawIOBase):
    """Unpacked bytes, counted, whose faults are this project's."""

    def __init__(
        self, stream: BinaryIO, place: Place, packed_bytes: int, beneath: io.BufferedReader | None = None
    ) -> None:
        self._stream = stream
        self._place = place
        self._beneath = beneath
        self._read_bytes = 0
        self._most_bytes = min(MAX_UNPACKED_BYTES, ALWAYS_UNPACKED_BYTES + MAX_RATIO * packed_bytes)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        try:
            data = self._stream.read(len(view))
        except _UNREADABLE as exc:
            raise RecordError(
                f"{self._place}: cannot be unpacked beyond {self._read_bytes:,} bytes ({exc}); copy it again"
            ) from exc
        self._read_bytes += len(data)
        if self._read_bytes > self._most_bytes:
            raise RecordError(
                f"{self._place}: unpacks to more than {self._most_bytes:,} bytes, which is refused; "
                f"at most {MAX_RATIO} times the packed size is read: unpack it yourself if you trust it"
            )
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            if self._beneath:
                self._beneath.close()
        super().close()


def _open_file(path: Path) -> io.BufferedReader:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise InputError(f"{path} is a pipe or a device, which cannot be read twice; save it to a file first")
        return io.BufferedReader(_File(path), BUFFER_BYTES)
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({exc.strerror}); give the path of a readable file") from exc


def _refuse_bombs(path: Path, archive: zipfile.ZipFile) -> None:
    packed = max(path.stat().st_size, 1)
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > min(MAX_UNPACKED_BYTES, MAX_RATIO * packed + ALWAYS_UNPACKED_BYTES):
        raise InputError(
            f"{path} unpacks from {packed:,} to {unpacked:,} bytes, which is refused; at most "
            f"{MAX_UNPACKED_BYTES >> 30} GB and {MAX_RATIO} times the packed size are read: import its parts one by one"
        )


def _is_link(info: zipfile.ZipInfo) -> bool:
    return (info.external_attr >> 16) & _KIND == _LINK
