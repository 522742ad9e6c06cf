"""The pages on running a role tell the truth: each command that can be run here is run, the others are known to their program."""

import re
import shlex
import shutil
import subprocess
import unittest
from collections.abc import Iterator
from typing import Any

import typer.main
import yaml
from bittensor.cli.main import app

from conversation_genome.configuration.catalogue import catalogue
from conversation_genome.configuration.sources import OTHER_NAMES
from conversation_genome.preflight.checking import check_role
from conversation_genome.protocol.signing import create_wallet
from conversation_genome.settings import ROLES, ValidatorSettings
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
        known = {entry.name for entry in catalogue()} | set(OTHER_NAMES)
        for page in PAGES:
            text = (ROOT / f"docs/how-to/{page}.md").read_text(encoding="utf-8")
            self.assertEqual(set(re.findall(r"CGP_[A-Z0-9_]+[A-Z0-9]", text)) - known, set(), page)

    def test_the_check_sees_what_btcli_does_not_have(self) -> None:
        for line in ("wallet invent", "wallet create --wallet-name x", "subnet register --net 1"):
            self.assertTrue(btcli_fault(line.split()), line)

    def test_a_reload_by_systemd_is_one_of_its_unit(self) -> None:
        self.assertIn("ExecReload=/bin/kill -HUP $MAINPID", (ROOT / "deploy/systemd/cgp-miner.service").read_text())


class Pm2(unittest.TestCase):
    def started(self, page: str) -> list[list[str]]:
        lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
        return [shlex.split(line) for line in lines if line.strip().startswith("pm2 start ")]

    def test_the_lines_of_the_readme_name_what_a_role_cannot_guess(self) -> None:
        miner, validator = self.started("README.md")
        self.assertLessEqual({"--axon.external_ip", "--stop-exit-codes"}, set(miner))
        self.assertLessEqual({"--server.url", "--server.hotkey", "--stop-exit-codes"}, set(validator))

    def test_pm2_waits_for_a_validator_to_give_back_what_it_holds(self) -> None:
        stop_seconds = ValidatorSettings.model_fields["validator_stop_seconds"].default
        found = [
            words
            for page in ("README.md", "docs/how-to/run-on-mainnet.md")
            for words in self.started(page)
            if "validator" in " ".join(words)
        ]
        self.assertEqual(len(found), 2)
        for words in found:
            self.assertGreater(int(words[words.index("--kill-timeout") + 1]) / 1000, stop_seconds)


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
    """Each line that starts a role is run as it is written, up to the checks, on a development node in place of the public ones.

    The script's Python writes down what it is told, and the checks run here: `test_scripts` runs both together.
    """

    def setUp(self) -> None:
        super().setUp()
        self.root = self.folder / "project"
        (self.root / "tools").mkdir(parents=True)
        (self.root / ".venv/bin").mkdir(parents=True)
        for name in ("run_testnet.sh", "run_mainnet.sh", "tools/start_role.sh"):
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "tools/setup_environment.sh").touch()
        python = self.root / ".venv/bin/python"
        python.write_text("#!/bin/sh\nenv\n", encoding="utf-8")
        python.chmod(0o755)
        for name, stake in (("validator", 100.0), ("miner", 0.0)):
            self.node.register(NETUID, create_wallet(self.folder / "wallets", "mine", name).hotkey, stake)

    def told(self, words: list[str], server: str) -> dict[str, str]:
        """Return the settings with which a line has a role checked."""
        settings = self.settings(wallet_name="mine", wallet_hotkey=words[1], server_url=server)
        own = {name: value for name, value in settings.items() if name not in ("CGP_SUBTENSOR_NETWORK", "CGP_NETUID")}
        here = ["--subtensor.network", self.node.url, "--netuid", str(NETUID), "--axon.port", str(free_port())]
        command = ["bash", str(self.root / words[0]), *words[1:], *here, "--dry-run"]
        with settings_of(**own):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [line for line in done.stdout.splitlines() if line.startswith("CGP_")]
        return dict(line.split("=", 1) for line in lines)

    def test_every_line_that_starts_a_role_finds_nothing_to_mend_where_there_is_nothing(self) -> None:
        lines = {shlex.join(found): found for page in PAGES for words in commands(page) if (found := started(words))}
        self.assertGreaterEqual(len(lines), 5)
        with pretended_server() as server:
            for line, words in lines.items():
                told = self.told(words, server)
                with self.subTest(line), settings_of(**told):
                    report = check_role(words[1])
                    self.assert_ready(report)
                    self.assertEqual((report.network, report.netuid), (self.node.url, NETUID))


class Remedies(PreflightTestCase):
    """The commands that a fault names are ones that btcli has."""

    def test_every_btcli_command_of_a_fault_is_known_to_btcli(self) -> None:
        self.node.register(NETUID, create_wallet(self.folder / "wallets", "cold", "rich").hotkey, 500.0)
        reports = [self.check("miner"), self.check("miner", wallet_name="absent")]
        self.register(1.0)
        reports.append(self.check("validator", server_url="http://127.0.0.1:9"))
        told = "\n".join(str(fault) for report in reports for fault in report.faults)
        remedies = re.findall(r"`btcli ([^`]+)`", told)
        remedies.append("wallet regen-hotkey --overwrite --wallet cold --wallet-hotkey hot")  # of an encrypted one
        self.assertGreaterEqual(len(remedies), 4, told)
        self.assertEqual([one for one in remedies if btcli_fault(shlex.split(one))], [])


if __name__ == "__main__":
    unittest.main()
