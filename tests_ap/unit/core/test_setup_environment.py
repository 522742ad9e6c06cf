"""The set-up that run_local.sh and run_tests.sh share, on a small project whose path holds a space."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tests_ap.environment import ROOT

MAIN = 'import pathlib, sys; pathlib.Path("SETUP").mkdir(exist_ok=True); print("model ready:", *sys.argv[1:])\n'
SCRIPT = """#!/usr/bin/env bash
set -euo pipefail
PROJECT_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
source "$PROJECT_ROOT/tools/setup_environment.sh"
echo "running with $*"
"""
PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import pathlib, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(pathlib.Path(folder, "small-0-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("small.pth", str(pathlib.Path.cwd()))
        wheel.writestr("small-0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 0\\n")
        wheel.writestr("small-0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("small-0.dist-info/RECORD", "")
    return "small-0-py3-none-any.whl"
"""
"""Builds the small project without setuptools, which a new environment need not hold."""


class SetUpEnvironment(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="set up ")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve() / "a project"
        (self.root / "tools").mkdir(parents=True)
        (self.root / "conversation_genome").mkdir()
        shutil.copy(ROOT / "tools/setup_environment.sh", self.root / "tools")
        self.write("conversation_genome/__main__.py", MAIN)
        self.write("conversation_genome/__init__.py", "")
        self.write("pyproject.toml", PYPROJECT)
        self.write("backend.py", BACKEND)
        self.write("requirements.txt", "# no package\n")
        self.write("run_it.sh", SCRIPT)

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def start(self, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", str(self.root / "run_it.sh"), "an argument"],
            cwd="/",
            env={**os.environ, "PYTHON": sys.executable, "PIP_NO_INDEX": "1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run_it(self, **variables: str) -> tuple[int, str]:
        process = self.start(**variables)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def test_the_first_run_sets_up_and_the_second_skips_what_is_done(self) -> None:
        code, output = self.run_it()
        self.assertEqual(code, 0, output)
        self.assertIn("creating .venv", output)
        self.assertTrue(output.endswith("model ready: setup\nrunning with an argument\n"), output)
        self.assertEqual(self.run_it(), (0, "model ready: setup\nrunning with an argument\n"))
        self.write("requirements.txt", "# another version\n")
        code, output = self.run_it()
        self.assertEqual((code, "installing" in output, "creating" in output), (0, True, False), output)

    def test_an_install_that_fails_is_told_in_a_sentence_and_begun_anew(self) -> None:
        self.write("requirements.txt", "no-such-package==1.0\n")
        code, output = self.run_it()
        self.assertEqual(code, 1)
        self.assertIn("set-up: FAILED: pip could not install requirements.txt", output)
        self.assertNotIn("running with", output)
        self.assertFalse((self.root / ".venv/.complete").exists())
        self.write("requirements.txt", "# no package\n")
        code, output = self.run_it()
        self.assertEqual((code, "creating .venv" in output), (0, True), output)
        self.assertFalse((self.root / ".venv/.installing").exists())

    def test_two_at_once_do_the_work_once(self) -> None:
        both = [self.start(), self.start()]
        outputs = [process.communicate(timeout=120)[0] for process in both]
        self.assertEqual([process.returncode for process in both], [0, 0], outputs)
        self.assertEqual(sum("creating .venv" in output for output in outputs), 1, outputs)

    def test_a_python_that_does_not_run_is_refused(self) -> None:
        code, output = self.run_it(PYTHON="/bin/false")
        self.assertEqual(code, 1)
        self.assertIn("PYTHON=/bin/false is no Python 3.11 or newer", output)


if __name__ == "__main__":
    unittest.main()
