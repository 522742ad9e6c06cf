"""`python -m tests_ap [WHAT ...]`: the whole suite in parts, or what is named, with JUnit XML and a last line that counts."""

import argparse
import faulthandler
import os
import sys
import unittest
import warnings
from pathlib import Path
from typing import Any, Final

import xmlrunner
from xmlrunner.result import _XMLTestResult

from tests_ap.dividing import Count, Part, count_of, part_of, run_parts
from tests_ap.walkthrough import WORDS

ROOT: Final = Path(__file__).resolve().parent.parent
OWN_MODULES: Final = r"(conversation_genome|miner|validators|conversation_server|tests_ap)(\.|$)"
SLOWEST_SHOWN: Final = 10
STUCK_AFTER_SECONDS: Final = 300


class WatchedResult(_XMLTestResult):
    """Ends the run when a test is stuck."""

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802 -- unittest's name
        faulthandler.dump_traceback_later(STUCK_AFTER_SECONDS, exit=True, file=sys.__stderr__)
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802 -- unittest's name
        faulthandler.cancel_dump_traceback_later()
        super().stopTest(test)


def main() -> int:
    """Run the tests and return the exit code: 0 only if something ran and nothing failed."""
    arguments = _arguments()
    reports = arguments.reports.resolve()
    os.chdir(ROOT)
    _leave_out_the_users_settings(arguments.what)
    reports.mkdir(parents=True, exist_ok=True)
    if not arguments.what and arguments.part is None and arguments.at_once > 1:
        return _in_parts(reports, arguments)
    _make_own_warnings_errors()
    suite = _suite(arguments.what)
    if arguments.part is not None:
        suite = part_of(suite, arguments.part)
    with (reports / "junit.xml").open("wb") as report:
        _run(suite, report, arguments)
    return (
        _say(count_of(reports / "junit.xml")) if arguments.part is None else 0
    )  # the report tells who joins the parts


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests_ap", description=__doc__)
    parser.add_argument(
        "what", nargs="*", help=f"a file or folder, a walk-through ({', '.join(WORDS)}) or part of a test's name"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="a line a test, and what tests print")
    parser.add_argument("-f", "--failfast", action="store_true", help="stop at the first failure")
    parser.add_argument(
        "-j",
        "--at-once",
        type=int,
        default=min(2, os.cpu_count() or 1),
        help="parts of the suite that run at once (%(default)s)",
    )
    parser.add_argument("--part", type=Part.parsed, metavar="N/M", help="run the N-th of M parts only")
    parser.add_argument("--reports", type=Path, default=ROOT / "test-reports", help="folder of the JUnit XML")
    return parser.parse_args()


def _leave_out_the_users_settings(what: list[str]) -> None:
    """Keep `.env` and CGP_ variables away from the tests; only a walk-through that is named shall see them."""
    if set(what) & set(WORDS):
        return
    for name in [name for name in os.environ if name.startswith("CGP_")]:
        del os.environ[name]
    os.environ["CGP_ENV_FILE"] = os.devnull


def _make_own_warnings_errors() -> None:
    """Make warnings of our own packages errors, here and in the processes that tests start."""
    warnings.filterwarnings("error", module=OWN_MODULES)


def _suite(what: list[str]) -> unittest.TestSuite:
    if not what:
        return unittest.TestLoader().discover("tests_ap", top_level_dir=str(ROOT))
    return unittest.TestSuite(_tests_named(name) for name in what)


def _tests_named(name: str) -> unittest.TestSuite:
    loader = unittest.TestLoader()
    path = ROOT / "tests_ap" / name if name in WORDS else (ROOT / name).resolve()
    if path.is_file():
        return loader.loadTestsFromName(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if path.is_dir():
        return loader.discover(str(path), top_level_dir=str(ROOT))
    loader.testNamePatterns = [f"*{name}*"]
    return loader.discover("tests_ap", top_level_dir=str(ROOT))


def _run(suite: unittest.TestSuite, report: Any, arguments: argparse.Namespace) -> None:
    is_quiet = not arguments.verbose and not set(arguments.what) & set(WORDS)
    runner = xmlrunner.XMLTestRunner(
        output=report,
        resultclass=WatchedResult,
        verbosity=1 if is_quiet else 2,
        buffer=is_quiet,
        failfast=arguments.failfast,
    )
    runner.run(suite)


def _in_parts(reports: Path, arguments: argparse.Namespace) -> int:
    options = ["--verbose"] * arguments.verbose + ["--failfast"] * arguments.failfast
    report, faults = run_parts(arguments.at_once, reports, options)
    for fault in faults:
        print(fault)
    return _say(count_of(report)) or int(bool(faults))


def _say(count: Count) -> int:
    """Print what came of the tests and return the exit code."""
    for skipped in count.skipped:
        print(f"skipped: {skipped}")
    if len(count.seconds) > 1:
        print(f"the slowest of {len(count.seconds)} tests:")
        for seconds, test_id in sorted(count.seconds, reverse=True)[:SLOWEST_SHOWN]:
            print(f"{seconds:8.2f} s  {test_id}")
    for failed in count.failed:
        print(f"failed: {failed}")
    if not count.passed and not count.failed:
        print("no test ran: that is a failure, too")
    sys.stderr.flush()
    print(f"{count.passed} passed, {len(count.failed)} failed, {len(count.skipped)} skipped", flush=True)
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
