"""View: what is known of one version of a table, and what of it is near a vector.

Rows that no graph has are kept in memory and looked at one by one, so an answer never depends on how old a graph is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conversation_genome.vector_store.base import FloatArray, Level
from conversation_genome.vector_store.graph import rows
from conversation_genome.vector_store.graph.breadths import Breadths
from conversation_genome.vector_store.graph.index import Chosen
from conversation_genome.vector_store.graph.rows import Addresses
from conversation_genome.vector_store.graph.saved import Saved

GONE: Final = np.uint64(2**64 - 1)
"""The address of a row that is no more."""
_DIGITS: Final = 12
"""Of a cosine: equal vectors shall have equal ones, in whichever order their products are added up."""

Mask = NDArray[np.bool_]


class Found(NamedTuple):
    """Addresses of rows, nearest first, and how near each is; their ids."""

    addresses: Addresses
    cosines: NDArray[np.float64]
    ids: NDArray[np.bytes_]

    def where(self, chosen: Any) -> "Found":
        """Return some of the rows."""
        return Found(self.addresses[chosen], self.cosines[chosen], self.ids[chosen])


class Known(NamedTuple):
    """What is known of a row without reading it."""

    id: str
    facts: bytes
    vector: FloatArray
    cosine: float | None


_NOTHING: Final = Found(np.empty(0, dtype=np.uint64), np.empty(0), np.empty(0, dtype="S32"))


@dataclass(frozen=True)
class Part:
    """A graph and where its rows are now; by row, and the rows in order of the stamp."""

    level: Level
    saved: Saved
    by_stamp: NDArray[np.int64]
    addresses: Addresses

    @cached_property
    def by_address(self) -> NDArray[np.int64]:
        """Return the rows in order of the address."""
        return np.argsort(self.addresses)

    @cached_property
    def in_order(self) -> Addresses:
        """Return the addresses in order."""
        return self.addresses[self.by_address]

    def among(self, allowed: Addresses) -> Mask:
        """Return which rows are of these, which are in order: shape (rows,)."""
        mask = np.zeros(len(self.addresses), dtype=bool)
        found = self.rows_of(allowed)
        mask[found[found >= 0]] = True
        return mask

    def rows_of(self, addresses: Addresses) -> NDArray[np.int64]:
        """Return the row at each address; -1 where there is none."""
        if not len(self.addresses):
            return np.full(len(addresses), -1)
        place = np.minimum(np.searchsorted(self.in_order, addresses), len(self.addresses) - 1)
        return np.where(self.in_order[place] == addresses, self.by_address[place], -1)

    def rows_stamped(self, stamps: rows.Stamps) -> NDArray[np.int64]:
        """Return the row with each stamp; -1 where there is none."""
        known = self.saved.stamps
        if not len(known):
            return np.full(len(stamps), -1)
        place = np.minimum(np.searchsorted(known, stamps, sorter=self.by_stamp), len(known) - 1)
        found = self.by_stamp[place]
        return np.where(known[found] == stamps, found, -1)


class Passing(NamedTuple):
    """Which rows pass a condition."""

    addresses: Addresses
    """All, in order."""
    parts: tuple[Mask, ...]
    """By row, of each graph."""
    places: tuple[Chosen, ...]
    """The places of each graph of which one of the rows passes."""
    tail: tuple[Mask, ...]


@dataclass(frozen=True)
class View:
    """What is known of a version of the table."""

    version: int
    folders: tuple[Any, ...]
    fragment: int
    parts: tuple[Part, ...]
    tail: tuple[rows.Taken, ...]
    """What no graph has, in pieces of which each is much smaller than the one before it."""
    is_whole: bool
    """Whether all that is known is still there; if not, some may have been deleted or written anew."""
    breadths: Breadths
    """How broadly the graphs are searched."""

    @cached_property
    def count(self) -> int:
        """How many rows are known, those among them that may be gone too."""
        return sum(int((part.addresses != GONE).sum()) for part in self.parts) + sum(
            len(piece.addresses) for piece in self.tail
        )

    def passing(self, allowed: Addresses) -> Passing:
        """Return which rows are among these, which are in order."""
        masks = tuple(part.among(allowed) for part in self.parts)
        return Passing(
            allowed,
            masks,
            tuple(_places_of(part.saved, mask) for part, mask in zip(self.parts, masks, strict=True)),
            tuple(is_in(piece.addresses, allowed) for piece in self.tail),
        )

    def nearest_of_each(
        self, vector: FloatArray, passing: Passing | None, groups: Sequence[tuple[Collection[Level], int]]
    ) -> list[Found]:
        """Return the nearest rows of each group of levels, with how many are wanted of it."""
        cosines = [_cosines(piece.vectors, vector) for piece in self.tail]
        return [self._nearest(vector, passing, cosines, levels, count) for levels, count in groups]

    def _nearest(
        self,
        vector: FloatArray,
        passing: Passing | None,
        cosines: Sequence[FloatArray],
        levels: Collection[Level],
        count: int,
    ) -> Found:
        found = [_NOTHING]
        for number, part in enumerate(self.parts):
            if not levels or part.level in levels:
                masks = None if passing is None else (passing.parts[number], passing.places[number])
                found.append(_in_graph(part, vector, masks, count, self.breadths))
        for number, piece in enumerate(self.tail):
            mask = None if passing is None else passing.tail[number]
            found.append(_in_piece(piece, vector, cosines[number], levels, mask, count))
        together = Found(*map(np.concatenate, zip(*found, strict=True)))
        order = np.argsort(-together.cosines, kind="stable")
        if not np.diff(together.cosines[order]).all():
            order = np.lexsort((together.ids, -together.cosines))
        return together.where(order[:count])

    def known(self, addresses: Sequence[int], vector: FloatArray | None) -> dict[int, Known]:
        """Return what is known of rows; those that were written since, and those of earlier versions, are left out."""
        asked = np.array(sorted(addresses), dtype=np.uint64)
        found: dict[int, Known] = {}
        for part in self.parts:
            at = part.rows_of(asked)
            here = at[at >= 0]
            vectors = part.saved.vectors[part.saved.places[here]]
            found |= _known(asked[at >= 0], part.saved.ids[here], part.saved.facts_of(here), vectors, vector)
        for piece in self.tail:
            at = _rows_in(piece, asked)
            here = at[at >= 0]
            facts, vectors = piece.facts[here].tolist(), piece.vectors[here]
            found |= _known(asked[at >= 0], piece.ids[here], facts, vectors, vector)
        return found

    def texts(self, addresses: Sequence[int]) -> dict[int, str]:
        """Return the texts of rows, as far as they lie beside a graph."""
        asked = np.array(sorted(addresses), dtype=np.uint64)
        found: dict[int, str] = {}
        for part in self.parts:
            at = part.rows_of(asked)
            each = zip(asked[at >= 0].tolist(), part.saved.texts_of(at[at >= 0]), strict=True)
            found |= {address: text for address, packed in each if packed and (text := rows.unpacked(packed))}
        return found

    def ids(self, addresses: Sequence[int]) -> dict[int, str]:
        """Return the ids of rows, as far as they are known."""
        asked = np.array(sorted(addresses), dtype=np.uint64)
        every = [(part.rows_of(asked), part.saved.ids) for part in self.parts]
        every += [(_rows_in(piece, asked), piece.ids) for piece in self.tail]
        return {
            address: key.decode()
            for at, ids in every
            for address, key in zip(asked[at >= 0].tolist(), ids[at[at >= 0]].tolist(), strict=True)
        }


def is_in(addresses: Addresses, allowed: Addresses) -> Mask:
    """Return which of these rows are among those that are allowed, which are in order."""
    if not len(allowed):
        return np.zeros(len(addresses), dtype=bool)
    place = np.minimum(np.searchsorted(allowed, addresses), len(allowed) - 1)
    mask: Mask = allowed[place] == addresses
    return mask


def _rows_in(piece: rows.Taken, addresses: Addresses) -> NDArray[np.int64]:
    """Return the row of a piece at each address; -1 where there is none."""
    if not len(piece.addresses):
        return np.full(len(addresses), -1)
    place = np.minimum(np.searchsorted(piece.addresses, addresses), len(piece.addresses) - 1)
    return np.where(piece.addresses[place] == addresses, place, -1)


def _known(
    addresses: Addresses,
    ids: NDArray[np.bytes_],
    facts: Sequence[bytes],
    vectors: FloatArray,
    asked: FloatArray | None,
) -> dict[int, Known]:
    near = _exact(vectors, asked)
    cosines = [None] * len(facts) if near is None else near.clip(-1.0, 1.0).tolist()
    each = zip(addresses.tolist(), ids.tolist(), facts, vectors, cosines, strict=True)
    return {at: Known(key.decode(), packed, own, cosine) for at, key, packed, own, cosine in each if packed}


def _places_of(saved: Saved, mask: Mask) -> Chosen:
    places = np.zeros(len(saved.vectors), dtype=bool)
    places[saved.places[mask]] = True
    return Chosen(places)


def _in_graph(
    part: Part, vector: FloatArray, masks: tuple[Mask, Chosen] | None, count: int, breadths: Breadths
) -> Found:
    near = part.saved.graph.nearest(vector, count, None if masks is None else masks[1], breadths=breadths)
    cosines = _exact(part.saved.vectors[near.positions], vector)
    starts = part.saved.starts[near.positions]
    if (part.saved.starts[near.positions + 1] == starts + 1).all():
        found = part.saved.order[starts]
        is_there = part.addresses[found] != GONE
        if masks is not None:
            is_there &= masks[0][found]
        return Found(part.addresses[found], cosines, part.saved.ids[found]).where(is_there)
    each = [_rows_at(part, place, None if masks is None else masks[0], count) for place in near.positions.tolist()]
    found = np.concatenate([*each, np.empty(0, dtype=np.int32)])
    return Found(part.addresses[found], np.repeat(cosines, [len(some) for some in each]), part.saved.ids[found])


def _rows_at(part: Part, place: int, mask: Mask | None, count: int) -> NDArray[np.int32]:
    """Return the rows of a place that pass and are not known to be gone, those that come first by their ids."""
    found = part.saved.rows_at(place)
    is_there = part.addresses[found] != GONE
    if mask is not None:
        is_there &= mask[found]
    first: NDArray[np.int32] = found[is_there][:count]
    return first


def _in_piece(
    piece: rows.Taken,
    vector: FloatArray,
    cosines: FloatArray,
    levels: Collection[Level],
    mask: Mask | None,
    count: int,
) -> Found:
    passes = np.ones(len(cosines), dtype=bool) if mask is None else mask
    among = np.flatnonzero(passes & piece.is_at(levels) if levels else passes)
    if len(among) > count:
        least = np.partition(cosines[among], -count)[-count]
        among = among[cosines[among] >= least - 1e-6]
    return Found(piece.addresses[among], _exact(piece.vectors[among], vector), piece.ids[among])


def _cosines(vectors: FloatArray, vector: FloatArray) -> FloatArray:
    """Return about how near vectors are, on this thread: what BLAS spreads over threads waits for other work there."""
    cosines: FloatArray = np.einsum("ij,j->i", vectors, vector)
    return cosines


def _exact(vectors: FloatArray, vector: FloatArray | None) -> Any:
    """Return how near vectors are: shape (n,), float64; None without a vector."""
    if vector is None:
        return None
    return np.einsum("ij,j->i", vectors.astype(np.float64), vector.astype(np.float64)).round(_DIGITS)
