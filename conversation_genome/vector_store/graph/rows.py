"""What a graph must know of its table: which rows there are, by the stamp that each writing of a row gets.

A row's address changes when files are merged, its stamp only when it is written anew; so a graph stays right, whatever
happens to the table, and needs no more than a look at what was written since.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conversation_genome.vector_store.base import FloatArray
from conversation_genome.vector_store.rows import STAMP, vectors_of

_FRAGMENT_BITS: Final = 32
_TAKEN_AT_ONCE: Final = 20_000

Addresses = NDArray[np.uint64]
Stamps = NDArray[np.int64]


class Placed(NamedTuple):
    """Rows by address, shape (n,), with the stamp of each."""

    addresses: Addresses
    stamps: Stamps


class Taken(NamedTuple):
    """Rows that were read: shapes (n,), (n,), (n,) and (n, d)."""

    addresses: Addresses
    stamps: Stamps
    levels: NDArray[np.str_]
    vectors: FloatArray

    def where(self, mask: NDArray[np.bool_]) -> "Taken":
        """Return some of the rows."""
        return Taken(self.addresses[mask], self.stamps[mask], self.levels[mask], self.vectors[mask])

    def with_(self, other: "Taken") -> "Taken":
        """Return these rows and others."""
        return Taken(
            np.concatenate([self.addresses, other.addresses]),
            np.concatenate([self.stamps, other.stamps]),
            np.concatenate([self.levels, other.levels]),
            np.concatenate([self.vectors, other.vectors]),
        )


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


def take(table: Any, addresses: Addresses) -> Iterator[Taken]:
    """Yield the rows that are there of these, part by part."""
    for start in range(0, len(addresses), _TAKEN_AT_ONCE):
        part = addresses[start : start + _TAKEN_AT_ONCE].tolist()
        found = table.take_row_ids(part).select([STAMP, "level", "vector"]).with_row_id().to_arrow()
        yield Taken(
            _numbers(found, "_rowid").astype(np.uint64),
            _numbers(found, STAMP),
            np.array(found["level"].to_pylist(), dtype=np.str_),
            vectors_of(found),
        )


def fragment_of(addresses: Addresses) -> int:
    """Return the highest number of a file among these; -1 if there are none."""
    return int(addresses.max() >> np.uint64(_FRAGMENT_BITS)) if len(addresses) else -1


def _numbers(found: pa.Table, column: str) -> Any:
    return found[column].fill_null(0).to_numpy()
