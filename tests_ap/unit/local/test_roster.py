"""Who takes part in a local subnet, and what the server is told of it."""

import asyncio
import tempfile
import unittest
from pathlib import Path

from conversation_genome.errors import InputError
from conversation_genome.local.display import open_display
from conversation_genome.local.layout import Layout
from conversation_genome.local.roster import draw_up
from conversation_genome.local.run import RunOptions, run_local


class RosterTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_the_server_is_told_how_many_validators_grade_each_conversation(self) -> None:
        roster = draw_up(Layout(self.folder), miners=1, validators=2, gradings=2)
        self.assertEqual(roster.server.settings["server_validators_per_conversation"], 2)

    def test_more_gradings_than_validators_are_refused_before_anything_starts(self) -> None:
        options = RunOptions(inputs=(), out=self.folder / "run", validators=2, gradings=3)
        with open_display() as display, self.assertRaisesRegex(InputError, "give --validators 3"):
            asyncio.run(run_local(options, display, lambda *_: None))
        self.assertFalse((self.folder / "run").exists())
