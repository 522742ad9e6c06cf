"""The metadata of a real subtensor runtime (spec 461), as the SDK's source distribution carries it for its own tests.

`tools/setup_test_chain.sh` takes it from pip's index, pinned by hash; without it the tests of the node are skipped.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from bittensor._transport.codec import strip_option_opaque_metadata

from tests_ap.environment import ROOT

FILE: Final = ROOT / "build" / "chain-metadata" / "golden.json"
SHA256: Final = "a74c2f7fd7d9c40ba8111170bf74dddfad57a040d181b3532acb2a9ce2ef2f11"
IS_THERE: Final = FILE.is_file()
WHY_NOT: Final = "the chain's metadata is not there; `bash run_tests.sh` takes it from pip's index"
SPEC_VERSION: Final = 461

_TEMPLATE: Final = b"NetworksAdded"
_ADDED: Final = b"SubnetEpochConsensus"
_PALLET: Final = b"SubtensorModule"


@dataclass(frozen=True)
class Metadata:
    """Metadata in its v15 form, as `Metadata_metadata_at_version` answers."""

    opaque: bytes
    """Option<OpaqueMetadata>, SCALE-encoded."""

    @property
    def plain(self) -> bytes:
        """The metadata without its envelope."""
        return bytes(strip_option_opaque_metadata(self.opaque))

    @property
    def genesis(self) -> str:
        """A parent of the first block that is another one for other metadata: the SDK caches metadata by genesis."""
        return "0x" + hashlib.blake2b(self.opaque, digest_size=32).hexdigest()


def recorded() -> Metadata:
    """Return the metadata as it was recorded; version 11.3 of the SDK cannot set weights on this runtime.

    Raises:
        ValueError: If the file is not the one that was pinned.
    """
    content = FILE.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != SHA256:
        raise ValueError(f"{FILE} has the SHA-256 {digest}, not {SHA256}: remove it and run `bash run_tests.sh`")
    return Metadata(bytes.fromhex(json.loads(content)["metadata"]["v15_hex"][2:]))


def in_step_with_the_sdk() -> Metadata:
    """Return the metadata with the one storage map that SDK 11.3 reads and spec 461 lacks.

    `SubnetEpochConsensus` (u16 -> bool here) is the switch of a subnet to Null consensus; false is Yuma. Its entry
    is a copy of a map of the same types, whose default is false too, under the new name.
    """
    plain = recorded().plain
    cursor = _Cursor(plain, plain.index(_text(_PALLET) + b"\x01" + _text(_PALLET)) + 2 * len(_text(_PALLET)) + 1)
    before, count = cursor.at, cursor.number()
    body = _entry(plain, _TEMPLATE)
    patched = plain[:before] + _compact(count + 1) + _text(_ADDED) + body + plain[cursor.at :]
    return Metadata(b"\x01" + _compact(len(patched)) + patched)


def _entry(plain: bytes, name: bytes) -> bytes:
    """Return a map's entry after its name: modifier, type, default, documentation."""
    start = plain.index(_text(name)) + len(_text(name))
    cursor = _Cursor(plain, start + 2)  # modifier, and 1 for a map
    cursor.skip_bytes()  # hashers, one byte each
    cursor.number()  # type of the key
    cursor.number()  # type of the value
    cursor.skip_bytes()  # default
    for _ in range(cursor.number()):
        cursor.skip_bytes()  # a line of documentation
    return plain[start : cursor.at]


@dataclass
class _Cursor:
    """A place in SCALE-encoded bytes (polkadot.com, "SCALE codec": compact integers)."""

    data: bytes
    at: int

    def number(self) -> int:
        width = {0: 1, 1: 2, 2: 4}[self.data[self.at] & 3]
        value = int.from_bytes(self.data[self.at : self.at + width], "little") >> 2
        self.at += width
        return value

    def skip_bytes(self) -> None:
        length = self.number()  # which moves on past itself
        self.at += length


def _compact(number: int) -> bytes:
    if number < 1 << 6:
        return (number << 2).to_bytes(1, "little")
    if number < 1 << 14:
        return (number << 2 | 1).to_bytes(2, "little")
    return (number << 2 | 2).to_bytes(4, "little")


def _text(name: bytes) -> bytes:
    return _compact(len(name)) + name
