"""The word after `python -m unittest discover tests_ap` names a walk-through, and a wrong word fails.

unittest takes that word for a file pattern: nothing matches `testminer`, so a plain folder would run no test and
print OK. But discovery imports every sub-package and calls its `load_tests` with the word, so each package that is
named in `WORDS` has the `load_tests` that `walkthrough` makes.
"""

import fnmatch
import pkgutil
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Final

__unittest = True  # keeps this module out of the tracebacks of failing tests

WORDS: Final = ("configtest", "processtest", "testminer", "testvalidator")
FOLDER: Final = Path(__file__).resolve().parent
DEFAULT_PATTERN: Final = "test*.py"

LoadTests = Callable[[unittest.TestLoader, unittest.TestSuite, str | None], unittest.TestSuite]


class WalkthroughError(unittest.TestCase):
    """A test that fails with a sentence: what was asked for cannot be run."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__("refuse")
        self.sentence = sentence

    def refuse(self) -> None:
        self.fail(self.sentence)

    def __str__(self) -> str:
        return "the word after tests_ap"


def walkthrough(package: str, paths: list[str]) -> LoadTests:
    """Return the `load_tests` of a walk-through's package: `load_tests = walkthrough(__name__, __path__)`."""

    def load_tests(loader: unittest.TestLoader, tests: unittest.TestSuite, pattern: str | None) -> unittest.TestSuite:
        word = package.rpartition(".")[2]
        pattern = pattern or DEFAULT_PATTERN
        if pattern == word:
            return _load(loader, package, paths, DEFAULT_PATTERN, must_find=True)
        if _is_file_pattern(pattern):
            return _load(loader, package, paths, pattern, must_find=pattern == DEFAULT_PATTERN)
        return _others_turn(word, pattern)

    return load_tests


def _is_file_pattern(pattern: str) -> bool:
    return pattern.endswith(".py") or any(mark in pattern for mark in "*?[")


def _load(
    loader: unittest.TestLoader, package: str, paths: list[str], pattern: str, *, must_find: bool
) -> unittest.TestSuite:
    modules = [info.name for info in pkgutil.iter_modules(paths) if fnmatch.fnmatch(f"{info.name}.py", pattern)]
    suite = loader.loadTestsFromNames([f"{package}.{module}" for module in modules])
    if must_find and not suite.countTestCases() and not loader.testNamePatterns:
        suite.addTest(WalkthroughError(f"the walk-through {package!r} holds no test"))
    return suite


def _others_turn(word: str, asked: str) -> unittest.TestSuite:
    """Return nothing, except from the first walk-through that is there: it speaks for those that are not."""
    is_first = word == next(name for name in WORDS if (FOLDER / name / "__init__.py").is_file())
    if is_first and asked not in WORDS:
        return unittest.TestSuite([WalkthroughError(f"{asked!r} is no walk-through; the words are {', '.join(WORDS)}")])
    if is_first and not (FOLDER / asked / "__init__.py").is_file():
        return unittest.TestSuite([WalkthroughError(f"the walk-through {asked!r} has no folder {FOLDER / asked}")])
    return unittest.TestSuite()
