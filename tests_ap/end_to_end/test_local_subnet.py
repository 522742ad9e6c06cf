"""`cgp local up`: stopped in the middle it leaves nothing running and nothing half-written; started again it goes on."""

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pyarrow.parquet as pq

from tests_ap.environment import ROOT
from tests_ap.examples import EXAMPLES, ready_embedder

INPUTS = (EXAMPLES / "podcast-orchid-smuggling.txt", EXAMPLES / "chat-antarctic-night-shift.txt")
MINERS = 3
WAIT_SECONDS = 120.0
SUMMARY_KEYS = {"seconds", "conversations", "windows", "answers", "miners", "paths"}
MINER_KEYS = {"uid", "kind", "answers", "mean_score", "reward_share", "incentive"}
PATHS = {"database", "vector_store", "dataset", "report", "summary", "ledger", "logs"}


class LocalSubnetTest(unittest.TestCase):
    """One run, interrupted and taken up again; the tests look at what it left."""

    folder: ClassVar[Path]
    interrupted: ClassVar[int]
    left_running: ClassVar[list[int]]
    half_written: ClassVar[list[str]]
    finished: ClassVar[subprocess.CompletedProcess[str]]

    @classmethod
    def setUpClass(cls) -> None:
        ready_embedder()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "local subnet"
        cls.interrupted = cls.run_until_the_first_answers()
        cls.left_running = list(cls.processes_in_the_folder())
        cls.half_written = [path.name for path in cls.folder.rglob("*.part")]
        cls.finished = subprocess.run(
            cls.command(), cwd=ROOT, capture_output=True, text=True, timeout=WAIT_SECONDS, check=False
        )

    @classmethod
    def command(cls) -> list[str]:
        arguments = ["local", "up", "--out", str(cls.folder), "--input", *map(str, INPUTS)]
        sizes = ["--miners", str(MINERS), "--validators", "1", "--license", "MIT"]
        return [sys.executable, "-m", "conversation_genome", *arguments, *sizes]

    @classmethod
    def run_until_the_first_answers(cls) -> int:
        process = subprocess.Popen(cls.command(), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline, answers = time.monotonic() + WAIT_SECONDS, cls.folder / "answers" / "miner-0.jsonl"
        try:
            while not (answers.exists() and answers.stat().st_size):
                assert process.poll() is None, f"the run ended with {process.returncode} before anything was answered"
                assert time.monotonic() < deadline, f"nothing was answered within {WAIT_SECONDS:g} s"
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(WAIT_SECONDS)
        return process.returncode

    @classmethod
    def processes_in_the_folder(cls) -> Iterator[int]:
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and (entry / "cwd").readlink() == cls.folder:
                    yield int(entry.name)
            except OSError:  # gone meanwhile, or another user's
                continue

    def summary(self) -> dict:
        return json.loads((self.folder / "summary.json").read_text("utf-8"))

    def lines_with(self, word: str) -> dict[str, str]:
        """Return what each role logged with a word, as grep would find it."""
        found: dict[str, str] = {}
        for path in sorted((self.folder / "logs").rglob("*.log")):
            lines = [line for line in path.read_text("utf-8", errors="replace").splitlines() if word in line]
            role = path.stem.split("-")[0]
            found[role] = "\n".join([*filter(None, [found.get(role)]), *lines])
        return found

    def test_one_id_in_the_logs_follows_a_conversation_from_the_lease_to_its_publication(self) -> None:
        published = self.lines_with("published ")["server"].splitlines()[0]
        lease = re.findall(r"[0-9a-f]{32}", published)[-1]
        found = self.lines_with(lease)
        for event in ("leased", "ground truth stored", "answer stored", "completed", "published"):
            self.assertRegex(found["server"], rf"\] {event} +")
        self.assertRegex(found["validator"], r"\] asked +")
        self.assertEqual(found["miner"], "", "a miner shall not be able to tell which tasks belong together")

    def test_the_id_of_a_task_leads_from_the_validators_log_to_the_miners(self) -> None:
        asked = next(line for line in self.lines_with("] asked ")["validator"].splitlines() if "scored" in line)
        task = re.search(r"task=([0-9a-f]{32})", asked)
        assert task is not None
        self.assertIn("Mined", self.lines_with(task[1])["miner"])

    def test_what_it_left_is_published_as_it_was_and_a_second_time_nothing_is_written(self) -> None:
        out = self.folder / "published"
        command = [
            sys.executable,
            "-m",
            "conversation_genome",
            "publish",
            "--out",
            out,
            "--local",
            self.folder,
            "--json",
        ]
        first, second = (
            json.loads(
                subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stdout
            )
            for _ in range(2)
        )
        of_the_run = json.loads((self.folder / "dataset" / "manifest.json").read_text("utf-8"))["revision"]
        self.assertEqual((first["conversations"], first["revision"]), (2, of_the_run))
        self.assertEqual((second["shards_kept"], second["revision"]), (first["shards"], of_the_run))

    def test_ctrl_c_is_told_by_the_exit_code(self) -> None:
        self.assertEqual(self.interrupted, 130)

    @unittest.skipUnless(Path("/proc").is_dir(), "processes are looked for in /proc, which this system has not")
    def test_ctrl_c_leaves_no_process(self) -> None:
        self.assertEqual(self.left_running, [])

    def test_ctrl_c_leaves_no_half_written_file(self) -> None:
        self.assertEqual(self.half_written, [])

    def test_the_same_command_takes_the_run_up_again(self) -> None:
        self.assertEqual(self.finished.returncode, 0, self.finished.stderr)
        self.assertIn("an unfinished run is taken up again", self.finished.stderr)
        self.assertIn("2 were there before", self.finished.stderr)

    def test_every_conversation_is_complete_and_every_window_was_answered_once_by_each_miner(self) -> None:
        summary = self.summary()
        self.assertEqual(summary["conversations"], {"total": 2, "complete": 2})
        self.assertEqual([miner["answers"] for miner in summary["miners"]], [summary["windows"]] * MINERS)
        self.assertEqual(sum(summary["answers"].values()), MINERS * summary["windows"])

    def test_the_summary_has_the_agreed_shape(self) -> None:
        summary = self.summary()
        self.assertEqual(set(summary), SUMMARY_KEYS)
        self.assertEqual([set(miner) for miner in summary["miners"]], [MINER_KEYS] * MINERS)
        self.assertEqual(set(summary["paths"]), PATHS)
        self.assertAlmostEqual(sum(miner["incentive"] for miner in summary["miners"]), 1.0, places=4)

    def test_the_honest_miners_come_first(self) -> None:
        kinds = [miner["kind"] for miner in self.summary()["miners"]]
        # Two short talks do not tell which of the two is better.
        self.assertEqual(set(kinds[:2]), {"honest (deep)", "honest (light)"})
        self.assertEqual(kinds[2:], ["random"])

    def test_what_it_names_is_there(self) -> None:
        for path in self.summary()["paths"].values():
            self.assertTrue(Path(path).exists(), path)
        rows = pq.read_table(self.folder / "dataset" / "conversations")
        self.assertEqual(rows.num_rows, 2)

    def test_it_prints_miners_tags_and_a_search(self) -> None:
        for part in ("2 of 2 conversations complete", "honest (deep)", "and their tags", "search: ", "report.html"):
            self.assertIn(part, self.finished.stdout)
