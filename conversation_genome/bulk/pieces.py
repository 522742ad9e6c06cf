"""Pieces: what one worker reads in one go, and what is not read again once it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from conversation_genome.bulk.place import Held, Place
from conversation_genome.bulk.tables import is_uniform
from conversation_genome.errors import InputError
from conversation_genome.sources import jsonl

PIECE_BYTES: Final = 4 * 2**20
"""Of a file of one record a line; some minutes of one processor."""
HEAD_BYTES: Final = 65_536
SUFFIXES: Final = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".parquet")


class Piece(BaseModel):
    """A file, or a part of it that can be read by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    """Below the folder of all files."""
    kind: Literal["lines", "groups", "whole"]
    """Lines that begin between two bytes, row groups of a table from one to another, or the whole file."""
    start: int = 0
    end: int = 0
    size: int
    """Of the piece, in bytes."""
    file_size: int
    modified: int
    """When the file was changed, in nanoseconds since 1970."""


def pieces_of(place: Place, *, piece_bytes: int = PIECE_BYTES) -> tuple[list[Piece], list[str]]:
    """Return the pieces of a file or of all files of a folder in order, and the names of files that are passed over.

    Raises:
        InputError: If there is no file to read.
    """
    if place.is_file():
        name = place.uri.rpartition("/")[2]
        return list(_pieces(place.parent, place.parent.one(name), piece_bytes)), []
    held = place.files()
    known = [one for one in held if one.name.lower().endswith(SUFFIXES)]
    if not known:
        raise InputError(f"{place.uri} holds no file that ends in {', '.join(SUFFIXES)}; give a folder of such files")
    pieces = [piece for one in known for piece in _pieces(place, one, piece_bytes)]
    return pieces, [one.name for one in held if one not in known]


def _pieces(place: Place, held: Held, piece_bytes: int) -> Iterator[Piece]:
    known = {"file": held.name, "file_size": held.size, "modified": held.modified}
    if held.name.lower().endswith(".parquet"):
        yield from _groups(place, held, known, piece_bytes)
    elif _has_a_record_a_line(place, held):
        for start in range(0, held.size, piece_bytes):
            end = min(held.size, start + piece_bytes)
            yield Piece(kind="lines", start=start, end=end, size=end - start, **known)
    else:
        yield Piece(kind="whole", size=held.size, **known)


def _has_a_record_a_line(place: Place, held: Held) -> bool:
    if held.name.lower().endswith(".gz"):
        return False
    with place.open(held.name) as file:
        head = file.read(HEAD_BYTES)
    return jsonl.sniff(head, Path(held.name))


def _groups(place: Place, held: Held, known: dict[str, Any], piece_bytes: int) -> Iterator[Piece]:
    """Yield runs of row groups of a table of uniform records; any other table, or what is none, whole."""
    try:
        with pq.ParquetFile(place.open(held.name)) as table:
            meta, is_divisible = table.metadata, is_uniform(table.schema_arrow)
    except (OSError, ValueError):  # whoever reads it says what is wrong with it
        is_divisible = False
    if not is_divisible:
        yield Piece(kind="whole", size=held.size, **known)
        return
    start, size = 0, 0
    for number in range(meta.num_row_groups):
        group = meta.row_group(number)
        size += sum(group.column(column).total_compressed_size for column in range(group.num_columns))
        if size >= piece_bytes or number == meta.num_row_groups - 1:
            yield Piece(kind="groups", start=start, end=number + 1, size=size, **known)
            start, size = number + 1, 0
