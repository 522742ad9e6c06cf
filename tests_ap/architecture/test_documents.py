"""The documents tell the truth: links lead somewhere, commands exist, options are known."""

import importlib.util
import re
import shlex
import unittest
from collections.abc import Iterator
from pathlib import Path

import typer.main

from conversation_genome.cli.app import app
from tests_ap.architecture.tree import name_of, tracked_files
from tests_ap.environment import ROOT
from tests_ap.walkthrough import WORDS

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^```(?:bash|console|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:cgp|bash|python3?) [^`]+)`")
PLACEHOLDER = re.compile(r"[A-Z]{2,}|\.\.\.|…|<")
NOT_FOR_READERS = (".", "tests_ap", "examples", "benchmarks", "conversation_genome")
"""Notes that lie beside what they are about, in folders that the README names."""

ROOT_COMMAND = typer.main.get_command(app)


def documents() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".md"]


def commands_in(path: Path) -> Iterator[list[str]]:
    """Yield the words of every command that a document shows."""
    text = path.read_text(encoding="utf-8")
    lines = [line for block in FENCE.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    for line in [*lines, *INLINE.findall(text)]:
        for part in re.split(r"&&|\||;", line.split(" #")[0]):
            words = shlex.split(part)
            if words:
                yield words[1:] if words[0] == "$" else words


def fault_of(words: list[str]) -> str | None:
    """Return what is wrong with a command that a document shows."""
    words = [word for word in words if "=" not in word or word.startswith("-")]
    program, rest = words[0] if words else "", words[1:]
    if program in ("bash", "source") and rest:
        return None if (ROOT / rest[0]).is_file() else f"there is no {rest[0]}"
    if program == "cgp":
        return cgp_fault(rest)
    if program.endswith(("python", "python3")) and rest:
        return python_fault(rest)
    if program == "pm2" and rest[:1] == ["start"]:
        return None if (ROOT / rest[1]).is_file() else f"there is no {rest[1]}"
    return None


def cgp_fault(words: list[str]) -> str | None:
    command = ROOT_COMMAND
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    is_group = bool(getattr(command, "commands", {}))
    if is_group and words and not words[0].startswith("-") and not PLACEHOLDER.search(words[0]):
        return f"cgp has no verb {words[0]!r}"
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    unknown = [word for word in words if word.startswith("-") and word != "-" and word.split("=")[0] not in known]
    return f"{command.name} has no option {unknown[0]}" if unknown else None


def python_fault(words: list[str]) -> str | None:
    if words[0] == "-m" and words[1] == "conversation_genome":
        return cgp_fault(words[2:])
    if words[:3] == ["-m", "unittest", "discover"] and words[4:]:
        return None if words[4] in WORDS else f"{words[4]!r} is no walk-through"
    if words[0] == "-m":
        return None if importlib.util.find_spec(words[1]) else f"there is no module {words[1]}"
    return None if words[0].startswith("-") or (ROOT / words[0]).is_file() else f"there is no {words[0]}"


class Documents(unittest.TestCase):
    def test_every_link_leads_to_a_file(self) -> None:
        broken = [
            f"{name_of(path)}: {target}"
            for path in documents()
            for target in LINK.findall(path.read_text(encoding="utf-8"))
            if not (path.parent / target).exists()
        ]
        self.assertEqual(broken, [])

    def test_every_command_that_is_shown_exists(self) -> None:
        faults = [
            f"{name_of(path)}: {shlex.join(words)}: {fault}"
            for path in documents()
            for words in commands_in(path)
            if (fault := fault_of(words))
        ]
        self.assertEqual(faults, [])

    def test_every_verb_stands_in_the_reference(self) -> None:
        page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
        groups = {name: getattr(command, "commands", {}) for name, command in ROOT_COMMAND.commands.items()}
        verbs = [f"{name} {inner}".strip() for name, inners in groups.items() for inner in inners or [""]]
        self.assertEqual([verb for verb in verbs if not re.search(rf"`cgp {verb}[ `]", page)], [])

    def test_the_check_sees_commands_that_do_not_exist(self) -> None:
        for line in ("bash run_nothing.sh", "cgp nothing", "cgp config check --nothing", "python -m nothing_there"):
            with self.subTest(line):
                self.assertIsNotNone(fault_of(line.split()))

    def test_every_page_is_reached_from_the_readme(self) -> None:
        seen, waiting = set[Path](), [ROOT / "README.md"]
        while waiting:
            page = waiting.pop()
            if page in seen or page.suffix != ".md" or not page.is_file():
                continue
            seen.add(page)
            waiting += [(page.parent / target).resolve() for target in LINK.findall(page.read_text(encoding="utf-8"))]
        lost = [name_of(path) for path in documents() if path not in seen]
        self.assertEqual([name for name in lost if not name.startswith(NOT_FOR_READERS)], [])


if __name__ == "__main__":
    unittest.main()
