"""`cgp windows`."""

import json
import tempfile
import unittest
from pathlib import Path

from typer.testing import CliRunner

from conversation_genome.cli.app import app
from conversation_genome.errors import ConversationTooShortError, InputError


class WindowsVerbTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file, self.out = Path(folder.name) / "talks.jsonl", Path(folder.name) / "windows.jsonl"

    def write(self, **lines: int) -> None:
        rows = [
            {"id": name, "participants": ["Ann"], "lines": [[0, f"goat {number}"] for number in range(count)]}
            for name, count in lines.items()
        ]
        self.file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def run_verb(self, *options: str) -> None:
        result = CliRunner().invoke(app, ["windows", str(self.file), "--out", str(self.out), *options])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception

    def test_one_line_a_window_is_written(self) -> None:
        self.write(long=12)
        self.run_verb("--boundaries", "words")
        rows = [json.loads(line) for line in self.out.read_text(encoding="utf-8").splitlines()]
        spans = [(0, 0, 12), (1, 0, 12), (2, 0, 12)]
        self.assertEqual(rows, [{"conversation_id": "long", "level": a, "start": b, "end": c} for a, b, c in spans])

    def test_a_short_conversation_among_others_is_left_out(self) -> None:
        self.write(short=2, long=12)
        self.run_verb()
        self.assertNotIn("short", self.out.read_text(encoding="utf-8"))

    def test_a_file_of_short_conversations_is_refused_and_nothing_written(self) -> None:
        self.write(short=2)
        with self.assertRaisesRegex(ConversationTooShortError, "'short' has 2 lines"):
            self.run_verb()
        self.assertFalse(self.out.exists())

    def test_an_overlap_as_large_as_the_window_is_refused(self) -> None:
        self.write(long=12)
        with self.assertRaisesRegex(InputError, "--overlap 10 must be smaller than --lines 10"):
            self.run_verb("--overlap", "10")


if __name__ == "__main__":
    unittest.main()
