"""The report of a dataset, and the map of tags in it."""

import unittest
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import numpy as np

from conversation_genome.annotation import Aspect
from conversation_genome.publishing import write_dataset
from conversation_genome.publishing.tag_map import map_tags
from conversation_genome.record import ConsensusTag
from tests_ap.unit.publishing.records import LetterEmbedder, record
from tests_ap.unit.publishing.test_dataset import DatasetCase

THEMES = ("gardening", "sailing", "chess", "volcanoes")


def themed() -> tuple[list[str], list[int], np.ndarray]:
    """Return ten tags of each of four themes, which lie close together."""
    chance = np.random.default_rng(3)
    middles = np.eye(4, 32)
    texts = [f"{theme} {number}" for theme in THEMES for number in range(10)]
    vectors = np.repeat(middles, 10, axis=0) + chance.normal(0, 0.05, (40, 32))
    return texts, [10 - number % 10 for number in range(40)], vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class TestTagMap(unittest.TestCase):
    def test_no_group_holds_tags_of_two_themes(self) -> None:
        _, points = map_tags(*themed())
        found: dict[int, set[str]] = {}
        for point in points:
            found.setdefault(point.group, set()).add(point.text.split()[0])
        self.assertEqual([one for one in found.values() if len(one) > 1], [])

    def test_groups_are_named_by_their_own_tags_and_do_not_overlap(self) -> None:
        groups, points = map_tags(*themed())
        for number, group in enumerate(groups):
            self.assertLessEqual(set(group.names), {point.text for point in points if point.group == number})
            for other in groups[:number]:
                distance = np.hypot(group.x - other.x, group.y - other.y)
                self.assertGreaterEqual(distance, group.radius + other.radius)

    def test_no_group_is_named_twice_by_one_tag_in_singular_and_plural(self) -> None:
        texts, counts, vectors = themed()
        for place, text in ((0, "lifetime earning"), (1, "Lifetime earnings")):
            texts[place], counts[place] = text, 1000
        named = [group.names for group in map_tags(texts, counts, vectors)[0]]
        (names,) = [some for some in named if any("earning" in one for one in some)]
        self.assertEqual((len(names), sum("earning" in one for one in names)), (2, 1))

    def test_a_group_keeps_its_first_name_however_many_forms_of_it_are_there(self) -> None:
        texts, counts, vectors = themed()
        for place, (text, count) in enumerate((("game", 10_000), ("card", 500), ("dice", 400), ("games", 1))):
            texts[place], counts[place] = text, count
        self.assertIn(("game", "card"), [group.names for group in map_tags(texts, counts, vectors)[0]])

    def test_all_lies_on_the_map(self) -> None:
        _, points = map_tags(*themed())
        self.assertTrue(all(0 <= point.x <= 1 and 0 <= point.y <= 1 for point in points))

    def test_equal_tags_give_an_equal_map(self) -> None:
        self.assertEqual(map_tags(*themed()), map_tags(*themed()))

    def test_equal_vectors_are_mapped_too(self) -> None:
        _, points = map_tags([str(number) for number in range(8)], [1] * 8, np.tile([1.0, 0.0], (8, 1)))
        self.assertTrue(all(np.isfinite((point.x, point.y)).all() for point in points))

    def test_few_tags_are_not_mapped(self) -> None:
        self.assertEqual(map_tags(["one"], [1], np.ones((1, 2))), ([], []))


class TestReport(DatasetCase):
    def written(self, **changes) -> str:
        tags = tuple(
            ConsensusTag(text=f"{theme} {number}", aspect=Aspect.TOPIC, weight=0.5, support=1)
            for theme in THEMES
            for number in range(5)
        )
        start = datetime(2026, 1, 1, tzinfo=UTC)
        records = [
            record(f"talk {number}").model_copy(
                update={"tags": tags, "merged_at": start + timedelta(days=number)} | changes
            )
            for number in range(5)
        ]
        write_dataset([*records, record("other", license_="<b>mine</b>")], self.folder, embedder=LetterEmbedder())
        return (self.folder / "report.html").read_text()

    def test_it_shows_counts_languages_quality_growth_and_the_map(self) -> None:
        page = self.written()
        for part in (
            "<b>5</b><span>conversations",
            "boring index, mean 0.25",
            "2026-01-05",
            "Map of tags",
            "volcanoes",
        ):
            self.assertIn(part, page)
        self.assertIn('<span>English</span><i style="width: 100.0%">', page)

    def test_it_needs_no_script_and_loads_nothing(self) -> None:
        page = self.written()
        found: list[str] = []
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, attributes: found.extend([tag, *(name for name, _ in attributes)])  # type: ignore[method-assign]
        parser.feed(page)
        self.assertEqual(set(found) & {"script", "link", "img", "iframe", "src", "href", "onclick", "onload"}, set())

    def test_what_a_source_wrote_is_text(self) -> None:
        self.assertIn("&lt;b&gt;mine&lt;/b&gt;: not published", self.written())

    def test_a_dataset_without_a_row_has_a_report(self) -> None:
        write_dataset([], self.folder)
        self.assertIn("too few tags", (self.folder / "report.html").read_text())

    def test_tags_without_vectors_are_not_mapped(self) -> None:
        write_dataset([record()], self.folder)
        self.assertIn("too few tags", (self.folder / "report.html").read_text())


if __name__ == "__main__":
    unittest.main()
