"""The pages on running a role tell the truth: each command that can be run here is run, the others are known to their program."""

import re
import shlex
import shutil
import subprocess
import sys
import unittest
from collections.abc import Iterator
from typing import Any

import typer.main
import yaml
from bittensor.cli.main import app

from conversation_genome.configuration.catalogue import catalogue
from conversation_genome.protocol.signing import create_wallet
from conversation_genome.settings import ROLES
from tests_ap.environment import ROOT, settings_of
from tests_ap.integration.chain.sdk import NETUID
from tests_ap.integration.preflight.stage import PreflightTestCase, free_port, pretended_server

PAGES = (
    "run-on-testnet",
    "run-on-mainnet",
    "register-a-miner",
    "run-a-validator",
    "run-the-server",
    "run-with-docker",
    "run-with-systemd",
)
FENCE = re.compile(r"^ *```[a-z]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
BTCLI: Any = typer.main.get_command(app)
SECONDS = 60.0


def commands(page: str) -> Iterator[list[str]]:
    """Yield the words of every line in a page's fences, and of every command within its text."""
    text = (ROOT / f"docs/how-to/{page}.md").read_text(encoding="utf-8")
    fenced = [line.strip() for block in FENCE.findall(text) for line in block.splitlines()]
    for line in [*fenced, *INLINE.findall(FENCE.sub("", text))]:
        words = shlex.split(line) if line.startswith(("bash ", "btcli ", "pm2 ", "curl ", "cgp ")) else []
        if words:
            yield words


def btcli_fault(words: list[str]) -> str:
    command = BTCLI
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    if getattr(command, "commands", {}):
        return f"no command {words[:1]}"
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    unknown = [word for word in words if word.startswith("--") and word not in known]
    return f"no option {unknown}" if unknown else ""


def started(words: list[str]) -> list[str] | None:
    """Return the script and arguments of a line that starts a role, by bash or under pm2."""
    if words[0] == "bash" and words[1].startswith(("run_testnet", "run_mainnet")):
        return words[1:]
    return [words[2], *words[words.index("--") + 1 :]] if words[:2] == ["pm2", "start"] else None


class Pages(unittest.TestCase):
    def test_every_btcli_command_and_option_is_known_to_btcli(self) -> None:
        shown = [(page, words) for page in PAGES for words in commands(page) if words[0] == "btcli"]
        faults = [
            f"{page}: {shlex.join(words)}: {btcli_fault(words[1:])}" for page, words in shown if btcli_fault(words[1:])
        ]
        self.assertEqual((faults, len(shown) >= 5), ([], True))

    def test_every_setting_that_is_named_is_one(self) -> None:
        known = {entry.name for entry in catalogue()}
        for page in PAGES:
            text = (ROOT / f"docs/how-to/{page}.md").read_text(encoding="utf-8")
            self.assertEqual(set(re.findall(r"CGP_[A-Z0-9_]+[A-Z0-9]", text)) - known, set(), page)

    def test_the_check_sees_what_btcli_does_not_have(self) -> None:
        for line in ("wallet invent", "wallet create --wallet-name x", "subnet register --net 1"):
            self.assertTrue(btcli_fault(line.split()), line)

    def test_a_reload_by_systemd_is_one_of_its_unit(self) -> None:
        self.assertIn("ExecReload=/bin/kill -HUP $MAINPID", (ROOT / "deploy/systemd/cgp-miner.service").read_text())


class MinimumOfCompute(unittest.TestCase):
    def setUp(self) -> None:
        self.spec = yaml.safe_load((ROOT / "min_compute.yml").read_text(encoding="utf-8"))["compute_spec"]

    def test_every_role_has_an_entry_and_none_needs_a_gpu(self) -> None:
        self.assertEqual(set(self.spec), set(ROLES))
        self.assertEqual({one["ask_for"]["gpu"]["required"] for one in self.spec.values()}, {False})

    def test_what_is_called_measured_stands_in_the_results(self) -> None:
        results = (ROOT / "benchmarks/roles/RESULTS.md").read_text(encoding="utf-8")
        for role, one in self.spec.items():
            self.assertIn(f"| {one['measured']['peak_memory_mb']} |", results, role)


class Lines(PreflightTestCase):
    """Each line that starts a role is run as it is written, up to the start, on a development node in place of the public ones."""

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
        for name, stake in (("validator", 100.0), ("miner", 0.0)):
            self.node.register(NETUID, create_wallet(self.folder / "wallets", "mine", name).hotkey, stake)

    def run_line(self, words: list[str], server: str) -> subprocess.CompletedProcess[str]:
        role = words[1]
        settings = self.settings(
            wallet_name="mine", wallet_hotkey=role, server_url=server, models_path=str(ROOT / "models")
        )
        own = {name: value for name, value in settings.items() if name not in ("CGP_SUBTENSOR_NETWORK", "CGP_NETUID")}
        here = [
            "--subtensor.network",
            self.node.url,
            "--netuid",
            str(NETUID),
            "--axon.port",
            str(free_port()),
            "--dry-run",
        ]
        with settings_of(**own):
            return subprocess.run(
                ["bash", str(self.root / words[0]), *words[1:], *here],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=SECONDS,
            )  # fmt: skip

    def test_every_line_that_starts_a_role_finds_nothing_to_mend_where_there_is_nothing(self) -> None:
        lines = {shlex.join(found): found for page in PAGES for words in commands(page) if (found := started(words))}
        self.assertGreaterEqual(len(lines), 5)
        with pretended_server() as server:
            for line, words in lines.items():
                with self.subTest(line):
                    done = self.run_line(words, server)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    self.assertIn(f"ready: nothing to mend for {words[1]} on ws://127.0.0.1", done.stdout)


if __name__ == "__main__":
    unittest.main()
