"""The development node: subtensor's JSON-RPC on a loopback websocket, in a thread of the test that runs it.

Blocks are made when a test says so (`advance`), when an extrinsic arrives (`seals_at_once`), or by the clock
(`block_seconds`). Tests prepare subnets through the node's own methods and look through the real SDK.
"""

import asyncio
import itertools
import json
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Self, TypeVar

from bittensor.keyfiles import Keypair
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests_ap.devnet.blocks import SUDO_URI, Block, Blocks
from tests_ap.devnet.metadata import Metadata, in_step_with_the_sdk
from tests_ap.devnet.rpc import Rpc, RpcFailure
from tests_ap.devnet.subnets import RAO, DispatchError, Subnets

T = TypeVar("T")
HOST: Final = "127.0.0.1"
WAIT_SECONDS: Final = 60
INTERNAL_ERROR: Final = -32_603
HEADS: Final = {
    "chain_subscribeNewHeads": "chain_newHead",
    "chain_subscribeNewHead": "chain_newHead",
    "chain_subscribeFinalizedHeads": "chain_finalizedHead",
}
WATCH: Final = "author_submitAndWatchExtrinsic"
_logger = logging.getLogger(__name__)


class DevelopmentNode:
    """One chain with a server that can be stopped, and started again on the same port."""

    def __init__(
        self,
        *,
        metadata: Metadata | None = None,
        port: int = 0,
        block_seconds: float | None = None,
        seals_at_once: bool = True,
    ) -> None:
        self.blocks = Blocks(metadata or in_step_with_the_sdk())
        self.port = port
        self.seals_at_once = seals_at_once
        self.is_losing_submissions = False
        """While it is set, a submission closes its connection and is not taken."""
        self.is_losing_receipts = False
        """While it is set, a submission is taken and its connection closed before anybody is told."""
        self.is_silent = False
        """While it is set, connections and calls are taken and never answered."""
        self.submissions = 0
        """How many extrinsics were sent to this node, lost ones included."""
        self._rpc = Rpc(self.blocks)
        self._block_seconds = block_seconds
        self._numbers = itertools.count(1)
        self._heads: dict[str, tuple[ServerConnection, str]] = {}
        self._watched: dict[str, tuple[ServerConnection, str]] = {}
        self._server: Server | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="development node", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the SDK connects."""
        return f"ws://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def start(self) -> None:
        """Listen; the port stays the same for the life of the node."""
        self._wait(self._start())

    def stop(self) -> None:
        """Drop every connection and listen no more; the chain stays as it is."""
        self._wait(self._stop())

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_SECONDS)
        self._loop.close()

    def advance(self, blocks: int = 1) -> None:
        """Seal so many blocks now."""

        async def seal() -> None:
            for _ in range(blocks):
                await self._seal()

        self._wait(seal())

    def upgrade(self, metadata: Metadata) -> None:
        """Run another runtime from the block on that is sealed now."""

        async def upgrade() -> None:
            self.blocks.upgrade(metadata)
            await self._seal()

        self._wait(upgrade())

    def change(self, act: Callable[[Subnets], T]) -> T:
        """Return what an act on the subnets yields; it counts for the block that is sealed next (in block 0: at once)."""

        async def run() -> T:
            state = self.blocks.state
            state.block = self.blocks.head.number
            return act(self.blocks.subnets)

        return self._wait(run())

    def add_subnet(self, netuid: int, *, tempo: int, **rules: Any) -> None:
        """Open a subnet of Alice's; rules go by the name of their storage item."""

        def add(subnets: Subnets) -> None:
            subnets.add(netuid, Keypair.create_from_uri(SUDO_URI).ss58_address, tempo=tempo)
            for item, value in rules.items():
                subnets.put(item, netuid, value)

        self.change(add)

    def register(self, netuid: int, hotkey: str, stake: float = 0.0) -> int:
        """Return the uid of a hotkey, registered where it is not, with this stake in whole tokens."""

        def register(subnets: Subnets) -> int:
            owner = Keypair.create_from_uri(SUDO_URI).ss58_address
            with suppress(DispatchError):
                subnets.register(netuid, hotkey, owner)
            subnets.set_stake(netuid, hotkey, round(stake * RAO))
            return int(subnets.get("Uids", netuid, hotkey))

        return self.change(register)

    def _wait(self, work: Awaitable[T]) -> T:
        return asyncio.run_coroutine_threadsafe(_awaited(work), self._loop).result(WAIT_SECONDS)

    async def _start(self) -> None:
        self._server = await serve(self._serve, HOST, self.port, max_size=None, compression=None)
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        if self._block_seconds is not None:
            self._ticking = asyncio.create_task(self._tick(self._block_seconds))

    async def _stop(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        if self._server is not None:
            self._server.close()
            for connection in list(self._server.connections):
                connection.transport.abort()
            await self._server.wait_closed()
            self._server = None
        self._heads.clear()
        self._watched.clear()

    async def _tick(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._seal()

    async def _seal(self) -> Block:
        block = self.blocks.seal()
        for extrinsic in block.extrinsics:
            connection, subscription = self._watched.pop(extrinsic.hash, (None, ""))
            if connection is not None:
                for outcome in ("inBlock", "finalized"):
                    await _tell(connection, "author_extrinsicUpdate", subscription, {outcome: block.hash})
        for subscription, (connection, method) in list(self._heads.items()):
            await _tell(connection, method, subscription, block.header())
        return block

    async def _serve(self, connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in connection:
                if self.is_silent:
                    continue
                requests = json.loads(message)
                if isinstance(requests, list):
                    await connection.send(json.dumps([await self._answer(connection, one) for one in requests]))
                else:
                    await connection.send(json.dumps(await self._answer(connection, requests)))
                if self.seals_at_once and self.blocks.has_pending:
                    await self._seal()

    async def _answer(self, connection: ServerConnection, request: dict[str, Any]) -> dict[str, Any]:
        head = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            return {**head, "result": await self._result(connection, request["method"], request.get("params") or [])}
        except RpcFailure as exc:
            return {**head, "error": exc.answer}
        except ConnectionClosed:
            raise
        except Exception as exc:  # the edge of a server: told to the caller, and shown
            _logger.exception("The development node failed at %s", request["method"])
            return {**head, "error": {"code": INTERNAL_ERROR, "message": repr(exc)}}

    async def _result(self, connection: ServerConnection, method: str, given: list[Any]) -> Any:
        if method in HEADS:
            subscription = f"heads-{next(self._numbers)}"
            self._heads[subscription] = (connection, HEADS[method])
            return subscription
        if method.startswith("chain_unsubscribe") or method == "author_unwatchExtrinsic":
            return self._heads.pop(given[0], None) is not None
        if method == WATCH:
            return await self._submit(connection, given[0])
        return self._rpc.call(method, given)

    async def _submit(self, connection: ServerConnection, data: str) -> str:
        self.submissions += 1
        if self.is_losing_submissions:
            await self._lose(connection)
        extrinsic = self._rpc.submit(data)
        if self.is_losing_receipts:
            if self.seals_at_once:
                await self._seal()
            await self._lose(connection)
        subscription = f"extrinsic-{next(self._numbers)}"
        self._watched[extrinsic] = (connection, subscription)
        return subscription

    async def _lose(self, connection: ServerConnection) -> None:
        connection.transport.abort()
        await connection.wait_closed()
        raise ConnectionClosed(None, None)


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def _tell(connection: ServerConnection, method: str, subscription: str, result: Any) -> None:
    parameters = {"subscription": subscription, "result": result}
    with suppress(ConnectionClosed):
        await connection.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": parameters}))
