"""Runs the suite in parts, each in a process of its own: most tests wait for servers that they start, so two at once finish sooner.

A module's tests stay together and in order; modules are dealt out in turn, so that the slow ones of a folder are spread.
"""

import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple


class Part(NamedTuple):
    """One of several parts of the suite."""

    number: int
    """From 1."""
    of: int

    @classmethod
    def parsed(cls, text: str) -> "Part":
        """Return the part that `2/3` names."""
        number, of = map(int, text.split("/"))
        if not 1 <= number <= of:
            raise ValueError(text)
        return cls(number, of)

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def part_of(suite: unittest.TestSuite, part: Part) -> unittest.TestSuite:
    """Return every so many-th module's tests."""
    by_module: dict[str, list[unittest.TestCase]] = {}
    for test in _tests(suite):
        by_module.setdefault(_module_of(test), []).append(test)
    return unittest.TestSuite(
        test
        for index, module in enumerate(sorted(by_module))
        if index % part.of == part.number - 1
        for test in by_module[module]
    )


def run_parts(count: int, reports: Path, options: Sequence[str]) -> tuple[Path, list[str]]:
    """Run the suite in parts and join their reports; return the whole report, and what went wrong with whole parts."""
    folders = {Part(number, count): reports / f"part-{number}" for number in range(1, count + 1)}
    for folder in folders.values():
        shutil.rmtree(folder, ignore_errors=True)
    running = {
        part: subprocess.Popen(
            [sys.executable, "-m", "tests_ap", "--part", str(part), "--reports", str(folder), *options]
        )
        for part, folder in folders.items()
    }
    codes = {part: process.wait() for part, process in running.items()}
    whole, faults = ET.Element("testsuites"), []
    for part, folder in folders.items():
        try:
            whole.extend(ET.parse(folder / "junit.xml").getroot())
        except (OSError, ET.ParseError):
            faults.append(f"part {part} ended with exit code {codes[part]} before its report was written")
        else:
            faults += [f"part {part} ended with exit code {codes[part]}"] if codes[part] else []
        shutil.rmtree(folder, ignore_errors=True)
    ET.ElementTree(whole).write(reports / "junit.xml", encoding="utf-8", xml_declaration=True)
    return reports / "junit.xml", faults


class Count(NamedTuple):
    """What a report tells."""

    passed: int
    failed: list[str]
    """`test: the exception and the first line of what it says`."""
    skipped: list[str]
    """`test: reason`."""
    seconds: list[tuple[float, str]]


def count_of(report: Path) -> Count:
    """Return what a JUnit report counts."""
    cases = list(ET.parse(report).getroot().iter("testcase"))
    failed = [
        f"{_name(case)}: {fault.get('type')}: {_first_line(fault.get('message') or '')}"
        for case in cases
        for fault in (*case.iter("failure"), *case.iter("error"))
    ]
    skipped = [
        f"{_name(case)}: {reason.get('message') or reason.text}"
        for case in cases
        if (reason := case.find("skipped")) is not None
    ]
    seconds = [(float(case.get("time", "0")), _name(case)) for case in cases]
    return Count(len(cases) - len(failed) - len(skipped), failed, skipped, seconds)


def _first_line(text: str) -> str:
    return next(iter(text.splitlines()), "")


def _name(case: ET.Element) -> str:
    return f"{case.get('classname')}.{case.get('name')}"


def _tests(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from _tests(one)
        else:
            yield one


def _module_of(test: unittest.TestCase) -> str:
    """Return the module of a test; a module that cannot be imported is a test of its own to unittest."""
    module = type(test).__module__
    return module if module.startswith("tests_ap") else test.id()
