"""Processes are started clean, missed when they die, and never left behind."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from conversation_genome.errors import UnavailableError
from conversation_genome.local.supervisor import Supervisor

WAIT_SECONDS = 90.0
SLEEPER = """
import os, pathlib, signal, sys, time
from conversation_genome.process import exit_on_signals, stop_with_stdin
exit_on_signals()
stop_with_stdin()
pathlib.Path("pid").write_text(str(os.getpid()))
pathlib.Path("env").write_text(os.environ.get("CGP_COLOUR", "none") + " " + os.environ.get("CGP_OLD", "none"))
time.sleep(600)
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"


class SupervisorTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "sleeper.py").write_text(SLEEPER, "utf-8")
        (self.folder / "failing.py").write_text("raise SystemExit('the disk is full')", "utf-8")
        self.log = self.folder / "logs" / "process.log"

    def wait_for(self, name: str) -> str:
        deadline = time.monotonic() + WAIT_SECONDS
        while not (self.folder / name).exists() or not (self.folder / name).read_text("utf-8"):
            self.assertLess(time.monotonic(), deadline, f"{name} was not written")
            time.sleep(0.02)
        return (self.folder / name).read_text("utf-8")

    def wait_until_gone(self, pid: int) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while is_alive(pid):
            self.assertLess(time.monotonic(), deadline, f"process {pid} is still there")
            time.sleep(0.05)

    def test_leaving_the_block_stops_every_process(self) -> None:
        with Supervisor(self.folder) as supervisor:
            supervisor.start("one", "sleeper", {}, self.log)
            pid = int(self.wait_for("pid"))
            self.assertTrue(is_alive(pid))
        self.assertFalse(is_alive(pid))

    def test_settings_reach_the_process_and_those_of_the_caller_do_not(self) -> None:
        os.environ["CGP_OLD"] = "left over"
        self.addCleanup(os.environ.pop, "CGP_OLD")
        with Supervisor(self.folder) as supervisor:
            supervisor.start("one", "sleeper", {"colour": "green"}, self.log)
            self.assertEqual(self.wait_for("env"), "green none")

    def test_a_process_that_dies_is_missed_with_the_end_of_its_log(self) -> None:
        with Supervisor(self.folder) as supervisor:
            supervisor.start("one", "failing", {}, self.log)
            with self.assertRaisesRegex(UnavailableError, "(?s)one ended with exit code 1.*the disk is full"):
                deadline = time.monotonic() + WAIT_SECONDS
                while time.monotonic() < deadline:
                    supervisor.check()
                    time.sleep(0.02)

    def test_killing_the_supervisor_leaves_no_orphan(self) -> None:
        script = (
            "import pathlib, time\n"
            "from conversation_genome.local.supervisor import Supervisor\n"
            "with Supervisor(pathlib.Path('.')) as supervisor:\n"
            "    supervisor.start('one', 'sleeper', {}, pathlib.Path('log'))\n"
            "    time.sleep(600)\n"
        )
        root = Path(__file__).resolve().parents[3]
        parent = subprocess.Popen(
            [sys.executable, "-c", script], cwd=self.folder, env={**os.environ, "PYTHONPATH": str(root)}
        )
        pid = int(self.wait_for("pid"))
        parent.kill()
        parent.wait()
        self.wait_until_gone(pid)
