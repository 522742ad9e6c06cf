import json
import os
import subprocess
import sys
from pathlib import Path

from tests_ap.unit.sources.writing import SourceTestCase

ROOT = Path(__file__).resolve().parents[3]
CHAT = "Ana: hi\nBo: ho\n"


class ImportVerbTests(SourceTestCase):
    def cgp(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "conversation_genome", "import", *map(str, arguments)]
        environ = {**os.environ, "CGP_API_KEY": "", **environment}
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)

    def test_a_folder_is_read_in_order_and_each_file_has_its_line(self) -> None:
        self.file("b.txt", CHAT)
        self.file("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n")
        self.file(".hidden", "junk")
        out = self.folder.parent / f"{self.folder.name}.jsonl"
        self.addCleanup(out.unlink, missing_ok=True)
        done = self.cgp(self.folder, "--out", out, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("a.vtt: youtube, 1 conversation, 1 line, 1 speaker\n", done.stderr)
        self.assertIn("b.txt: chat, 1 conversation, 2 lines, 2 speakers\n", done.stderr)
        self.assertEqual([json.loads(row)["source"] for row in out.read_text().splitlines()], ["youtube", "chat"])
        summary = json.loads(done.stdout)
        self.assertEqual((summary["conversations"], summary["lines"], summary["faults"]), (2, 3, 0))

    def test_one_bad_file_keeps_everything_out_and_every_fault_is_told(self) -> None:
        files = [self.file("good.txt", CHAT), self.file("cut.json", '{"x'), self.file("essay.txt", "It was dark.\n")]
        out = self.folder / "out.jsonl"
        done = self.cgp(*files, "--out", out)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cut.json: not JSON", done.stderr)
        self.assertIn("essay.txt has no format", done.stderr)
        self.assertIn("2 faults, so nothing was imported; correct the files, or pass --skip-bad", done.stderr)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["cut.json", "essay.txt", "good.txt"])

    def test_bad_parts_can_be_skipped(self) -> None:
        records = '{"id":"a","participants":["A"],"lines":[[0,"hi"]]}\n{oops\n'
        done = self.cgp(self.file("r.jsonl", records), self.file("good.txt", CHAT), "--skip-bad")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertIn("r.jsonl:2: not JSON", done.stderr)

    def test_the_same_conversation_under_two_names_goes_in_once(self) -> None:
        done = self.cgp(self.file("a.txt", CHAT), self.file("b.txt", CHAT))
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertIn("b.txt: chat, 0 conversations, 0 lines, 0 speakers, 1 duplicate left out", done.stderr)

    def test_a_server_without_a_key_is_refused_before_anything_is_read(self) -> None:
        done = self.cgp(self.file("a.txt", CHAT), "--to", "http://127.0.0.1:9", "--api-key-env", "NO_SUCH_KEY")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the environment variable NO_SUCH_KEY is not set", done.stderr)

    def test_a_server_that_does_not_answer_is_a_failure_in_one_sentence(self) -> None:
        done = self.cgp(self.file("a.txt", CHAT), "--to", "http://127.0.0.1:9", CGP_API_KEY="k")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("Traceback", done.stderr)

    def test_wrong_paths_and_formats_are_told(self) -> None:
        self.assertIn("gone.txt is not there", self.cgp(self.folder / "gone.txt").stderr)
        self.assertIn("--format 'fax' is no format", self.cgp(self.file("a.txt", CHAT), "--format", "fax").stderr)
