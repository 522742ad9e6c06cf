"""Which split and which shard a conversation belongs to: decided by hashes alone, so that both stay as others come and go."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

SPLITS: Final = ("train", "validation", "test")
_SHARES: Final = ((90, "train"), (95, "validation"), (100, "test"))
KEY_BITS: Final = 63
"""What an SQLite integer holds without a sign."""


def split_of(content_hash: str) -> str:
    """Return the split of a conversation: of a hundred, 90 are to train with, 5 to validate and 5 to test.

    The content decides, so the same talk under two ids never stands on both sides.
    """
    number = int(hashlib.sha256(f"split {content_hash}".encode()).hexdigest()[:8], 16) % 100
    return next(name for end, name in _SHARES if number < end)


def key_of(id_: str) -> int:
    """Return where an id stands among all: uniform in [0, 2**63)."""
    return int(hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:16], 16) >> 1


def shards(weights: Iterable[tuple[int, int]], limit: int) -> Iterator[tuple[str, int]]:
    """Yield the shards that hold weighted keys, none above a limit: (bits that its keys begin with, keys in it).

    A shard is halved by the next bit of its keys only when it grows above the limit, so a new key changes the
    shard that it falls into and no other. Shards without a key are left out; a single key is never divided.

    Args:
        weights: (key, weight), keys ascending in [0, 2**63).
        limit: The weight that a shard may hold.
    """
    merged = [(key, sum(weight for _, weight in same)) for key, same in groupby(weights, key=lambda one: one[0])]
    yield from _halved("", merged, limit)


def bounds(bits: str) -> tuple[int, int]:
    """Return the first and the last of the keys that begin with some bits."""
    width = KEY_BITS - len(bits)
    first = int(bits or "0", 2) << width
    return first, first + (1 << width) - 1


def _halved(bits: str, weights: Sequence[tuple[int, int]], limit: int) -> Iterator[tuple[str, int]]:
    if not weights:
        return
    if len(weights) == 1 or len(bits) == KEY_BITS or sum(weight for _, weight in weights) <= limit:
        yield bits, len(weights)
        return
    middle = bounds(bits + "1")[0]
    half = next((place for place, (key, _) in enumerate(weights) if key >= middle), len(weights))
    yield from _halved(bits + "0", weights[:half], limit)
    yield from _halved(bits + "1", weights[half:], limit)
