"""The development node's chain of blocks: a pool of signed extrinsics, dispatched and sealed in order; one fork alone."""

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any, Final

from bittensor.keyfiles import Keypair

from tests_ap.devnet.calls import Calls
from tests_ap.devnet.extrinsics import Extrinsic, InvalidTransactionError, checked
from tests_ap.devnet.metadata import SPEC_VERSION, Metadata
from tests_ap.devnet.state import PALLET, State
from tests_ap.devnet.subnets import DispatchError, Subnets

SUDO_URI: Final = "//Alice"
_INFO: Final = {"weight": {"ref_time": 1, "proof_size": 1}, "class": "Normal", "pays_fee": "Yes"}


@dataclass(frozen=True)
class Block:
    """A sealed block; every block is final at once."""

    number: int
    hash: str
    parent: str
    extrinsics: tuple[Extrinsic, ...]

    def header(self) -> dict[str, Any]:
        """Return the header as JSON-RPC tells it."""
        empty = "0x" + "00" * 32
        return {
            "parentHash": self.parent,
            "number": hex(self.number),
            "stateRoot": empty,
            "extrinsicsRoot": empty,
            "digest": {"logs": []},
        }


@dataclass(frozen=True)
class Runtime:
    """What a chain runs from one block on."""

    first_block: int
    metadata: Metadata
    spec_version: int


class Blocks:
    """The state machine: submit, seal, look back."""

    def __init__(self, metadata: Metadata) -> None:
        self.runtimes = [Runtime(0, metadata, SPEC_VERSION)]
        self.state = State(metadata)
        self.subnets = Subnets(self.state)
        self.sealed: list[Block] = []
        self.by_hash: dict[str, Block] = {}
        self.clock_lag_seconds = 0.0
        """How far the time of new blocks lies behind the clock: a node that hangs."""
        self._calls = Calls(self.state, self.subnets)
        self._pool: list[Extrinsic] = []
        self._nonces: dict[str, int] = {}
        self._errors = {
            (pallet.name, error.name): (pallet.index, error.index)
            for pallet in self.state.codec.metadata_ir().pallets
            for error in pallet.errors
        }
        self.state.put("Key", [], Keypair.create_from_uri(SUDO_URI).ss58_address, pallet="Sudo")
        self._close([], [])

    @property
    def head(self) -> Block:
        """The last block."""
        return self.sealed[-1]

    @property
    def has_pending(self) -> bool:
        """Whether extrinsics wait for a block."""
        return bool(self._pool)

    def nonce(self, account: str) -> int:
        """Return the next nonce of an account, its extrinsics in the pool included."""
        return self._nonces.get(account, 0)

    def submit(self, data: bytes) -> Extrinsic:
        """Return the extrinsic, now in the pool.

        Raises:
            InvalidTransactionError: If the pool does not take it.
        """
        extrinsic = checked(
            data, self.state.codec, block=self.head.number, hash_of=lambda number: self.sealed[number].hash
        )
        if extrinsic.nonce != self.nonce(extrinsic.sender):
            raise InvalidTransactionError("Transaction is outdated")
        self._nonces[extrinsic.sender] = extrinsic.nonce + 1
        self._pool.append(extrinsic)
        return extrinsic

    def upgrade(self, metadata: Metadata) -> None:
        """Run another runtime, of the next spec version, from the next block on."""
        runtime = Runtime(self.head.number + 1, metadata, self.runtimes[-1].spec_version + 1)
        self.runtimes.append(runtime)
        self.state.use(metadata, runtime.spec_version)

    def runtime_at(self, block: int) -> Runtime:
        """Return what ran at a block."""
        return next(runtime for runtime in reversed(self.runtimes) if runtime.first_block <= block)

    def seal(self) -> Block:
        """Make the next block of what is in the pool."""
        self.state.block = self.head.number + 1
        alive = [one for one in self._pool if one.last_block is None or one.last_block >= self.state.block]
        taken, self._pool = alive, []
        events = [self._dispatch(place, extrinsic) for place, extrinsic in enumerate(taken)]
        self.subnets.run_due_epochs()
        return self._close(taken, events)

    def _dispatch(self, place: int, extrinsic: Extrinsic) -> dict[str, Any]:
        outcome: dict[str, Any] = {"ExtrinsicSuccess": {"dispatch_info": _INFO}}
        try:
            self._calls.dispatch(extrinsic.sender, extrinsic.call)
        except DispatchError as exc:
            outcome = {"ExtrinsicFailed": {"dispatch_error": {"Module": self._error(str(exc))}, "dispatch_info": _INFO}}
        return {"phase": {"ApplyExtrinsic": place}, "event": {"System": outcome}, "topics": []}

    def _error(self, name: str) -> dict[str, Any]:
        pallet, _, error = name.rpartition(".")
        index, number = self._errors[pallet or PALLET, error]
        return {"index": index, "error": f"0x{number:02x}000000"}

    def _close(self, extrinsics: list[Extrinsic], events: list[dict[str, Any]]) -> Block:
        number = self.state.block
        parent = self.head.hash if self.sealed else self.runtimes[0].metadata.genesis
        content = json.dumps([parent, number, [extrinsic.hash for extrinsic in extrinsics]])
        block_hash = "0x" + hashlib.blake2b(content.encode(), digest_size=32).hexdigest()
        block = Block(number, block_hash, parent, tuple(extrinsics))
        self.state.put("Number", [], number, pallet="System")
        self.state.put("Events", [], events, pallet="System")
        self.state.put("Now", [], int((time.time() - self.clock_lag_seconds) * 1000), pallet="Timestamp")
        self.sealed.append(block)
        self.by_hash[block.hash] = block
        return block
