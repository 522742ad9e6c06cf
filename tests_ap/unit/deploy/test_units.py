"""The systemd units: systemd itself reads them, and what they start and name is there."""

import configparser
import importlib.util
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Final

from tests_ap.environment import ROOT

FOLDER: Final = ROOT / "deploy/systemd"
UNITS: Final = sorted(FOLDER.glob("*.service"))
INSTALLED: Final = "/opt/conversation-genome"


def section_of(unit: Path, section: str = "Service") -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit, encoding="utf-8")
    return parser[section]


class UnitsTest(unittest.TestCase):
    def test_there_is_one_for_every_role(self) -> None:
        self.assertEqual([unit.stem for unit in UNITS], ["cgp-miner", "cgp-server", "cgp-validator"])

    def test_each_starts_a_module_that_can_be_run(self) -> None:
        for unit in UNITS:
            python, option, module = section_of(unit)["ExecStart"].split()
            self.assertEqual((python, option), (f"{INSTALLED}/.venv/bin/python", "-m"))
            self.assertIsNotNone(importlib.util.find_spec(f"{module}.__main__"))

    def test_none_runs_as_root_or_may_change_the_machine(self) -> None:
        for unit in UNITS:
            service = section_of(unit)
            self.assertEqual((service["User"], service["ProtectSystem"]), ("cgp", "strict"))
            self.assertEqual((service["NoNewPrivileges"], service["CapabilityBoundingSet"]), ("true", ""))

    def test_an_outage_of_minutes_ends_none_for_good_and_a_wrong_setting_does(self) -> None:
        for unit in UNITS:
            service, limits = section_of(unit), section_of(unit, "Unit")
            self.assertEqual((limits["StartLimitIntervalSec"], service["Restart"]), ("0", "on-failure"))
            self.assertEqual(service["RestartPreventExitStatus"], "2")

    def test_each_has_a_folder_and_home_of_its_own_and_sees_no_other(self) -> None:
        for unit in UNITS:
            service, own = section_of(unit), f"/var/lib/conversation-genome/{unit.stem.removeprefix('cgp-')}"
            self.assertIn(f"HOME={own}", service["Environment"].split())
            self.assertEqual((service["WorkingDirectory"], service["BindPaths"]), (own, own))
            hidden = (service["TemporaryFileSystem"], service["ProtectHome"])
            self.assertEqual(hidden, ("/var/lib/conversation-genome:ro", "true"))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed (Debian: systemd)")
    def test_systemd_finds_no_fault(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            for unit in UNITS:
                text = unit.read_text(encoding="utf-8").replace(f"{INSTALLED}/.venv/bin/python", "/bin/true")
                copy = Path(name) / unit.name
                copy.write_text(text, encoding="utf-8")
                command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(copy)]
                ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
                self.assertEqual((ran.returncode, ran.stderr), (0, ""))
