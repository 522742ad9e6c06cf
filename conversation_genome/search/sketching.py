"""MinHash sketches of conversations: near-copies are told by comparing a few bytes.

A sketch holds, for each of 64 hash functions, sixteen bits of the least hash of the conversation's shingles (four
terms in a row). The share of equal places is about the Jaccard similarity of the shingles (Broder, Compression and
Complexity of Sequences 1997; b-bit form: Li and König, WWW 2010, with b = 16 chance equality is negligible).
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.vector_store.terms import terms

PLACES: Final = 64
SHINGLE_TERMS: Final = 4
MIN_SHINGLES: Final = 8
"""Fewer say too little: two short greetings are not copies of each other."""
MAX_SHINGLES: Final = 50_000
SAME: Final = 0.6
"""Share of equal places from which two conversations are near-copies; measured in benchmarks/search."""
_SEED: Final = 20_250_101
_MULTIPLIERS, _ADDENDS = np.random.Generator(np.random.PCG64(_SEED)).integers(
    1, 2**63, size=(2, PLACES), dtype=np.uint64
)
_MULTIPLIERS |= np.uint64(1)
_BATCH: Final = 4_096


def sketch_of(texts: Sequence[str]) -> bytes:
    """Return the sketch of a conversation's lines; empty if they are too short to tell copies by."""
    words = [term for text in texts for term in terms(text)]
    shingles = {" ".join(words[place : place + SHINGLE_TERMS]) for place in range(len(words) - SHINGLE_TERMS + 1)}
    if len(shingles) < MIN_SHINGLES:
        return b""
    hashes = sorted(map(_hash, shingles))[:MAX_SHINGLES]
    return _least(np.array(hashes, dtype=np.uint64)).astype("<u2").tobytes()


def likeness(one: bytes, others: Sequence[bytes]) -> NDArray[np.float64]:
    """Return the share of equal places with each of the others, shape (others,), in [0, 1]; 0 without a sketch."""
    size = 2 * PLACES
    shares = np.zeros(len(others))
    known = [place for place, other in enumerate(others) if len(other) == size]
    if len(one) == size and known:
        table = np.frombuffer(b"".join(others[place] for place in known), dtype="<u2").reshape(len(known), PLACES)
        shares[known] = (table == np.frombuffer(one, dtype="<u2")).mean(axis=1)
    return shares


def _hash(shingle: str) -> int:
    digest = hashlib.blake2b(shingle.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _least(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the upper sixteen bits of each function's least hash, shape (PLACES,)."""
    least = np.full(PLACES, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(hashes), _BATCH):
        # Multiply-add modulo 2**64; the upper bits of it are what is compared (Dietzfelbinger et al., 1997).
        mixed = hashes[start : start + _BATCH, None] * _MULTIPLIERS + _ADDENDS
        least = np.minimum(least, (mixed ^ (mixed >> np.uint64(29))).min(axis=0))
    return least >> np.uint64(16) & np.uint64(0xFFFF)
