"""Conditions, order, pages and near-copies, asked of the Searcher on both kinds of store."""

import shutil
import tempfile
import unittest
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conversation_genome.annotation import Fact, FactKind, Profile
from conversation_genome.errors import NotFoundError, QueryError
from conversation_genome.protocol.finding import SearchSort
from conversation_genome.search import gathering, searcher
from conversation_genome.search.index import ConversationIndex
from conversation_genome.search.indexing import vector_model
from conversation_genome.search.searcher import Searcher
from conversation_genome.testing.embedder import HashEmbedder
from conversation_genome.vector_store.by_model import ExactVectorStores, LanceVectorStores
from tests_ap.unit.search.talks import merged

MAY = datetime(2024, 5, 1, tzinfo=UTC)
BAKERS = ["We bake bread here.", "Fresh rye bread every day.", "The oven is old.", "Nobody drinks tea."]
PLAYERS = ["She plays jazz guitar.", "The bread of musicians is practice.", "And what of jazz?", "Every day."]


def talk(conversation_id, lines, days=None, **changes):
    record = merged(conversation_id, changes.pop("tags", []), lines)
    update = {"started_at": None if days is None else MAY + timedelta(days=days), **changes}
    return record.model_copy(update={"conversation": record.conversation.model_copy(update=update)})


class ConditionsContract:
    """Mixed into a TestCase that makes `self.stores`."""

    def setUp(self):
        self.embedder = HashEmbedder()
        self.stores = self.made_stores()
        self.index = ConversationIndex(self.stores, self.embedder)
        self.index.upsert(talk("bakers", BAKERS, 0, source="radio", language="en", tags=["bread"]))
        self.index.upsert(talk("players", PLAYERS, 1, source="podcast", language="en-GB", tags=["jazz"]))
        self.index.upsert(talk("undated", ["Tea and jazz in the evening.", "Tea, always tea."]))
        self.searcher = Searcher(self.stores, self.embedder)

    def ids(self, query, **arguments):
        return [hit.conversation_id for hit in self.searcher.page(query, **arguments).hits]

    def test_words_joined_by_and_may_be_said_in_different_windows_of_one_talk(self):
        self.assertEqual(self.ids("bread AND tea"), ["bakers"])
        self.assertEqual(set(self.ids("bread AND day")), {"bakers", "players"})
        self.assertEqual(self.ids("guitar AND oven"), [])

    def test_what_is_excluded_may_not_be_said_anywhere_in_the_talk(self):
        self.assertEqual(self.ids("bread -jazz"), ["bakers"])
        self.assertEqual(self.ids("bread NOT tea"), ["players"])

    def test_a_phrase_and_parentheses_narrow(self):
        self.assertEqual(self.ids('"rye bread"'), ["bakers"])
        self.assertEqual(self.ids('"bread rye"'), [])
        self.assertEqual(set(self.ids("jazz AND (guitar OR evening)")), {"players", "undated"})

    def test_a_phrase_is_a_reason_only_where_it_is_said(self):
        hits = {hit.conversation_id: hit.reasons for hit in self.searcher.page('"rye bread" OR guitar').hits}
        self.assertIn("says 'rye bread'", hits["bakers"])
        self.assertIn("says 'guitar'", hits["players"])

    def test_fields_narrow_and_words_rank(self):
        self.assertEqual(self.ids("day source:radio"), ["bakers"])
        self.assertEqual(self.ids("day -tag:bread lang:en"), ["players"])
        self.assertEqual(set(self.ids("jazz lang:en")), {"players"})

    def test_conditions_alone_list_newest_first_and_undated_last(self):
        self.assertEqual(self.ids("speaker:ann"), ["players", "bakers", "undated"])
        self.assertEqual(self.ids("after:2024-05-01 before:2024-05-02"), ["bakers"])
        self.assertEqual(self.ids("on:2024-05-02"), ["players"])
        self.assertEqual(self.ids("-after:2000"), ["undated"])

    def test_hits_come_by_date_where_that_is_asked(self):
        self.assertEqual(self.ids("jazz bread tea", sort=SearchSort.DATE), ["players", "bakers", "undated"])

    def test_many_conversations_that_meet_a_condition_are_sifted_with_the_same_answer(self):
        expected = self.ids("bread AND day")
        self.addCleanup(setattr, gathering, "MAX_NAMED", gathering.MAX_NAMED)
        gathering.MAX_NAMED = 1
        self.searcher = Searcher(self.stores, self.embedder)
        self.assertEqual(self.ids("bread AND day"), expected)

    def test_the_lines_of_every_passage_are_shown_with_what_was_asked_marked(self):
        [hit] = self.searcher.page("bread AND tea").hits
        shown = {quote.text[start:end] for one in hit.passages for quote in one.quotes for start, end in quote.marks}
        self.assertEqual(shown, {"bread", "tea"})
        self.assertGreater(len(hit.passages), 1)

    def test_a_listed_conversation_shows_the_lines_of_the_speaker_that_was_asked_for(self):
        [hit, *_] = self.searcher.page("speaker:bob").hits
        self.assertTrue(hit.quotes and all(line.startswith("Bob: ") for line in hit.quotes), hit.quotes)
        self.assertEqual(hit.reasons, ("meets speaker:bob",))

    def test_a_write_is_seen_by_the_next_search_and_an_equal_search_is_remembered(self):
        self.ids("bread")
        self.ids("bread")
        self.assertEqual((self.searcher.counters.hits, self.searcher.counters.misses), (1, 1))
        self.index.upsert(talk("new", ["Bread, bread and bread."], 2))
        self.assertIn("new", self.ids("bread"))
        self.index.delete("new")
        self.assertNotIn("new", self.ids("bread"))
        self.assertEqual(self.searcher.counters.hits, 1)

    def test_long_pages_are_not_remembered(self):
        for _ in range(2):
            self.ids("bread", limit=500)
        self.assertEqual((self.searcher.counters.hits, self.searcher.counters.misses), (0, 0))

    def test_near_copies_are_one_hit(self):
        lines = [f"Line {n} tells of bread number {n} and of oven {n * 7}." for n in range(30)]
        self.index.upsert(talk("original", lines, 3))
        self.index.upsert(talk("copy", [*lines[:-1], "And a new end."], 4))
        hits = {hit.conversation_id: hit for hit in self.searcher.page("bread oven number").hits}
        kept = hits.keys() & {"original", "copy"}
        self.assertEqual(len(kept), 1)
        self.assertEqual({*kept, *hits[next(iter(kept))].near_copies}, {"original", "copy"})

    def test_similar_talks_are_found_and_a_copy_is_said_to_be_one(self):
        lines = [f"Line {n} tells of bread number {n} and of oven {n * 7}." for n in range(30)]
        for name in ("original", "copy"):
            self.index.upsert(talk(name, lines, tags=["bread"]))
        [first, *others] = self.searcher.similar("original")
        self.assertEqual(first.conversation_id, "copy")
        self.assertEqual(first.reasons[0], "nearly the same words")
        self.assertIn("tagged 'bread', too", first.reasons)
        self.assertNotIn("original", [hit.conversation_id for hit in others])
        with self.assertRaisesRegex(NotFoundError, "'nobody'"):
            self.searcher.similar("nobody")

    def test_what_is_known_of_a_participant_finds_the_talk(self):
        profile = Profile(
            participant="Ann", facts=(Fact(kind=FactKind.ROLE, text="is a volcanologist", evidence=(0,)),)
        )
        record = talk("profiled", ["Hello there, how are you today?"]).model_copy(update={"profiles": (profile,)})
        self.index.upsert(record)
        [hit, *_] = self.searcher.page("volcanologist").hits
        self.assertEqual(hit.conversation_id, "profiled")
        self.assertIn("known of a participant: Ann: is a volcanologist", hit.reasons)


class ExactConditionsTest(ConditionsContract, unittest.TestCase):
    def made_stores(self):
        return ExactVectorStores()


class LanceConditionsTest(ConditionsContract, unittest.TestCase):
    def made_stores(self):
        self.path = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.path)
        return LanceVectorStores(self.path, main=vector_model(self.embedder.model))

    def test_a_write_by_another_opening_of_the_folder_is_seen(self):
        self.assertNotIn("new", self.ids("bread"))
        other = LanceVectorStores(self.path, main=vector_model(self.embedder.model))
        ConversationIndex(other, self.embedder).upsert(talk("new", ["Bread, bread and bread."], 2))
        self.assertIn("new", self.ids("bread"))


class PagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.embedder = HashEmbedder()
        cls.stores = ExactVectorStores()
        cls.index = ConversationIndex(cls.stores, cls.embedder)
        for number in range(30):
            cls.index.upsert(talk(f"c{number:02}", [f"Bread number {number} is good.", "Yes."], number % 7))

    def setUp(self):
        self.searcher = Searcher(self.stores, self.embedder)

    def pages(self, query, limit, **arguments):
        found, cursor = [], None
        while True:
            page = self.searcher.page(query, limit=limit, cursor=cursor, **arguments)
            found += [hit.conversation_id for hit in page.hits]
            cursor = page.next_cursor
            if cursor is None:
                return found

    def test_pages_of_any_length_are_stretches_of_one_order(self):
        for query, sort in (("bread", None), ("bread", SearchSort.DATE), ("speaker:ann", None)):
            whole = self.pages(query, 1_000, sort=sort)
            self.assertEqual(len(set(whole)), 30)
            for limit in (1, 7, 30):
                self.assertEqual(self.pages(query, limit, sort=sort), whole, (query, limit))

    def test_beyond_the_head_the_order_goes_on(self):
        whole = self.pages("bread", 1_000)
        self.addCleanup(setattr, searcher, "HEAD_DEPTH", searcher.HEAD_DEPTH)
        searcher.HEAD_DEPTH = 5
        paged = self.pages("bread", 4)
        self.assertEqual((sorted(paged), len(paged)), (sorted(whole), 30))

    def test_a_change_between_pages_is_told(self):
        first = self.searcher.page("bread", limit=5)
        self.index.upsert(talk("c00", ["Bread number 0 is good.", "Yes."]))
        again = self.searcher.page("bread", limit=5, cursor=first.next_cursor)
        self.assertTrue(again.is_changed)
        self.assertFalse(self.searcher.page("bread", limit=5, cursor=again.next_cursor).is_changed)

    def test_a_list_by_date_goes_on_after_the_last_one_whatever_was_written(self):
        first = self.searcher.page("speaker:ann", limit=5)
        self.index.upsert(talk("brand-new", ["Bread of today."], 100))
        self.addCleanup(self.index.delete, "brand-new")
        rest = self.searcher.page("speaker:ann", limit=100, cursor=first.next_cursor)
        self.assertEqual((rest.is_changed, len(rest.hits)), (False, 25))
        self.assertFalse({hit.conversation_id for hit in first.hits} & {hit.conversation_id for hit in rest.hits})

    def test_a_cursor_belongs_to_its_query_and_order(self):
        cursor = self.searcher.page("bread", limit=5).next_cursor
        with self.assertRaisesRegex(QueryError, "belongs to another query or order"):
            self.searcher.page("good", limit=5, cursor=cursor)
        with self.assertRaisesRegex(QueryError, "belongs to another query or order"):
            self.searcher.page("bread", limit=5, sort=SearchSort.DATE, cursor=cursor)

    def test_what_is_no_cursor_is_refused(self):
        for cursor in ("x", "====", "W10", "\ud800", "é", "WyJhIiwiYiIsLTEsbnVsbF0", "A" * 5_000):
            with self.assertRaisesRegex(QueryError, "is no cursor"):
                self.searcher.page("bread", cursor=cursor)
