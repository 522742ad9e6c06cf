"""What a reader of the report can rely on."""

import re
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

from conversation_genome.annotation import Outcome
from conversation_genome.local.report import report, write_report
from conversation_genome.local.summary import ConversationCounts, SearchShown
from tests_ap.unit.report.made_up_run import run_summary

VOID = {"meta", "link", "br", "hr", "img", "input"}


class _Outline(HTMLParser):
    """Notes elements, attributes and what was not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


class TestReport(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.summary = run_summary()
        cls.page = report(cls.summary)
        cls.outline = _Outline(cls.page)

    def test_equal_runs_give_equal_bytes(self) -> None:
        self.assertEqual(report(run_summary()), self.page)

    def test_every_element_is_closed(self) -> None:
        self.assertEqual((self.outline.faults, self.outline.open), ([], []))

    def test_the_page_can_ask_the_network_for_nothing(self) -> None:
        for tag, attributes in self.outline.elements:
            for name in ("src", "href", "action", "data", "srcset", "poster"):
                with self.subTest(tag=tag, name=name):
                    self.assertRegex(attributes.get(name) or "#", r"^(#|data:)")
        self.assertNotRegex(self.page, r"https?://|@import|url\((?!#)")
        self.assertIn("default-src 'none'", self.page)

    def test_there_is_no_script(self) -> None:
        self.assertNotIn("script", {tag for tag, _ in self.outline.elements})
        self.assertFalse(
            [name for _, attributes in self.outline.elements for name in attributes if name.startswith("on")]
        )

    def test_what_people_wrote_is_shown_and_not_run(self) -> None:
        self.assertIn("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", self.page)

    def test_every_table_says_what_it_shows(self) -> None:
        self.assertEqual(self.page.count("<table"), self.page.count("<caption>"))
        self.assertNotIn("<th>", self.page)

    def test_every_chart_has_a_title_and_a_description(self) -> None:
        ids = {attributes.get("id") for _, attributes in self.outline.elements}
        named = [
            attributes["aria-labelledby"]
            for tag, attributes in self.outline.elements
            if tag == "svg" and "aria-labelledby" in attributes
        ]
        self.assertEqual(len(named), 4)
        self.assertLessEqual({id_ for both in named for id_ in both.split()}, ids)

    def test_no_id_is_given_twice(self) -> None:
        ids = [attributes["id"] for _, attributes in self.outline.elements if "id" in attributes]
        self.assertEqual(len(ids), len(set(ids)))

    def test_charts_are_drawn_in_the_colours_of_the_page(self) -> None:
        self.assertNotRegex(self.page.split("</style>", 1)[1], r"#[0-9a-fA-F]{6}\b")

    def test_every_miner_has_its_row(self) -> None:
        for miner in self.summary.miners:
            self.assertIn(f"uid {miner.uid} ·", self.page)

    def test_text_is_readable_in_both_schemes(self) -> None:
        light, dark = re.findall(r":root \{(.*?)\}", self.page, re.DOTALL)[:2]
        for scheme in (light, dark):
            colours = dict(re.findall(r"--([a-z0-9]+): (#[0-9a-f]{6})", scheme))
            for ink in ("ink", "soft", "muted", "accent", *(f"k{number}" for number in range(1, 8))):
                for ground in ("page", "card"):
                    with self.subTest(ink=ink, ground=ground):
                        self.assertGreaterEqual(_contrast(colours[ink], colours[ground]), 4.5)


class TestReportOfUnusualRuns(unittest.TestCase):
    def test_a_run_that_is_not_complete_says_so(self) -> None:
        counts = ConversationCounts(total=18, complete=11, too_short=2)
        page = report(run_summary().model_copy(update={"conversations": counts}))
        self.assertIn("11 of 18 conversations read", page)
        self.assertIn("2 too short to read", page)

    def test_a_run_without_answers_samples_or_search_still_has_its_page(self) -> None:
        bare = {"points": (), "samples": (), "search": None, "miners": (), "answers": {}, "validators": ()}
        self.assertIn("Where everything lies", report(run_summary().model_copy(update=bare)))

    def test_a_search_without_hits_says_so(self) -> None:
        page = report(run_summary().model_copy(update={"search": SearchShown(query="nobody", hits=())}))
        self.assertIn("Nothing was found.", page)

    def test_an_outcome_that_did_not_occur_is_left_out(self) -> None:
        page = report(run_summary().model_copy(update={"answers": {Outcome.SCORED: 3, Outcome.LATE: 0}}))
        self.assertNotIn("after the deadline, or", page)

    def test_a_kind_of_miner_that_is_not_known_by_name_is_shown_all_the_same(self) -> None:
        summary = run_summary()
        strange = summary.miners[0].model_copy(update={"kind": "<new>"})
        points = tuple(point.model_copy(update={"kind": "<new>"}) for point in summary.points[:5])
        page = report(summary.model_copy(update={"miners": (strange,), "points": points}))
        self.assertIn("&lt;new&gt;", page)
        self.assertNotIn("<new>", page)

    def test_the_file_is_written_whole(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "out" / "report.html"
            write_report(run_summary(), path)
            self.assertEqual([file.name for file in path.parent.iterdir()], ["report.html"])


def _contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
