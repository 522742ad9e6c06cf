"""Subtensor's JSON-RPC, method by method, over the node's blocks; connections and subscriptions live in `node`."""

from collections.abc import Callable
from typing import Any, Final

from tests_ap.devnet.blocks import Block, Blocks
from tests_ap.devnet.extrinsics import InvalidTransactionError
from tests_ap.devnet.runtime_apis import answer

METHOD_NOT_FOUND: Final = -32_601
UNKNOWN_BLOCK: Final = 4_003
INVALID_TRANSACTION: Final = 1_010
Parameters = list[Any]


class RpcFailure(Exception):  # noqa: N818 -- it is an answer, not a fault of ours
    """What the caller gets in place of a result."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.answer = {"code": code, "message": message} | ({"data": data} if data else {})


class Rpc:
    """Answers one request."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._methods: dict[str, Callable[[Parameters], Any]] = {
            "chain_getHead": lambda _: blocks.head.hash,
            "chain_getFinalizedHead": lambda _: blocks.head.hash,
            "chain_getBlockHash": self._block_hash,
            "chain_getHeader": lambda given: self._block(given, 0).header(),
            "chain_getBlock": self._whole_block,
            "state_getRuntimeVersion": self._runtime_version,
            "state_getStorage": lambda given: self._storage(given[0], self._block(given, 1)),
            "state_getStorageAt": lambda given: self._storage(given[0], self._block(given, 1)),
            "state_queryStorageAt": self._many,
            "state_getKeysPaged": lambda given: blocks.state.keys_after(
                given[0], given[2] if len(given) > 2 else None, given[1]
            ),
            "state_call": lambda given: answer(blocks, given[0], given[1], self._block(given, 2).number),
            "account_nextIndex": lambda given: blocks.nonce(given[0]),
            "system_accountNextIndex": lambda given: blocks.nonce(given[0]),
            "system_chain": lambda _: "Bittensor",
            "system_health": lambda _: {"peers": 0, "isSyncing": False, "shouldHavePeers": False},
            "system_properties": lambda _: {"ss58Format": 42, "tokenDecimals": 9, "tokenSymbol": "TAO"},
            "rpc_methods": lambda _: {"methods": sorted(self._methods)},
            "author_submitExtrinsic": lambda given: self.submit(given[0]),
        }

    def call(self, method: str, parameters: Parameters) -> Any:
        """Return the result.

        Raises:
            RpcFailure: If there is no such method, or it refuses.
        """
        known = self._methods.get(method)
        if known is None:
            raise RpcFailure(METHOD_NOT_FOUND, f"Method not found: {method}")
        return known(parameters)

    def submit(self, data: str) -> str:
        """Return the hash of an extrinsic that the pool took.

        Raises:
            RpcFailure: If the pool does not take it.
        """
        try:
            return self._blocks.submit(bytes.fromhex(data.removeprefix("0x"))).hash
        except InvalidTransactionError as exc:
            raise RpcFailure(INVALID_TRANSACTION, "Invalid Transaction", str(exc)) from exc

    def _block(self, given: Parameters, place: int) -> Block:
        name = given[place] if len(given) > place else None
        if name and name not in self._blocks.by_hash:
            raise RpcFailure(UNKNOWN_BLOCK, "Client error: UnknownBlock: Header was not found in the database")
        return self._blocks.by_hash[name] if name else self._blocks.head

    def _block_hash(self, given: Parameters) -> str | None:
        number = given[0] if given and given[0] is not None else self._blocks.head.number
        number = int(number, 16) if isinstance(number, str) else number
        return self._blocks.sealed[number].hash if number <= self._blocks.head.number else None

    def _whole_block(self, given: Parameters) -> dict[str, Any]:
        block = self._block(given, 0)
        extrinsics = ["0x" + extrinsic.data.hex() for extrinsic in block.extrinsics]
        return {"block": {"header": block.header(), "extrinsics": extrinsics}, "justifications": None}

    def _storage(self, key: str, block: Block) -> str | None:
        return self._blocks.state.raw(key, block.number)

    def _many(self, given: Parameters) -> list[dict[str, Any]]:
        block = self._block(given, 1)
        return [{"block": block.hash, "changes": [[key, self._storage(key, block)] for key in given[0]]}]

    def _runtime_version(self, given: Parameters) -> dict[str, Any]:
        runtime = self._blocks.runtime_at(self._block(given, 0).number)
        return {
            "specName": "node-subtensor",
            "implName": "development-node",
            "authoringVersion": 1,
            "specVersion": runtime.spec_version,
            "implVersion": 1,
            "apis": [],
            "transactionVersion": 1,
            "stateVersion": 1,
        }
