"""run_testnet.sh and run_mainnet.sh: the check comes first and sees what the role will be told; mainnet asks."""

import contextlib
import os
import pty
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from tests_ap.environment import ROOT, settings_of

PYTHON = """#!/usr/bin/env bash
echo "$CGP_SUBTENSOR_NETWORK/$CGP_NETUID wallet=${CGP_WALLET_NAME:-}/${CGP_WALLET_HOTKEY:-}: $*"
case "$*" in *preflight* | *"config check"*) exit "${CHECK_EXIT:-0}" ;; esac
"""


class StartRole(unittest.TestCase):
    """A copy of the scripts, with a Python that prints what it is asked to run."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="start role ")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        (self.root / "tools").mkdir()
        (self.root / ".venv/bin").mkdir(parents=True)
        for name in ("run_testnet.sh", "run_mainnet.sh", "tools/start_role.sh"):
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "tools/setup_environment.sh").write_text("echo set up\n", encoding="utf-8")
        python = self.root / ".venv/bin/python"
        python.write_text(PYTHON, encoding="utf-8")
        python.chmod(0o755)

    def start(self, script: str, *arguments: str, check_exit: int = 0) -> tuple[int, list[str]]:
        with settings_of(CHECK_EXIT=str(check_exit)):
            done = subprocess.run(
                ["bash", str(self.root / script), *arguments],
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        return done.returncode, (done.stdout + done.stderr).splitlines()

    def answer(self, script: str, *arguments: str, answer: str) -> tuple[int, list[str]]:
        """Run a script on a terminal of its own, and type an answer to what it asks."""
        ours, theirs = pty.openpty()
        with settings_of(), os.fdopen(ours, "r+b", buffering=0) as screen:
            process = subprocess.Popen(
                ["bash", str(self.root / script), *arguments], cwd="/", stdin=theirs, stdout=theirs, stderr=theirs
            )
            os.close(theirs)
            screen.write(f"{answer}\n".encode())
            shown = b""
            with contextlib.suppress(OSError):  # what Linux says once nobody holds the other end
                while part := screen.read(4096):
                    shown += part
            return process.wait(30), shown.decode().strip().splitlines()

    def test_a_role_starts_after_its_check_on_the_network_of_the_script(self) -> None:
        code, lines = self.start("run_testnet.sh", "miner", "--axon.port", "8091")
        check = "test/138 wallet=/: -m conversation_genome preflight miner"
        self.assertEqual((code, lines), (0, ["set up", check, "test/138 wallet=/: -m miner --axon.port 8091"]))

    def test_on_mainnet_a_role_starts_without_a_question_where_yes_is_said_before(self) -> None:
        code, lines = self.start("run_mainnet.sh", "miner", "--yes")
        self.assertEqual((code, lines[-1]), (0, "finney/33 wallet=/: -m miner"))

    def test_on_mainnet_a_role_is_not_started_where_nobody_can_be_asked(self) -> None:
        code, lines = self.start("run_mainnet.sh", "miner")
        self.assertEqual((code, lines[-1][-9:]), (2, "add --yes"))
        self.assertNotIn("-m miner", "\n".join(lines))

    def test_on_mainnet_it_is_asked_once_and_only_yes_starts_the_role(self) -> None:
        for answer, code, last in (
            ("y", 0, "-m miner"),
            ("yes", 0, "-m miner"),
            ("n", 1, "not started"),
            ("", 1, "not started"),
        ):
            with self.subTest(answer):
                got, shown = self.answer("run_mainnet.sh", "miner", answer=answer)
                self.assertEqual((got, shown[-1].endswith(last)), (code, True), shown)
                self.assertEqual("\n".join(shown).count("[y/N]"), 1)

    def test_a_dry_run_on_mainnet_asks_nothing(self) -> None:
        code, lines = self.start("run_mainnet.sh", "miner", "--dry-run")
        self.assertEqual((code, len(lines)), (0, 2))

    def test_a_node_of_ones_own_takes_the_place_of_the_public_ones(self) -> None:
        _, lines = self.start("run_testnet.sh", "miner", "--subtensor.network", "ws://127.0.0.1:9944", "--netuid=7")
        self.assertTrue(lines[1].startswith("ws://127.0.0.1:9944/7 "), lines)

    def test_the_check_sees_the_flags_of_the_role(self) -> None:
        _, lines = self.start("run_testnet.sh", "validator", "--wallet.name", "my wallet", "--wallet.hotkey=hot")
        self.assertEqual(lines[1], "test/138 wallet=my wallet/hot: -m conversation_genome preflight validator")

    def test_a_faulty_configuration_starts_nothing(self) -> None:
        code, lines = self.start("run_testnet.sh", "server", check_exit=2)
        self.assertEqual((code, len(lines)), (2, 2))

    def test_a_dry_run_stops_after_the_check(self) -> None:
        code, lines = self.start("run_testnet.sh", "server", "--dry-run")
        self.assertEqual((code, len(lines)), (0, 2))

    def test_without_a_role_everything_is_checked_and_the_roles_are_named(self) -> None:
        code, lines = self.start("run_testnet.sh")
        self.assertEqual((code, lines[1]), (2, "test/138 wallet=/: -m conversation_genome config check"))
        self.assertIn("miner|validator|server", lines[2])

    def test_an_unknown_role_is_refused_before_anything_is_done(self) -> None:
        code, lines = self.start("run_testnet.sh", "observer")
        self.assertEqual((code, lines[0]), (2, "run_testnet.sh: observer is no role"))


if __name__ == "__main__":
    unittest.main()
