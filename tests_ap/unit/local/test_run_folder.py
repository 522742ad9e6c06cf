"""The folder of a run: one run at a time, an unfinished one is taken up, a finished one is kept aside."""

import tempfile
import unittest
from pathlib import Path

from conversation_genome.errors import InputError
from conversation_genome.local.folder import Manifest, manifest_of, open_folder, remember
from conversation_genome.local.layout import Layout


class RunFolderTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = Path(folder.name)
        self.layout = Layout(self.base / "subnet")
        self.input = self.base / "talk.jsonl"
        self.input.write_text("{}\n", "utf-8")

    def wanted(self, miners: int = 7) -> Manifest:
        return manifest_of([self.input], miners=miners, validators=2)

    def leave(self, *, finished: bool) -> None:
        with open_folder(self.layout, self.wanted()):
            self.layout.database.write_text("graded", "utf-8")
            if finished:
                remember(self.layout, self.wanted().model_copy(update={"is_finished": True}))

    def test_a_new_folder_is_made_and_nothing_is_taken_up(self) -> None:
        with open_folder(self.layout, self.wanted()) as resumes:
            self.assertFalse(resumes)
            self.assertTrue(self.layout.manifest.is_file())

    def test_an_unfinished_run_of_the_same_input_is_taken_up(self) -> None:
        self.leave(finished=False)
        with open_folder(self.layout, self.wanted()) as resumes:
            self.assertTrue(resumes)
            self.assertEqual(self.layout.database.read_text("utf-8"), "graded")

    def test_a_finished_run_is_kept_aside(self) -> None:
        self.leave(finished=True)
        with open_folder(self.layout, self.wanted()) as resumes:
            self.assertFalse(resumes)
            self.assertFalse(self.layout.database.exists())
        kept = Layout(self.layout.root / "previous")
        self.assertEqual(kept.database.read_text("utf-8"), "graded")

    def test_a_run_over_changed_input_starts_anew(self) -> None:
        self.leave(finished=False)
        self.input.write_text('{"other": 1}\n', "utf-8")
        with open_folder(self.layout, self.wanted()) as resumes:
            self.assertFalse(resumes)

    def test_a_run_with_other_miners_starts_anew(self) -> None:
        self.leave(finished=False)
        with open_folder(self.layout, self.wanted(miners=3)) as resumes:
            self.assertFalse(resumes)

    def test_only_the_last_run_is_kept_aside(self) -> None:
        for _ in range(3):
            self.leave(finished=True)
        self.assertFalse((self.layout.root / "previous" / "previous").exists())

    def test_a_second_run_in_the_same_folder_is_refused(self) -> None:
        with (
            open_folder(self.layout, self.wanted()),
            self.assertRaisesRegex(InputError, "another run works in"),
            open_folder(self.layout, self.wanted()),
        ):
            pass

    def test_a_folder_of_somebody_elses_files_is_refused_and_left_alone(self) -> None:
        self.layout.root.mkdir()
        thesis = self.layout.root / "thesis.txt"
        thesis.write_text("years of work", "utf-8")
        with self.assertRaisesRegex(InputError, "files that no run left"), open_folder(self.layout, self.wanted()):
            pass
        self.assertEqual([path.name for path in self.layout.root.iterdir()], ["thesis.txt"])

    def test_a_file_in_place_of_the_folder_is_refused(self) -> None:
        self.layout.root.write_text("", "utf-8")
        with self.assertRaisesRegex(InputError, "is a file"), open_folder(self.layout, self.wanted()):
            pass

    def test_an_input_that_is_not_there_is_named(self) -> None:
        with self.assertRaisesRegex(InputError, r"gone\.jsonl cannot be read"):
            manifest_of([self.base / "gone.jsonl"], miners=7, validators=2)
