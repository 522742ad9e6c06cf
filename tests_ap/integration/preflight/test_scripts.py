"""run_testnet.sh and run_mainnet.sh as they are, on a development node: checked, then really started."""

import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

from conversation_genome.chain.base import Endpoint, Netuid
from conversation_genome.chain.bittensor import BittensorChain
from tests_ap.environment import ROOT, settings_of
from tests_ap.integration.chain.sdk import NETUID
from tests_ap.integration.preflight.stage import PreflightTestCase, free_port

SECONDS = 60.0


class Scripts(PreflightTestCase):
    """The scripts in a copy of their folder whose `.venv` is the Python of this test: nothing is installed."""

    def setUp(self) -> None:
        super().setUp()
        self.root = self.folder / "project"
        (self.root / "tools").mkdir(parents=True)
        (self.root / ".venv/bin").mkdir(parents=True)
        for name in ("run_testnet.sh", "run_mainnet.sh", "tools/start_role.sh"):
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "tools/setup_environment.sh").touch()
        python = self.root / ".venv/bin/python"
        python.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        self.port = free_port()

    def start(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        own = self.settings(models_path=str(ROOT / "models"))
        flags = ["--subtensor.network", self.node.url, "--netuid", str(NETUID), "--axon.port", str(self.port)]
        with settings_of(**own):
            return subprocess.Popen(
                ["bash", str(self.root / script), "miner", *flags, *arguments],
                cwd="/",
                env=os.environ.copy(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def ended(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        told, _ = process.communicate(timeout=SECONDS)
        return process.returncode, told

    def test_a_role_that_cannot_work_is_not_started(self) -> None:
        code, told = self.ended(self.start("run_testnet.sh"))
        self.assertEqual(code, 2, told)
        self.assertIn("1 to mend for miner on ws://127.0.0.1", told)
        self.assertIn("is not registered on subnet 33", told)

    def test_a_miner_is_checked_and_started_and_publishes_where_it_serves(self) -> None:
        self.register()
        code, told = self.ended(self.start("run_mainnet.sh", "--dry-run"))
        self.assertEqual((code, "ready: nothing to mend" in told), (0, True), told)
        process = self.start("run_mainnet.sh", "--yes")
        try:
            self.assertEqual(self.published(process), Endpoint(host="127.0.0.1", port=self.port))
            process.send_signal(signal.SIGTERM)
            code, told = self.ended(process)
        finally:
            process.kill()
        self.assertEqual(code, 0, told)
        self.assertNotIn("Traceback", told)

    def published(self, process: subprocess.Popen[str]) -> Endpoint | None:
        chain = BittensorChain(self.node.url)
        self.addCleanup(chain.close)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            endpoint = chain.metagraph(Netuid(NETUID)).by_hotkey[self.signer.hotkey].endpoint
            if endpoint is not None:
                return endpoint
            time.sleep(0.1)
        return None


if __name__ == "__main__":
    unittest.main()
