"""`cgp` itself: the ways in, the exit codes, and help that can be read for every verb."""

import unittest
from collections.abc import Iterator
from typing import Any

import typer.main

from conversation_genome import __version__
from conversation_genome.cli.app import app
from tests_ap.environment import run_python


def every_verb(command: Any, name: str = "cgp") -> Iterator[tuple[str, Any]]:
    """Yield every command with its whole name, groups included."""
    yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from every_verb(inner, f"{name} {word}")


class CommandLine(unittest.TestCase):
    def test_python_m_conversation_genome_is_cgp(self) -> None:
        done = run_python("-m", "conversation_genome", "--version")
        self.assertEqual((done.returncode, done.stdout), (0, f"{__version__}\n"))

    def test_a_verb_that_there_is_not_exits_with_2(self) -> None:
        self.assertEqual(run_python("-m", "conversation_genome", "nothing").returncode, 2)

    def test_every_verb_and_every_option_says_what_it_does(self) -> None:
        silent = []
        for name, command in every_verb(typer.main.get_command(app)):
            if not command.help and not command.short_help:
                silent.append(name)
            silent += [f"{name} {part.name}" for part in command.params if not part.help and not _is_hidden(part)]
        self.assertEqual(silent, [])

    def test_help_does_not_import_what_only_work_needs(self) -> None:
        heavy = "torch, onnxruntime, spacy, lancedb, bittensor, matplotlib, sentence_transformers"
        code = (
            "import sys; from conversation_genome.cli.app import app; "
            f"print([name for name in '{heavy}'.split(', ') if name in sys.modules])"
        )
        self.assertEqual(run_python("-c", code).stdout, "[]\n")


def _is_hidden(part: Any) -> bool:
    return bool(getattr(part, "hidden", False)) or part.name == "help"


if __name__ == "__main__":
    unittest.main()
