"""What a graph must know of its table: which rows there are, by the stamp that each writing of a row gets.

A row's address changes when files are merged, its stamp only when it is written anew; so a graph stays right, whatever
happens to the table, and needs no more than a look at what was written since.
"""

import zlib
from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conversation_genome.vector_store.base import FloatArray, Level
from conversation_genome.vector_store.rows import FACTS, STAMP, vectors_of

KEPT_CHARACTERS: Final = 4_000
"""Of a text that is kept beside a graph: windows and tags are shorter, whole conversations are seldom shown."""
_FRAGMENT_BITS: Final = 32
_TAKEN_AT_ONCE: Final = 20_000
_LEVELS: Final = tuple(Level)

Addresses = NDArray[np.uint64]
Stamps = NDArray[np.int64]
Ids = NDArray[np.bytes_]


class Placed(NamedTuple):
    """Rows by address, shape (n,), with the stamp of each."""

    addresses: Addresses
    stamps: Stamps


class Taken(NamedTuple):
    """Rows that were read, in order of their addresses: shapes (n,) and, the vectors, (n, d)."""

    addresses: Addresses
    stamps: Stamps
    levels: NDArray[np.int8]
    """The place of each level among all."""
    ids: Ids
    facts: NDArray[np.object_]
    """What a record is made of, packed; empty in rows of earlier versions."""
    vectors: FloatArray
    texts: NDArray[np.object_]
    """The texts, packed; empty where they are too long to be kept twice, or were not asked for."""

    def where(self, mask: Any) -> "Taken":
        """Return some of the rows."""
        return Taken(*(column[mask] for column in self))

    def with_(self, other: "Taken") -> "Taken":
        """Return these rows and others."""
        columns: Any = zip(self, other, strict=True)
        both = Taken(*map(np.concatenate, columns))
        return both.where(np.argsort(both.addresses, kind="stable"))

    def is_at(self, levels: Collection[Level]) -> NDArray[np.bool_]:
        """Return which rows are of these levels."""
        return np.isin(self.levels, [_LEVELS.index(level) for level in levels])


def placed_since(table: Any, fragment: int) -> Placed:
    """Return the rows of the files that were written after this one; -1 for all."""
    query = table.search().select([STAMP]).with_row_id(True).limit(max(1, table.count_rows()))
    if fragment >= 0:
        query = query.where(f"_rowid >= {(fragment + 1) << _FRAGMENT_BITS}")
    found = query.to_arrow()
    return Placed(_numbers(found, "_rowid").astype(np.uint64), _numbers(found, STAMP))


def passing(table: Any, condition: Any) -> Addresses:
    """Return the rows that pass a condition."""
    query = table.search().where(condition).select([STAMP]).with_row_id(True).limit(max(1, table.count_rows()))
    addresses: Addresses = _numbers(query.to_arrow(), "_rowid").astype(np.uint64)
    return addresses


def take(table: Any, addresses: Addresses, *, has_texts: bool = False) -> Iterator[Taken]:
    """Yield the rows that are there of these, part by part."""
    columns = [STAMP, "level", "id", FACTS, "vector", *(["text"] if has_texts else [])]
    for start in range(0, len(addresses), _TAKEN_AT_ONCE):
        part = addresses[start : start + _TAKEN_AT_ONCE].tolist()
        found = table.take_row_ids(part).select(columns).with_row_id().to_arrow()
        texts = found["text"].to_pylist() if has_texts else [""] * len(found)
        taken = Taken(
            _numbers(found, "_rowid").astype(np.uint64),
            _numbers(found, STAMP),
            np.array([_LEVELS.index(Level(level)) for level in found["level"].to_pylist()], dtype=np.int8),
            np.array(found["id"].to_pylist(), dtype="S32"),
            _objects([facts or b"" for facts in found[FACTS].to_pylist()]),
            vectors_of(found),
            _objects([packed(text) for text in texts]),
        )
        yield taken.where(np.argsort(taken.addresses, kind="stable"))


def fragment_of(addresses: Addresses) -> int:
    """Return the highest number of a file among these; -1 if there are none."""
    return int(addresses.max() >> np.uint64(_FRAGMENT_BITS)) if len(addresses) else -1


def packed(text: str) -> bytes:
    """Return a text as it is kept beside a graph: nothing where it is empty or long, for those are read from the table."""
    return zlib.compress(text.encode(), 1) if 0 < len(text) <= KEPT_CHARACTERS else b""


def unpacked(text: bytes) -> str:
    """Return a text that was packed; an empty one if that is damaged, for it is in the table, too."""
    try:
        return zlib.decompress(text).decode()
    except (zlib.error, UnicodeDecodeError):
        return ""


def _objects(values: list[bytes]) -> NDArray[np.object_]:
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects


def _numbers(found: pa.Table, column: str) -> Any:
    return found[column].fill_null(0).to_numpy()
