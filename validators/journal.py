"""A journal: lines that are appended one by one, each on the disk before the call returns, each with its checksum.

A process that is killed leaves at most its last line half-written; a disk that is full leaves none, for what could
not be written whole is cut off again.
"""

import os
import zlib
from pathlib import Path
from typing import NamedTuple


class Lines(NamedTuple):
    """What a journal holds."""

    payloads: tuple[bytes, ...]
    """Those that are whole, in order."""
    damaged: int
    """Lines whose checksum is not theirs."""
    is_torn: bool
    """Whether the last line was cut short, as when the process was killed while it wrote."""


class Journal:
    """Appends to one file, which is made with the first line; not safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Keep the path; what is there is kept, less a line that was cut short."""
        self._path = path
        self._file: int | None = None
        self.size_bytes = 0

    def append(self, payload: bytes) -> None:
        """Write one line, of bytes without a line break; after this call it survives the process and the power.

        Raises:
            OSError: If it cannot be written, as on a full disk; the file is as it was.
        """
        if self._file is None:
            self._file = self._open()
        line = b"%08x %b\n" % (zlib.crc32(payload), payload)
        try:
            _write_all(self._file, line)
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self.size_bytes)
            raise
        self.size_bytes += len(line)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        whole = self._path.read_bytes().rfind(b"\n") + 1
        os.ftruncate(file, whole)
        self.size_bytes = whole
        return file


def read_journal(path: Path) -> Lines:
    """Return the lines of a journal; none where there is no file.

    Raises:
        OSError: If the file cannot be read.
    """
    if not path.exists():
        return Lines((), 0, is_torn=False)
    *lines, rest = path.read_bytes().split(b"\n")
    payloads = [payload for payload in map(_payload, lines) if payload is not None]
    return Lines(tuple(payloads), len(lines) - len(payloads), is_torn=bool(rest))


def _payload(line: bytes) -> bytes | None:
    checksum, _, payload = line.partition(b" ")
    return payload if checksum == b"%08x" % zlib.crc32(payload) else None


def _write_all(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]
