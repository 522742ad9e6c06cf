"""A whole validator inside the test, against a real server behind a proxy, real miners and the ledger."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from conversation_genome.chain.admission import Admission
from conversation_genome.chain.base import Chain, Endpoint
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.client import ConversationServerClient
from conversation_genome.client.miners import MinerCaller
from conversation_genome.engines.base import Engine
from conversation_genome.process import bound_socket
from conversation_genome.protocol.reads import ConversationState
from conversation_genome.protocol.signing import MemoryNonceStore, Signer
from conversation_genome.role import WebServer
from conversation_genome.settings import ValidatorSettings
from conversation_genome.testing.embedder import HashEmbedder
from miner.behaviours import Behaviour
from miner.service import MinerService
from tests_ap.integration.validators.proxy import Proxy
from tests_ap.integration.validators.words import WordsEngine, WordsMiner
from tests_ap.unit.server.rig import ALICE, NETUID, SERVER, ServerCase, signer
from validators.__main__ import build
from validators.loop import Validator
from validators.metrics import ValidatorMetrics
from validators.store import load_state

WAIT_SECONDS = 90.0
TEMPO, BLOCK_SECONDS = 10, 0.05


class FaultCase(ServerCase):
    """A test with a validator that leases from a server behind a proxy, and asks miners on loopback."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.pace()
        self.proxy = Proxy(await self.serve(self.app))
        await self.proxy.start()
        self.addAsyncCleanup(self.proxy.close)
        self.admission = Admission(self.ledger, NETUID, max_age_seconds=1e6)
        self.metrics = ValidatorMetrics()
        self.me = ALICE
        self.stop = asyncio.Event()
        self.running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the server, whose leases run by the same clock as the validator."""
        self.clock = time.time  # type: ignore[assignment]
        await super().start()

    def pace(self) -> None:
        """Let epochs pass in half a second."""
        self.ledger = LocalLedger.create(
            self.folder / "ledger.sqlite",
            netuid=NETUID,
            tempo=TEMPO,
            block_seconds=BLOCK_SECONDS,
            weights_rate_limit=1,
        )

    async def serve(self, app: Any, port: int = 0) -> int:
        """Serve an application on loopback until the test ends, and return its port."""
        listener = bound_socket("127.0.0.1", port)
        listener.listen(128)
        server = WebServer(app, stop_seconds=1, takes_signals=False)
        job = asyncio.create_task(server.serve(sockets=[listener]))

        async def end() -> None:
            server.should_exit = True
            await job

        self.addAsyncCleanup(end)
        return int(listener.getsockname()[1])

    async def miners(self, *counts: int) -> list[Signer]:
        """Start honest miners, each with so many words."""
        return [await self.miner(f"miner-{number}", WordsMiner(count)) for number, count in enumerate(counts)]

    async def miner(self, name: str, behaviour: Behaviour) -> Signer:
        """Start a real miner with this behaviour, registered and served."""
        who = signer(name)
        service = MinerService(
            who.hotkey, admission=self.admission, nonces=MemoryNonceStore(), behaviour=behaviour, min_stake=0.0
        )
        self.addCleanup(service.close)
        self.put_on_chain(who, await self.serve(service.app()))
        return who

    def put_on_chain(self, who: Signer, port: int) -> None:
        """Register a hotkey and publish where it serves."""
        ledger = LocalLedger(self.folder / "ledger.sqlite", who.hotkey)
        ledger.register(NETUID, who.hotkey)
        ledger.serve(NETUID, Endpoint(host="127.0.0.1", port=port))
        ledger.close()
        self.admission.refresh()

    async def start_validator(
        self,
        *,
        chain: Chain | None = None,
        engine: Engine | None = None,
        own: Signer | None = None,
        timeout_seconds: float = 2.0,
        **settings: Any,
    ) -> Validator:
        """Start a validator; it is stopped when the test ends."""
        own = own or self.me
        values: dict[str, Any] = {
            "_env_file": None,
            "netuid": NETUID,
            "server_url": f"http://127.0.0.1:{self.proxy.port}",
            "server_hotkey": SERVER.hotkey,
            "validator_state_path": self.folder / "state.json",
            "validator_held_windows": 0,
            "validator_varied_share": 0.0,
            "validator_poll_seconds": 0.05,
            "validator_timeout_seconds": 1.0,
            "validator_stop_seconds": 0.0,
            "validator_conversations_in_flight": 1,
        }
        given = ValidatorSettings(**(values | settings))
        server = ConversationServerClient(given.server_url, own, SERVER.hotkey, timeout_seconds=timeout_seconds)
        caller = MinerCaller(own)
        self.addAsyncCleanup(server.aclose)
        self.addAsyncCleanup(caller.aclose)
        ledger = chain or LocalLedger(self.folder / "ledger.sqlite", own.hotkey)
        validator = build(
            given, own.hotkey, server, caller, self.metrics, ledger, HashEmbedder(), engine or WordsEngine()
        )
        self.stop = asyncio.Event()
        self.running = asyncio.create_task(validator.run(self.stop))
        self.addAsyncCleanup(self.stopped)
        return validator

    async def stopped(self) -> None:
        """Stop the validator, as SIGTERM would."""
        self.stop.set()
        if self.running is not None:
            await self.running
            self.running = None

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not await condition():  # noqa: ASYNC110 - what is waited for is anything a test can see
                await asyncio.sleep(0.02)

    async def until_published(self, count: int = 1) -> None:
        """Wait until so many conversations are graded and merged."""

        async def are_published() -> bool:
            return (await self.admin.stats()).conversations[ConversationState.PUBLISHED] >= count

        await self.until(are_published)

    async def until_logged(self, event: str) -> dict[str, Any]:
        """Return the first line of the log with this event, as soon as there is one."""

        async def is_there() -> bool:
            return bool(self.logged(event))

        await self.until(is_there)
        return self.logged(event)[0]

    async def until_weighed(self) -> None:
        """Wait until weights stand."""

        async def stand() -> bool:
            return bool(self.weights())

        await self.until(stand)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of the log with this event."""
        return [dict(line) for line in self.log if line["event"] == event]

    def weights(self) -> dict[str, float]:
        """Return the validator's weights on the ledger, by hotkey."""
        return dict(self.ledger.weights(NETUID).get(self.me.hotkey, {}))

    def samples(self) -> set[int]:
        """Return of how many windows the miners' averages are made."""
        return {one.samples for one in load_state(self.folder / "state.json").averages.by_hotkey.values()}
