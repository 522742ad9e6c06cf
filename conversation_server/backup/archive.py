"""The archive: gzipped lines of JSON that say at their end how many they were and what they add up to.

The first line is the header. Then each table has a line with its name, its columns and the last number that it
gave out, and a line with the values of each row. The last line holds the rows of each table and the SHA-256 of every
line before it: a file that was cut off, or changed, is seen before anything is done with it.
"""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from conversation_genome.errors import InputError

FORMAT: Final = "conversation-genome-backup"
VERSION: Final = 1
_COMPRESSION: Final = 6


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Header(_Line):
    """What the archive is."""

    format: str = FORMAT
    version: int = VERSION
    revision: str
    """Of the tables."""
    made_at: str
    """ISO 8601, UTC."""


class Table(_Line):
    """What the rows after this line are."""

    table: str
    columns: tuple[str, ...]
    counter: int | None
    """The last number that the table gave out; None where it gives none."""


class Footer(_Line):
    """What the archive must add up to."""

    rows: dict[str, int]
    """By table."""
    sha256: str


class ArchiveWriter:
    """Writes the lines of one archive."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._rows: dict[str, int] = {}
        self._table = ""

    def begin(self, header: Header) -> None:
        """Write the first line."""
        self._write(header.model_dump())

    def table(self, table: Table) -> None:
        """Write the line that begins a table."""
        self._table = table.table
        self._rows[table.table] = 0
        self._write(table.model_dump())

    def row(self, values: Sequence[Any]) -> None:
        """Write a row of the table that was begun."""
        self._rows[self._table] += 1
        self._write(values)

    def end(self) -> Footer:
        """Write the last line."""
        footer = Footer(rows=self._rows, sha256=self._digest.hexdigest())
        self._file.write(orjson.dumps(footer.model_dump()) + b"\n")
        return footer

    def _write(self, value: Any) -> None:
        line = orjson.dumps(value) + b"\n"
        self._digest.update(line)
        self._file.write(line)


class Archive:
    """An archive that was read through once and adds up; its rows are read again, a line at a time."""

    def __init__(self, path: Path, header: Header, footer: Footer) -> None:
        self.path = path
        self.header = header
        self.footer = footer

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the archive in a file, after reading all of it.

        Raises:
            InputError: If it is none, is cut off, or was changed.
        """
        try:
            return cls(path, *_checked(path))
        except (OSError, EOFError, gzip.zlib.error, orjson.JSONDecodeError, ValidationError) as exc:  # type: ignore[attr-defined] # gzip names it
            reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else "it is damaged, or something else"
            raise InputError(
                f"{str(path)!r} is no backup that can be restored ({reason}); give a file that `cgp db backup` wrote"
            ) from exc

    def tables(self) -> Iterator[tuple[Table, Iterator[list[Any]]]]:
        """Yield each table with its rows, which are to be read before the next table is asked for."""
        with gzip.open(self.path, "rb") as file:
            file.readline()
            for name, rows in self.footer.rows.items():
                table = Table.model_validate(orjson.loads(file.readline()))
                assert table.table == name, "the archive was changed while it was read"
                yield table, (orjson.loads(file.readline()) for _ in range(rows))


@contextmanager
def archive_writer(path: Path) -> Iterator[ArchiveWriter]:
    """Yield a writer whose file stands at `path` when the block ends, and vanishes when it fails.

    Nobody but its owner may read the file: it holds conversations as they were said.

    Raises:
        InputError: If the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as exc:
        raise InputError(f"{str(path)!r} cannot be written ({exc.strerror}); give another file") from exc
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with _compressed(file) as lines:
                yield ArchiveWriter(lines)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def _compressed(file: BinaryIO) -> gzip.GzipFile:
    return gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_COMPRESSION, mtime=0)


def _sync_folder(folder: Path) -> None:
    """Let the file's name survive a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checked(path: Path) -> tuple[Header, Footer]:
    digest, last = hashlib.sha256(), b""
    with gzip.open(path, "rb") as file:
        first = file.readline()
        header = Header.model_validate(orjson.loads(first))
        digest.update(first)
        for line in file:
            digest.update(last)
            last = line
    footer = Footer.model_validate(orjson.loads(last))
    if header.format != FORMAT or header.version != VERSION:
        raise InputError(f"{str(path)!r} is of {header.format} {header.version}; this version reads {FORMAT} {VERSION}")
    if footer.sha256 != digest.hexdigest():
        raise InputError(f"{str(path)!r} was changed or damaged: its lines do not add up to their checksum")
    return header, footer
