"""Pieces divide the files, and nothing is lost or read twice at their edges."""

import gzip
import tempfile
import unittest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from conversation_genome.bulk.faults import in_words, lines_before
from conversation_genome.bulk.pieces import pieces_of
from conversation_genome.bulk.place import Place, lines_within
from conversation_genome.bulk.reading import PieceReader
from conversation_genome.errors import InputError
from tests_ap.unit.bulk.files import record, write_lines

LINE = pa.list_(pa.struct({"speaker": pa.int32(), "text": pa.string(), "at": pa.float64()}))
COLUMNS = pa.schema({"id": pa.string(), "license": pa.string(), "participants": pa.list_(pa.string()), "lines": LINE})


class FolderCase(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def read(self, piece_bytes: int = 4_000_000):
        """Return (id of every conversation, every fault in words) of the folder."""
        place = Place(str(self.folder))
        pieces, _ = pieces_of(place, piece_bytes=piece_bytes)
        readers = [PieceReader(place, piece, self.scratch) for piece in pieces]
        ids = [one.id for reader in readers for one in reader.conversations()]
        before = lines_before((piece.file, one.lines) for piece, one in zip(pieces, readers, strict=True))
        faults = [
            words
            for number, (piece, one) in enumerate(zip(pieces, readers, strict=True))
            for words in in_words(piece.file, one.faults.told, lines_before=before[number])
        ]
        return ids, faults


class TestPieces(FolderCase):
    def test_pieces_of_any_size_divide_the_lines_of_a_file(self) -> None:
        path = self.folder / "a.jsonl"
        for content in (b"one\ntwo\n\nthree is long\nx\n", b"no end", b"\n\n\n", b"a\nb"):
            path.write_bytes(content)
            for size in range(1, len(content) + 2):
                with self.subTest(content=content, size=size), path.open("rb") as file:
                    starts = range(0, len(content), size)
                    parts = [b"".join(lines_within(file, start, min(start + size, len(content)))) for start in starts]
                    self.assertEqual(b"".join(parts), content)
                    whole = [part for part in parts if part]
                    self.assertTrue(all(part.endswith(b"\n") for part in whole[:-1]))

    def test_every_record_is_read_once_however_the_file_is_divided(self) -> None:
        write_lines(self.folder / "a.jsonl", *(record(f"talk {number}") for number in range(9)))
        names = [f"talk {number}" for number in range(9)]
        for size in (1_000_000, 700, 333, 100):
            with self.subTest(size=size):
                self.assertEqual(self.read(size), (names, []))

    def test_a_fault_is_named_by_its_line_in_the_file_however_it_is_divided(self) -> None:
        lines = [record("a"), "{broken", record("b"), "", '{"id": "c"}', record("d"), record("e", speaker=9)]
        write_lines(self.folder / "sub" / "a.jsonl", *lines)
        whole = self.read()
        self.assertEqual(whole[0], ["a", "b", "d", "e"])
        self.assertEqual([fault.split(" ")[0] for fault in whole[1]], ["sub/a.jsonl:2:", "sub/a.jsonl:5:"])
        self.assertNotIn(str(self.scratch), "".join(whole[1]))
        for size in (50, 200, 400):
            with self.subTest(size=size):
                self.assertEqual(self.read(size), whole)

    def test_files_come_in_the_order_of_their_names_and_other_kinds_are_passed_over(self) -> None:
        write_lines(self.folder / "b.jsonl", record("b"))
        write_lines(self.folder / "a" / "z.ndjson", record("a"))
        write_lines(self.folder / ".hidden" / "x.jsonl", record("x"))
        write_lines(self.folder / "notes.txt", "hello")
        pieces, passed_over = pieces_of(Place(str(self.folder)))
        self.assertEqual([piece.file for piece in pieces], ["a/z.ndjson", "b.jsonl"])
        self.assertEqual(passed_over, ["notes.txt"])

    def test_a_single_file_may_stand_for_a_folder(self) -> None:
        path = write_lines(self.folder / "b.jsonl", record("b"))
        write_lines(self.folder / "a.jsonl", record("a"))
        pieces, _ = pieces_of(Place(str(path)))
        self.assertEqual([piece.file for piece in pieces], ["b.jsonl"])

    def test_a_packed_file_and_one_of_chat_rows_are_read_whole(self) -> None:
        (self.folder / "a.jsonl.gz").write_bytes(
            gzip.compress(write_lines(self.folder / "x", record("a")).read_bytes())
        )
        rows = ({"conversation": "c", "speaker": "Ann", "text": f"line {number} of it"} for number in range(5))
        write_lines(self.folder / "b.jsonl", *rows)
        pieces, _ = pieces_of(Place(str(self.folder)), piece_bytes=10)
        self.assertEqual([piece.kind for piece in pieces], ["whole", "whole"])
        ids, faults = self.read(10)
        self.assertEqual((len(ids), ids[0], faults), (2, "a", []))

    def test_a_folder_without_such_a_file_is_refused(self) -> None:
        write_lines(self.folder / "notes.txt", "hello")
        for place, words in (
            (str(self.folder), "holds no file that ends in"),
            (str(self.folder / "no"), "is not there"),
        ):
            with self.subTest(place), self.assertRaisesRegex(InputError, words):
                pieces_of(Place(place))

    def test_a_place_that_no_file_system_knows_is_refused(self) -> None:
        with self.assertRaisesRegex(InputError, "cannot be opened"):
            Place("nothing://at/all")


class TestTables(FolderCase):
    def table(self, rows: list[dict], **options: int) -> None:
        pq.write_table(pa.Table.from_pylist(rows, schema=COLUMNS), self.folder / "t.parquet", **options)

    def row(self, name: str) -> dict:
        said = [{"speaker": 0, "text": "Hello there.", "at": 1.5}, {"speaker": 1, "text": "Hello.", "at": None}]
        return {"id": name, "license": "MIT", "participants": ["Ann", "Bo"], "lines": said}

    def test_a_table_of_records_is_divided_by_its_row_groups(self) -> None:
        self.table([self.row(f"talk {number}") for number in range(10)], row_group_size=2)
        for size, pieces in ((1, 5), (10_000_000, 1)):
            with self.subTest(size=size):
                self.assertEqual(len(pieces_of(Place(str(self.folder)), piece_bytes=size)[0]), pieces)
                self.assertEqual(self.read(size), ([f"talk {number}" for number in range(10)], []))

    def test_a_row_that_is_no_record_is_named_by_its_number(self) -> None:
        bad = self.row("bad") | {"lines": [{"speaker": 7, "text": "Who?", "at": None}]}
        self.table([self.row("a"), self.row("b"), bad, self.row("c")], row_group_size=1)
        ids, faults = self.read(1)
        self.assertEqual(ids, ["a", "b", "c"])
        self.assertEqual([fault[:12] for fault in faults], ["t.parquet:3:"])

    def test_a_table_of_messages_is_read_as_the_import_reads_it(self) -> None:
        messages = [[{"role": "user", "content": "How is it?"}, {"role": "assistant", "content": "Well."}]] * 2
        pq.write_table(pa.table({"messages": messages}), self.folder / "m.parquet")
        ids, faults = self.read(1)
        self.assertEqual((len(ids), faults), (2, []))

    def test_what_is_no_table_is_a_fault_of_that_file_alone(self) -> None:
        (self.folder / "a.parquet").write_bytes(b"PAR1 but no more than that")
        self.table([self.row("a")])
        ids, faults = self.read()
        self.assertEqual(ids, ["a"])
        self.assertRegex(faults[0], r"^a\.parquet: is no Parquet that can be read")


if __name__ == "__main__":
    unittest.main()
