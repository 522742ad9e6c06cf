"""Files: JSON lines are read with every fault named by its line, and written whole or not at all."""

import stat
import tempfile
import unittest
from pathlib import Path

from conversation_genome.atomic_file import atomic_writer, write_atomically
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.jsonl import read_conversations, read_objects

GOOD = '{"id": "a", "participants": ["Ann"], "lines": [[0, "hello"]]}'


class InAFolder(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "a folder" / "file.jsonl"
        self.path.parent.mkdir()


class JsonLines(InAFolder):
    def read(self, content: str | bytes) -> list[str]:
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [each.id for each in read_conversations(self.path)]

    def test_blank_lines_a_byte_order_mark_and_crlf_do_no_harm(self) -> None:
        self.assertEqual(self.read(f"\ufeff{GOOD}\r\n\r\n{GOOD}\r\n"), ["a", "a"])

    def test_a_line_that_is_no_json_is_named_by_its_number(self) -> None:
        with self.assertRaisesRegex(RecordError, r"file\.jsonl:3: not JSON"):
            self.read(f"{GOOD}\n\nhello\n")

    def test_a_line_that_is_no_record_is_named_by_its_number(self) -> None:
        with self.assertRaisesRegex(RecordError, r"file\.jsonl:2: 'lines' must be a list"):
            self.read(f'{GOOD}\n{{"id": "b"}}\n')

    def test_bytes_that_are_no_text_are_named_by_their_line(self) -> None:
        with self.assertRaisesRegex(RecordError, r"file\.jsonl:2: not JSON"):
            self.read(GOOD.encode() + b"\n\xff\xfe\n")

    def test_an_empty_file_is_refused(self) -> None:
        with self.assertRaisesRegex(InputError, "holds no record"):
            self.read("\n\n")

    def test_a_file_that_is_not_there_and_a_folder_are_refused(self) -> None:
        for path in (self.path, self.path.parent):
            with self.subTest(path.name), self.assertRaisesRegex(InputError, "give the path of a readable file"):
                next(read_objects(path))

    def test_reading_stops_where_the_reader_stops(self) -> None:
        self.path.write_text(f"{GOOD}\nhello\n", encoding="utf-8")
        self.assertEqual(next(read_conversations(self.path)).id, "a")


class AtomicFiles(InAFolder):
    def test_a_file_appears_whole_with_its_folders(self) -> None:
        path = self.path.parent / "more" / "file.txt"
        write_atomically(path, "grüße\n")
        self.assertEqual(path.read_bytes(), "grüße\n".encode())
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o644)

    def test_a_failure_leaves_the_old_file_and_nothing_else(self) -> None:
        self.path.write_text("old", encoding="utf-8")
        with self.assertRaisesRegex(ValueError, "half way"), atomic_writer(self.path) as file:
            file.write("new")
            raise ValueError("half way")
        self.assertEqual(self.path.read_text(encoding="utf-8"), "old")
        self.assertEqual(list(self.path.parent.iterdir()), [self.path])

    def test_nothing_is_seen_before_the_end(self) -> None:
        with atomic_writer(self.path) as file:
            file.write("new")
            self.assertFalse(self.path.exists())
        self.assertEqual(self.path.read_text(encoding="utf-8"), "new")


if __name__ == "__main__":
    unittest.main()
