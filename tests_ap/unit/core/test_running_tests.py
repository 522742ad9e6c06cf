"""The commands that run tests, run on a small copy of the project's test folder."""

import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree as ET

from tests_ap.environment import ROOT, run_python
from tests_ap.walkthrough import WORDS

SHARED = ("__init__.py", "__main__.py", "dividing.py", "walkthrough.py", "environment.py")
TEST_MODULE = """
import unittest, warnings

class Some(unittest.TestCase):
    def test_{name}(self):
        print("\\nran {name}")
        {body}
"""


class SmallProject(unittest.TestCase):
    """Each walk-through and `unit` hold one test that prints its name."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "tests_ap").mkdir()
        for name in SHARED:
            shutil.copy(ROOT / "tests_ap" / name, self.root / "tests_ap" / name)
        for word in WORDS:
            self.add(f"{word}/test_{word}_flow.py", word)
            shutil.copy(ROOT / "tests_ap/configtest/__init__.py", self.root / "tests_ap" / word / "__init__.py")
        self.add("unit/test_unit.py", "unit")

    def add(self, path: str, name: str, body: str = "pass") -> None:
        file = self.root / "tests_ap" / path
        file.parent.mkdir(exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text(TEST_MODULE.format(name=name, body=body), encoding="utf-8")

    def python(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return run_python(*arguments, cwd=cwd or self.root, variables={"PYTHONPATH": str(self.root)})

    def discover(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "unittest", "discover", "tests_ap", *words)

    def names_run_by(self, done: subprocess.CompletedProcess[str]) -> list[str]:
        return sorted(line.removeprefix("ran ") for line in done.stdout.splitlines() if line.startswith("ran "))


class Discovery(SmallProject):
    def test_without_a_word_everything_runs_once(self) -> None:
        done = self.discover()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.names_run_by(done), sorted([*WORDS, "unit"]))

    def test_a_word_runs_its_walk_through_alone(self) -> None:
        for word in WORDS:
            with self.subTest(word):
                done = self.discover(word)
                self.assertEqual((done.returncode, self.names_run_by(done)), (0, [word]), done.stdout)

    def test_an_unknown_word_fails_once_and_names_the_four(self) -> None:
        done = self.discover("testmimer")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f"'testmimer' is no walk-through; the words are {', '.join(WORDS)}", done.stdout)
        self.assertIn("Ran 1 test", done.stdout)

    def test_a_word_whose_folder_is_not_there_fails(self) -> None:
        shutil.rmtree(self.root / "tests_ap/testminer")
        done = self.discover("testminer")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("has no folder", done.stdout)

    def test_a_walk_through_without_a_test_fails(self) -> None:
        (self.root / "tests_ap/testminer/test_testminer_flow.py").unlink()
        for words in ((), ("testminer",)):
            with self.subTest(words):
                done = self.discover(*words)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("'testminer' holds no test", done.stdout)

    def test_a_test_that_cannot_be_imported_fails_its_word(self) -> None:
        (self.root / "tests_ap/testminer/test_more.py").write_text("import nothing_of_this_name", encoding="utf-8")
        done = self.discover("testminer")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nothing_of_this_name", done.stdout)

    def test_a_file_pattern_is_still_a_file_pattern(self) -> None:
        self.assertEqual(self.names_run_by(self.discover("test_test*.py")), ["testminer", "testvalidator"])

    def test_the_dotted_name_of_a_walk_through_runs_it(self) -> None:
        done = self.python("-m", "unittest", "tests_ap.testminer")
        self.assertEqual((done.returncode, self.names_run_by(done)), (0, ["testminer"]), done.stdout)


class Runner(SmallProject):
    def run_tests(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "tests_ap", *arguments, cwd=cwd)

    def last_line(self, done: subprocess.CompletedProcess[str]) -> str:
        return done.stdout.splitlines()[-1]

    def test_the_whole_suite_ends_with_a_line_that_counts(self) -> None:
        self.add("unit/test_skipped.py", "skipped", 'self.skipTest("no reason")')
        done = self.run_tests()
        self.assertEqual((done.returncode, self.last_line(done)), (0, "5 passed, 0 failed, 1 skipped"), done.stdout)

    def test_in_any_number_of_parts_every_test_runs_once(self) -> None:
        for count in ("1", "2", "3", "9"):
            with self.subTest(count):
                done = self.run_tests("--at-once", count)
                self.assertEqual(self.last_line(done), "5 passed, 0 failed, 0 skipped", done.stdout)
                report = ET.parse(self.root / "test-reports/junit.xml")
                names = [case.get("name") for case in report.iter("testcase")]
                self.assertEqual(sorted(names), sorted(f"test_{name}" for name in [*WORDS, "unit"]))

    def test_a_part_that_dies_is_named_and_fails_the_run(self) -> None:
        self.add("unit/test_dying.py", "dying", "import os; os._exit(0)")
        done = self.run_tests("--at-once", "2")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, r"part [12]/2 ended with exit code 0 before its report was written")

    def test_failures_and_errors_count_as_failed(self) -> None:
        self.add("unit/test_failing.py", "failing", "self.fail()")
        self.add("unit/test_wrong.py", "wrong", "raise ValueError")
        (self.root / "tests_ap/unit/test_broken.py").write_text("import nothing_of_this_name", encoding="utf-8")
        done = self.run_tests()
        self.assertEqual((done.returncode, self.last_line(done)), (1, "5 passed, 3 failed, 0 skipped"), done.stdout)

    def test_what_failed_is_named_at_the_end_with_its_reason(self) -> None:
        self.add("unit/test_failing.py", "failing", "self.fail('the reason')")
        self.add("unit/test_wrong.py", "wrong", "raise ValueError('another')")
        for options in ((), ("--at-once", "1"), ("tests_ap/unit",)):
            with self.subTest(options):
                end = "\n".join(self.run_tests(*options).stdout.splitlines()[-3:-1])
                self.assertRegex(
                    end, r"failed: tests_ap\.unit\.test_failing\.Some\.test_failing: AssertionError: the reason"
                )
                self.assertRegex(end, r"failed: tests_ap\.unit\.test_wrong\.Some\.test_wrong: ValueError: another")

    def test_no_test_at_all_is_a_failure(self) -> None:
        done = self.run_tests("nothing_of_this_name")
        self.assertEqual((done.returncode, self.last_line(done)), (1, "0 passed, 0 failed, 0 skipped"), done.stdout)

    def test_only_skipped_tests_are_a_failure(self) -> None:
        self.add("unit/test_unit.py", "unit", 'self.skipTest("no reason")')
        self.assertEqual(self.run_tests("tests_ap/unit").returncode, 1)

    def test_a_warning_of_our_own_code_is_an_error(self) -> None:
        self.add("unit/test_warning.py", "warning", 'warnings.warn("old", DeprecationWarning)')
        done = self.run_tests()
        self.assertEqual((done.returncode, self.last_line(done)), (1, "5 passed, 1 failed, 0 skipped"), done.stdout)

    def test_a_path_a_word_and_a_part_of_a_name_pick_tests(self) -> None:
        for what in ("tests_ap/unit", "tests_ap/unit/test_unit.py", "testminer", "test_unit"):
            with self.subTest(what):
                self.assertEqual(self.last_line(self.run_tests(what)), "1 passed, 0 failed, 0 skipped")

    def test_it_works_from_any_folder_and_writes_junit_xml_into_the_project(self) -> None:
        with tempfile.TemporaryDirectory() as elsewhere:
            done = self.run_tests(cwd=Path(elsewhere))
            self.assertEqual(list(Path(elsewhere).iterdir()), [])
        self.assertEqual(done.returncode, 0, done.stdout)
        report = ET.parse(self.root / "test-reports/junit.xml")
        names = [case.get("name") for case in report.iter("testcase")]
        self.assertEqual(sorted(names), sorted(f"test_{name}" for name in [*WORDS, "unit"]))

    def test_the_slowest_tests_are_listed(self) -> None:
        self.assertRegex(self.run_tests().stdout, r"the slowest of 5 tests:\n +\d+\.\d\d s  tests_ap\.")

    def test_tests_do_not_see_the_settings_of_the_user(self) -> None:
        (self.root / ".env").write_text("CGP_NETUID=77\n", encoding="utf-8")
        body = "import os; self.assertEqual([n for n in os.environ if n.startswith('CGP_')], ['CGP_ENV_FILE'])"
        self.add("unit/test_settings.py", "settings", body)
        done = run_python("-m", "tests_ap", cwd=self.root, variables={"PYTHONPATH": str(self.root), "CGP_NETUID": "77"})
        self.assertEqual(done.returncode, 0, done.stdout)


class ThisProject(unittest.TestCase):
    def test_each_word_finds_tests_here(self) -> None:
        count = (
            f"import json, unittest; print(json.dumps({{word: unittest.TestLoader().discover('tests_ap', word)"
            f".countTestCases() for word in {WORDS}}}))"
        )
        done = run_python("-c", count)
        counts = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual([word for word in WORDS if counts[word] < 2], [], done.stdout)

    def test_a_wrong_word_fails_here(self) -> None:
        done = run_python("-m", "unittest", "discover", "tests_ap", "testmimer")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the words are configtest, processtest, testminer, testvalidator", done.stdout)


if __name__ == "__main__":
    unittest.main()
