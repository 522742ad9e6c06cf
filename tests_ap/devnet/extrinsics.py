"""Signed extrinsics, checked as a node checks them before they enter its pool: form, era, nonce and signature.

Only the sender's own key counts; fees are not taken, tips mean nothing.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import bittensor_core
from bittensor._transport.codec import RuntimeCodec

ADDRESS_AND_SIGNATURE_BYTES: Final = 33 + 1 + 64
SIGNED_RAW_AT_MOST_BYTES: Final = 256
"""A longer payload is hashed before it is signed (polkadot.com, "Transaction format")."""
IMMORTAL: Final = ("00", "0x00")
SCHEMES: Final = {"Ed25519": 0, "Sr25519": 1}


class InvalidTransactionError(Exception):
    """The pool does not take it; the message is the one the SDK knows."""


@dataclass(frozen=True)
class Extrinsic:
    """One call that its sender signed."""

    data: bytes
    sender: str
    nonce: int
    call: dict[str, Any]
    last_block: int | None
    """The last block it may be included in; None for ever."""

    @property
    def hash(self) -> str:
        """The hash by which it is known."""
        return "0x" + hashlib.blake2b(self.data, digest_size=32).hexdigest()


def checked(data: bytes, codec: RuntimeCodec, *, block: int, hash_of: Callable[[int], str]) -> Extrinsic:
    """Return the extrinsic if its signature holds.

    Args:
        data: As it was submitted.
        codec: Of the running runtime.
        block: The last block.
        hash_of: The hash of a block, by number; 0 for the genesis.

    Raises:
        InvalidTransactionError: If it cannot be read, is past its era, or the signature does not hold.
    """
    try:
        fields = codec.decode_extrinsic(data)
    except Exception as exc:  # whatever a codec in Rust raises
        raise InvalidTransactionError(f"cannot be read: {exc}") from exc
    era, birth, last_block = _era(fields["era"], block)
    ((scheme, signature),) = fields["signature"].items()
    _, extra, additional = codec.signature_payload_parts(
        b"",
        era=era,
        nonce=fields["nonce"],
        tip=fields["tip"],
        tip_asset_id=None,
        genesis_hash=hash_of(0),
        era_block_hash=hash_of(birth),
    )
    payload = data[_length_bytes(data) + 1 + ADDRESS_AND_SIGNATURE_BYTES + len(extra) :] + extra + additional
    if len(payload) > SIGNED_RAW_AT_MOST_BYTES:
        payload = hashlib.blake2b(payload, digest_size=32).digest()
    if not bittensor_core.verify(payload, bytes.fromhex(signature[2:]), fields["address"], SCHEMES[scheme]):
        raise InvalidTransactionError("Transaction has a bad signature")
    return Extrinsic(data, fields["address"], fields["nonce"], fields["call"], last_block)


def _era(era: Any, block: int) -> tuple[Any, int, int | None]:
    """Return an era as the codec wants it, the block it begins at and the last one it holds in."""
    if era in IMMORTAL:
        return era, 0, None
    period, phase = era
    birth = (max(block, phase) - phase) // period * period + phase
    return {"period": period, "phase": phase}, birth, birth + period - 1


def _length_bytes(data: bytes) -> int:
    """Return how many bytes the compact length in front takes."""
    return {0: 1, 1: 2, 2: 4}[data[0] & 3]
