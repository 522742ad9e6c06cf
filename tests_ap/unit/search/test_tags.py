"""Tags over time, and what stands around one."""

import unittest
from datetime import UTC, date, datetime, timedelta

from conversation_genome.errors import NotFoundError, QueryError
from conversation_genome.protocol.finding import Stretch
from conversation_genome.search.index import ConversationIndex
from conversation_genome.search.tag_graph import company_of, neighbours
from conversation_genome.search.tag_trends import tag_trends
from conversation_genome.vector_store.base import Outline
from conversation_genome.vector_store.by_model import ExactVectorStores
from tests_ap.unit.embedding.model_fixture import real_embedder
from tests_ap.unit.search.talks import TALKS, merged

JANUARY = datetime(2024, 1, 1, tzinfo=UTC)


def outlines(*tags_by_month):
    """Return conversations: of each month those with these tags."""
    return [
        Outline(conversation_id=f"{month}-{number}", started_at=datetime(2024, month, 3, tzinfo=UTC), tags=tags)
        for month, talks in enumerate(tags_by_month, start=1)
        for number, tags in enumerate(talks)
    ]


class TrendsTest(unittest.TestCase):
    def test_a_tag_that_comes_up_rises_and_one_that_goes_falls(self):
        old, new = [("Fax",)] * 5, [("AI",)] * 5
        found = tag_trends(outlines(old, old, new, new), stretch=Stretch.MONTH)
        self.assertEqual([trend.tag for trend in found.rising], ["AI"])
        self.assertEqual([trend.tag for trend in found.falling], ["Fax"])
        self.assertEqual(found.rising[0].counts, (0, 0, 5, 5))
        self.assertEqual((found.rising[0].change, found.conversations), (1.0, (5, 5, 5, 5)))

    def test_more_conversations_alone_make_no_tag_rise(self):
        found = tag_trends(outlines([("tea",), ()], [("tea",), ()] * 10), stretch=Stretch.MONTH)
        self.assertEqual((found.rising, found.falling), ((), ()))

    def test_the_strength_is_that_of_the_two_proportion_test(self):
        found = tag_trends(outlines([("a",)] * 2 + [()] * 8, [("a",)] * 6 + [()] * 4), stretch=Stretch.MONTH)
        self.assertAlmostEqual(found.rising[0].strength, 0.4 / (0.4 * 0.6 * 0.2) ** 0.5)

    def test_a_stretch_without_conversations_is_there_and_empty(self):
        found = tag_trends(outlines([("a",)], [], [("a",)]), stretch=Stretch.MONTH)
        self.assertEqual(found.starts, (date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)))
        self.assertEqual(found.conversations, (1, 0, 1))

    def test_stretches_begin_in_utc(self):
        late = Outline(conversation_id="x", started_at=JANUARY - timedelta(microseconds=1), tags=("a",))
        found = tag_trends([*outlines([("a",)]), late], stretch=Stretch.YEAR)
        self.assertEqual((found.starts, found.conversations), ((date(2023, 1, 1), date(2024, 1, 1)), (1, 1)))

    def test_weeks_begin_on_monday_and_time_is_cut_to_fit(self):
        moments = [JANUARY + timedelta(days=days) for days in (2, 60)]
        found = tag_trends([Outline(conversation_id=str(m), started_at=m) for m in moments])
        self.assertEqual((found.stretch, found.starts[0]), (Stretch.WEEK, date(2024, 1, 1)))

    def test_named_tags_are_told_in_any_case_even_unknown_ones(self):
        found = tag_trends(outlines([("Tea",)], [("tea",), ("Tea",)]), tags=["TEA", "none"], stretch=Stretch.MONTH)
        self.assertEqual([(one.tag, one.counts) for one in found.named], [("Tea", (1, 2)), ("none", (0, 0))])

    def test_without_dates_nothing_moves_and_that_is_counted(self):
        found = tag_trends([Outline(conversation_id="x", tags=("a",))])
        self.assertEqual((found.starts, found.rising, found.undated), ((), (), 1))


class NeighboursTest(unittest.TestCase):
    def test_tags_that_come_together_more_than_by_chance_are_closest(self):
        talks = [Outline(conversation_id=str(n), tags=("bread", "oven") if n < 5 else ("jazz",)) for n in range(20)]
        talks += [Outline(conversation_id=f"x{n}", tags=("bread", "news")) for n in range(2)]
        talks += [Outline(conversation_id=f"y{n}", tags=("news",)) for n in range(20)]
        found = neighbours("Bread", company_of("Bread", talks), {}, limit=5)
        self.assertEqual((found.tag, found.conversations), ("bread", 7))
        self.assertEqual([one.tag for one in found.neighbours], ["oven"])
        self.assertEqual(found.neighbours[0].together, 5)

    def test_a_tag_that_only_means_the_like_is_a_neighbour_too(self):
        company = company_of("bread", [Outline(conversation_id="1", tags=("bread",))])
        found = neighbours("bread", company, {"loaf": 0.8, "jazz": 0.1, "bread": 1.0}, limit=5)
        self.assertEqual([(one.tag, one.likeness, one.together) for one in found.neighbours], [("loaf", 0.8, 0)])


class ExplorerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.index = ConversationIndex(ExactVectorStores(), real_embedder())
        for conversation_id in TALKS:
            cls.index.upsert(merged(conversation_id))
        cls.index.upsert(merged("more", ["dogs", "vet"], ["The dogs bark at the vet all day long."]))

    def test_neighbours_come_by_company_and_by_meaning(self):
        found = {one.tag: one for one in self.index.tag_neighbours("Anxious Dog", 10).neighbours}
        self.assertEqual(found["vet"].together, 1)
        self.assertGreater(found["dogs"].likeness, 0.5)
        self.assertNotIn("travel", found)

    def test_a_tag_of_no_conversation_is_not_found(self):
        with self.assertRaisesRegex(NotFoundError, "'nothing'"):
            self.index.tag_neighbours("nothing", 5)

    def test_limits_are_bounded(self):
        with self.assertRaisesRegex(QueryError, "from 1 to 200, not 0"):
            self.index.tag_trends(limit=0)
