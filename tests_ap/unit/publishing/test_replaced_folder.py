"""A reader of a replaced folder sees the old one or the new one."""

import tempfile
import unittest
from pathlib import Path

from conversation_genome.publishing import write_dataset
from conversation_genome.publishing.folder import replaced_folder
from tests_ap.unit.publishing.records import record


class TestReplacedFolder(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.parent = Path(holder.name)
        self.folder = self.parent / "dataset"

    def test_old_folder_stays_until_the_new_one_is_whole(self) -> None:
        write_dataset([record("old")], self.folder)
        with replaced_folder(self.folder) as building:
            (building / "half").write_text("new")
            self.assertTrue((self.folder / "README.md").exists())
        self.assertEqual([path.name for path in self.folder.iterdir()], ["half"])

    def test_a_failed_writer_leaves_the_old_folder_and_nothing_beside_it(self) -> None:
        write_dataset([record("old")], self.folder)
        before = (self.folder / "README.md").read_text()

        def broken():
            yield record("new")
            raise RuntimeError

        with self.assertRaises(RuntimeError):
            write_dataset(broken(), self.folder)
        self.assertEqual((self.folder / "README.md").read_text(), before)
        self.assertEqual({path.name for path in self.parent.iterdir()}, {"dataset", ".dataset.lock"})

    def test_a_folder_that_a_killed_writer_moved_aside_comes_back(self) -> None:
        aside = self.parent / ".dataset.previous"
        aside.mkdir()
        (aside / "kept").write_text("old")
        with self.assertRaises(RuntimeError), replaced_folder(self.folder):
            raise RuntimeError
        self.assertEqual((self.folder / "kept").read_text(), "old")

    def test_what_a_killed_writer_left_half_done_is_cleared_away(self) -> None:
        (self.parent / ".dataset.part").mkdir()
        (self.parent / ".dataset.part" / "half").write_text("old")
        with replaced_folder(self.folder) as building:
            self.assertEqual(list(building.iterdir()), [])
