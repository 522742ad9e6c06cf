"""`cgp config` as a user runs it."""

import json
import shutil
import tempfile
import unittest
from pathlib import Path

from tests_ap.environment import ROOT, run_python

CGP = ("-m", "conversation_genome")


class ConfigCommand(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_the_copied_example_names_what_is_missing_and_exits_with_2(self) -> None:
        shutil.copy(ROOT / "example.env", self.folder / ".env")
        done = run_python(*CGP, "config", "check", cwd=self.folder, variables={"HOME": str(self.folder)})
        print(f"\n{done.stdout}")
        self.assertEqual(done.returncode, 2)
        for name in ("CGP_WALLET_NAME names a wallet that is not there", "CGP_SERVER_HOTKEY is empty"):
            self.assertIn(name, done.stdout)
        self.assertNotIn("is no setting", done.stdout)
        self.assertNotIn("Input should", done.stdout)

    def test_json_holds_every_fault_of_one_role(self) -> None:
        variables = {"CGP_MINER_PORT": "x", "CGP_MINER_PROT": "1", "HOME": str(self.folder)}
        done = run_python(*CGP, "config", "check", "miner", "--json", cwd=self.folder, variables=variables)
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, report["is_ready"], report["roles"]), (2, False, ["miner"]))
        self.assertEqual([fault["setting"] for fault in report["unreadable"]], ["CGP_MINER_PROT", "CGP_MINER_PORT"])

    def test_an_unknown_role_gets_one_sentence_and_exit_code_2(self) -> None:
        done = run_python(*CGP, "config", "check", "observer", cwd=self.folder)
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (2, 1), done.stdout)

    def test_the_example_and_the_reference_that_ship_are_the_ones_that_are_printed(self) -> None:
        for verb, file in (("example", "example.env"), ("reference", "docs/reference/settings.md")):
            with self.subTest(file):
                printed = run_python(*CGP, "config", verb, cwd=self.folder).stdout
                remedy = f"run: cgp config {verb} > {file}"
                self.assertEqual(printed, (ROOT / file).read_text(encoding="utf-8"), remedy)

    def test_each_setting_of_the_example_stands_under_its_comment(self) -> None:
        lines = (ROOT / "example.env").read_text(encoding="utf-8").splitlines()
        settings = [number for number, line in enumerate(lines) if line.startswith("CGP_")]
        self.assertGreater(len(settings), 30)
        self.assertEqual([lines[number] for number in settings if not lines[number - 1].startswith("# ")], [])


if __name__ == "__main__":
    unittest.main()
