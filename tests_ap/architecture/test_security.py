"""SECURITY.md tells the truth: each threat that is answered names tests, and they exist."""

import re
import unittest
from collections.abc import Iterator

from tests_ap.environment import ROOT

ROW = re.compile(r"^\| (?!threat|---)([^|]+) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"\[([^\]]+)\]\((tests_ap/[^)]+\.py)\)")


def rows() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each answered threat with (test in words, file)."""
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## Not handled")[0]
    for threat, _answer, shown_by in ROW.findall(page):
        yield threat, TEST.findall(shown_by)


class Security(unittest.TestCase):
    def test_every_answer_is_shown_by_a_test(self) -> None:
        self.assertGreater(len(list(rows())), 20)
        self.assertEqual([threat for threat, tests in rows() if not tests], [])

    def test_every_test_that_is_named_exists(self) -> None:
        missing = [
            f"{path}: {words}"
            for _, tests in rows()
            for words, path in tests
            if f"def test_{words.replace(' ', '_')}(" not in (ROOT / path).read_text(encoding="utf-8")
        ]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
