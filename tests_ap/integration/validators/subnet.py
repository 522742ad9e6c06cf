"""A subnet of real processes: ledger, server and validators that may be killed, and any number of miners."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.client import AdminClient
from conversation_genome.process import bound_socket
from conversation_genome.protocol.signing import Signer
from tests_ap.environment import ROOT
from tests_ap.unit.server.rig import KEY, NETUID

VALIDATOR = "validator"
STAKE = 100.0


class Puppet:
    """A process that does what it is told by lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.pid = 0
        """Of the child that does the work."""

    @classmethod
    async def start(cls, *command: str) -> "Puppet":
        """Start `python -m ...` and wait for its first line."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *command),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        puppet = cls(process)
        await puppet._answer()
        return puppet

    async def tell(self, word: str) -> str:
        """Say a line and return the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())
        return await self._answer()

    async def close(self) -> None:
        """End it, and whatever it started."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.wait()

    async def _answer(self) -> str:
        assert self.process.stdout is not None
        line = (await self.process.stdout.readline()).decode().strip()
        assert line, "the process ended before it answered"
        if line.startswith("started ") and line[8:].isdecimal():
            self.pid = int(line[8:])
        return line


class Subnet:
    """What tests do with it."""

    def __init__(self, folder: Path, *, tempo: int = 20, block_seconds: float = 0.1, rate_limit: int = 1) -> None:
        self.folder = folder
        self.ledger = LocalLedger.create(
            folder / "ledger.sqlite",
            netuid=NETUID,
            tempo=tempo,
            block_seconds=block_seconds,
            weights_rate_limit=rate_limit,
            max_neurons=512,
        )
        with bound_socket("127.0.0.1", 0) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = f"sqlite+aiosqlite:///{folder}/server.sqlite"
        self.puppets: list[Puppet] = []

    @property
    def hotkey(self) -> Hotkey:
        """The first validator's."""
        return Signer.from_uri(f"//{VALIDATOR}").hotkey

    async def server(self) -> Puppet:
        """Start the conversation server; a line kills it and starts it again."""
        command = "tests_ap.integration.server.mortal"
        return self._kept(await Puppet.start(command, str(self.folder), self.database_url, str(self.port)))

    async def miners(self, count: int, prefix: str = "miner") -> Puppet:
        """Start miners in one process."""
        command = "tests_ap.integration.validators.miners"
        return self._kept(await Puppet.start(command, str(self.folder), prefix, str(count)))

    async def validator(self, name: str = VALIDATOR, **settings: Any) -> Puppet:
        """Start a validator."""
        given = json.dumps({"server_url": self.url, "validator_timeout_seconds": 5.0} | settings)
        return self._kept(await Puppet.start("tests_ap.integration.validators.mortal", str(self.folder), name, given))

    def register_validator(self, name: str = VALIDATOR) -> None:
        """Give a validator its permit; before the server starts, which reads the ledger once."""
        self.ledger.register(NETUID, Signer.from_uri(f"//{name}").hotkey, stake=STAKE)

    def admin(self) -> AdminClient:
        """Return the operator's client."""
        return AdminClient(self.url, KEY)

    def log_of(self, name: str = VALIDATOR) -> list[dict[str, Any]]:
        """Return the lines that a validator has logged."""
        lines = (self.folder / f"{name}.log").read_text("utf-8", errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    async def close(self) -> None:
        """End everything."""
        for puppet in reversed(self.puppets):
            await puppet.close()
        self.ledger.close()

    def _kept(self, puppet: Puppet) -> Puppet:
        self.puppets.append(puppet)
        return puppet


@asynccontextmanager
async def subnet(folder: Path, *, miners: int = 6, validators: int = 1, **rules: Any) -> AsyncIterator[Subnet]:
    """Yield a subnet whose server and miners run; its validators are registered, not started."""
    one = Subnet(folder, **rules)
    try:
        for number in range(validators):
            one.register_validator(VALIDATOR if not number else f"{VALIDATOR}-{number}")
        await asyncio.gather(one.server(), one.miners(miners))
        yield one
    finally:
        await one.close()
