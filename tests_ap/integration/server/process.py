"""The server as a process of its own, on a free port, with a real ledger, wallet and model."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, ClassVar

from conversation_genome.chain.base import Netuid
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.client import AdminClient, ConversationServerClient
from conversation_genome.process import bound_socket
from conversation_genome.protocol.reads import ConversationState
from conversation_genome.protocol.signing import Signer, create_wallet
from conversation_genome.settings import PREFIX, PROJECT_ROOT

NETUID = Netuid(1)
KEY = "the administrator's key"
START_SECONDS = 60.0


class ServerProcess:
    """One server that may be killed and started again on its folder."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        ledger = LocalLedger.create(folder / "ledger.sqlite", netuid=NETUID)
        self.validators = [Signer.from_uri(f"//validator-{number}") for number in range(2)]
        for validator in self.validators:
            ledger.register(NETUID, validator.hotkey, stake=100.0)
        self.hotkey = create_wallet(folder / "wallets", "server", "default").hotkey
        with bound_socket("127.0.0.1", 0) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "netuid": NETUID,
            "ledger_path": folder / "ledger.sqlite",
            "wallet_path": folder / "wallets",
            "wallet_name": "server",
            "models_path": PROJECT_ROOT / "models",
            "server_port": self.port,
            "server_database_url": f"sqlite+aiosqlite:///{folder}/server.sqlite",
            "server_vector_store_path": folder / "vectors",
            "server_dataset_path": folder / "dataset",
            "server_admin_key_sha256": hashlib.sha256(KEY.encode()).hexdigest(),
        } | settings
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        ours = {f"{PREFIX}{name.upper()}": str(value) for name, value in self.settings.items()}
        others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        with (self.folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "conversation_server", *arguments],
                cwd=self.folder,
                env=others | ours | {"PYTHONPATH": str(PROJECT_ROOT), "CGP_STOP_WITH_STDIN": "1"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start(self) -> None:
        self.process = self.command()

    async def ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        async with AdminClient(self.url) as client:
            while not await client.is_ready():
                if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"the server did not start:\n{self.log()}")
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """End the process without any warning."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def stop(self) -> int:
        """Ask the process to stop and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)

    def close(self) -> None:
        if self.process is not None:
            if self.process.poll() is None:
                self.process.kill()
            self.process.wait()
            if self.process.stdin:
                self.process.stdin.close()

    def log(self) -> str:
        return (self.folder / "server.log").read_text("utf-8", errors="replace")

    async def published(self, conversations: int) -> None:
        """Wait until so many conversations are merged and searchable."""
        deadline = time.monotonic() + START_SECONDS
        async with self.admin() as admin:
            while (await admin.stats()).conversations[ConversationState.PUBLISHED] < conversations:
                assert time.monotonic() < deadline, self.log()
                await asyncio.sleep(0.05)

    def validator(self, number: int = 0) -> ConversationServerClient:
        return ConversationServerClient(self.url, self.validators[number], self.hotkey)

    def admin(self) -> AdminClient:
        return AdminClient(self.url, KEY)


@unittest.skipUnless((PROJECT_ROOT / "models").is_dir(), "the embedding model is not set up: run `cgp setup`")
class ProcessCase(unittest.IsolatedAsyncioTestCase):
    """A test with a server process of its own."""

    settings: ClassVar[dict[str, Any]] = {}

    async def asyncSetUp(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.server = ServerProcess(folder, **self.settings)
        self.addCleanup(self.server.close)
        self.server.start()
        await self.server.ready()
