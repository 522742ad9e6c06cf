"""The containers of deploy/docker, started: a conversation goes in, is mined, graded and found, and all stop in good order.

A Docker engine runs them, from the image as it was built last: `docker compose --file deploy/docker/compose.yaml build`
before, since that takes minutes and the package index. The chain is a ledger that the three roles share.
"""

import functools
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import ClassVar, Final

from conversation_genome.chain.base import Netuid
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.protocol.signing import create_wallet
from tests_ap.environment import ROOT
from tests_ap.examples import EXAMPLES

COMPOSE: Final = ROOT / "deploy/docker/compose.yaml"
IMAGES: Final = ("conversation-genome", "postgres:17-bookworm")
ROLES: Final = ("server", "validator", "miner")
NETUID: Final = Netuid(1)
KEY: Final = "of-this-test-alone"
OWN_UID: Final = os.getuid() or 10_001
"""The roles run as whoever owns the wallets, and never as root."""
LEDGER: Final = """
x-chain: &chain
  environment: {CGP_LEDGER_PATH: /ledger/ledger.sqlite}
  volumes: ["%s:/ledger"]
services:
  server: *chain
  validator: *chain
  miner:
    <<: *chain
    ports: !reset []
"""
WAIT_SECONDS: Final = 180


@functools.cache
def why_not() -> str:
    """Return what is missing to start containers, or nothing."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    for command, reason in (
        (["info", "--format", "{{.ServerVersion}}"], "no Docker engine answers"),
        (["compose", "version"], "docker has no compose"),
        (["image", "inspect", *IMAGES], f"the images {IMAGES} are not all here; build and pull them first"),
    ):
        if subprocess.run(["docker", *command], capture_output=True, check=False, timeout=60).returncode:
            return reason
    return ""


@unittest.skipIf(why_not(), why_not())
class ContainersTest(unittest.TestCase):
    """One run of all four; the tests look at it, and the last one stops it."""

    folder: ClassVar[Path]
    project: ClassVar[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.project = f"cgp-test-{os.getpid()}"
        cls.prepare()
        cls.addClassCleanup(cls.compose, "down", "--volumes", "--timeout", "5")
        cls.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", str(WAIT_SECONDS))

    @classmethod
    def prepare(cls) -> None:
        """Write wallets, a ledger on which they are registered, and the settings."""
        hotkeys = {role: create_wallet(cls.folder / "wallets", role, "default").hotkey for role in ROLES}
        (cls.folder / "ledger").mkdir()
        path = cls.folder / "ledger/ledger.sqlite"
        ledger = LocalLedger.create(path, netuid=NETUID, tempo=10, block_seconds=0.5)
        ledger.register(NETUID, hotkeys["validator"], stake=1_000.0)
        ledger.register(NETUID, hotkeys["miner"])
        ledger.close()
        for found in (cls.folder, *cls.folder.rglob("*")):
            os.chown(found, OWN_UID, -1)
        (cls.folder / "ledger.yaml").write_text(LEDGER % path.parent, encoding="utf-8")
        settings = {
            "POSTGRES_PASSWORD": "oftestsalone",
            "WALLETS": cls.folder / "wallets",
            "ROLE_UID": OWN_UID,
            "ROLE_GID": OWN_UID,
            "SERVER_HOTKEY": hotkeys["server"],
            "SERVER_ADDRESS": "127.0.0.1:0",
            "ADMIN_KEY_SHA256": hashlib.sha256(KEY.encode()).hexdigest(),
            "MINER_EXTERNAL_HOST": "miner",
            "SUBTENSOR_NETWORK": "local",
            "NETUID": NETUID,
        }
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        (cls.folder / "settings.env").write_text(lines, encoding="utf-8")

    @classmethod
    def compose(cls, *words: str) -> str:
        files = ("--file", str(COMPOSE), "--file", str(cls.folder / "ledger.yaml"))
        place = ("--project-name", cls.project, "--env-file", str(cls.folder / "settings.env"), *files)
        ran = subprocess.run(
            ["docker", "compose", *place, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{words}: {ran.stderr}"
        return ran.stdout

    def cgp(self, *words: str) -> str:
        """Return what a verb prints inside the network of the containers."""
        options = ("--rm", "--no-deps", "--env", f"CGP_API_KEY={KEY}", "--volume", f"{EXAMPLES}:/in:ro")
        return self.compose("run", *options, "server", "conversation_genome", *words)

    def test_1_a_conversation_that_goes_in_is_mined_graded_and_found(self) -> None:
        self.cgp("import", "/in/chat-antarctic-night-shift.txt", "--to", "http://server:8000")
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := self.hits()):
            self.assertLess(time.monotonic(), deadline, self.compose("logs", "--tail", "20"))
            time.sleep(1)
        self.assertTrue(found[0]["conversation_id"].startswith("chat-antarctic-night-shift"), found)

    def hits(self) -> list[dict[str, str]]:
        answer = json.loads(self.cgp("search", "penguin generator", "--server", "http://server:8000", "--json"))
        hits: list[dict[str, str]] = answer["hits"]
        return hits

    def test_2_no_role_is_root_or_may_write_but_into_its_folder(self) -> None:
        for role in ROLES:
            told = self.compose(
                "exec", "-T", role, "sh", "-c", "id -u; touch /app/x /x 2>&1; touch /data/x && echo data"
            )
            self.assertEqual((told.split()[0], told.count("Read-only"), told.split()[-1]), (str(OWN_UID), 2, "data"))

    def test_3_each_sees_its_own_hotkey_and_no_other(self) -> None:
        for role in ROLES:
            told = self.compose("exec", "-T", role, "find", "/wallets", "-type", "f")
            self.assertEqual(told.split(), [f"/wallets/{role}/hotkeys/default"])

    def test_4_all_stop_in_good_order(self) -> None:
        self.compose("stop")
        states = [json.loads(line) for line in self.compose("ps", "--all", "--format", "json").splitlines()]
        self.assertEqual(
            {state["Service"]: state["ExitCode"] for state in states}, dict.fromkeys([*ROLES, "postgres"], 0)
        )


if __name__ == "__main__":
    unittest.main()
