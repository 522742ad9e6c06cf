"""What a run says while it goes on, and what it prints at the end."""

import io
import unittest
from contextlib import redirect_stdout

from rich.console import Console

from conversation_genome.local.display import PlainDisplay
from conversation_genome.local.printing import print_summary
from conversation_genome.local.summary import RunSummary
from tests_ap.unit.report.made_up_run import run_summary


def printed(summary: RunSummary) -> str:
    output = io.StringIO()
    with redirect_stdout(output):
        print_summary(summary)
    return output.getvalue()


class PlainDisplayTest(unittest.TestCase):
    def setUp(self) -> None:
        self.output = io.StringIO()
        self.display = PlainDisplay(Console(file=self.output))

    def lines(self) -> list[str]:
        return self.output.getvalue().splitlines()

    def test_a_step_is_a_line(self) -> None:
        self.display.step("starting [red] thing")
        self.assertEqual(self.lines(), ["starting [red] thing"])

    def test_progress_is_told_seldom_but_the_end_always(self) -> None:
        for done in range(1, 51):
            self.display.progress(done, 50, "answers: none yet")
        self.assertEqual(self.lines(), ["windows 1/50; answers: none yet", "windows 50/50; answers: none yet"])


class PrintSummaryTest(unittest.TestCase):
    def test_it_tells_miners_conversations_a_search_and_where_things_lie(self) -> None:
        summary = run_summary()
        text = printed(summary)
        for miner in summary.miners:
            self.assertIn(miner.kind, text)
        for part in (f"{len(summary.samples)} conversations and their tags", "search: ", "where things lie", "report"):
            self.assertIn(part, text)

    def test_a_single_conversation_is_not_called_three(self) -> None:
        summary = run_summary()
        self.assertIn(
            "a conversation and its tags", printed(summary.model_copy(update={"samples": summary.samples[:1]}))
        )

    def test_what_strangers_wrote_is_shown_and_not_obeyed(self) -> None:
        summary = run_summary()
        hostile = summary.samples[0].model_copy(update={"title": "[red]all [/nonsense] mine"})
        self.assertIn("[red]all [/nonsense] mine", printed(summary.model_copy(update={"samples": (hostile,)})))
