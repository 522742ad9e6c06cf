"""Search: the right conversation first, with the lines that show it and the reason."""

import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.errors import QueryError, VectorModelError
from conversation_genome.search.index import ConversationIndex, hit_from_wire
from conversation_genome.search.indexing import vector_records
from conversation_genome.search.searcher import Searcher
from conversation_genome.testing.embedder import HashEmbedder
from conversation_genome.vector_store.base import Level, SearchFilter
from conversation_genome.vector_store.by_model import ExactVectorStores
from tests_ap.unit.embedding.model_fixture import real_embedder
from tests_ap.unit.search.talks import TALKS, merged


def filled(embedder):
    stores = ExactVectorStores()
    index = ConversationIndex(stores, embedder)
    for conversation_id in TALKS:
        index.upsert(merged(conversation_id))
    return stores, index


class SearcherTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.embedder = real_embedder()
        cls.stores, cls.index = filled(cls.embedder)
        cls.searcher = Searcher(cls.stores, cls.embedder)

    def first(self, query):
        return self.searcher.search(query)[0]

    def test_words_of_the_talk_find_it_and_the_line_is_quoted(self):
        hit = self.first("flat loaves")
        self.assertEqual((hit.conversation_id, hit.window_id), ("bread", "2-2-4"))
        self.assertEqual(hit.quotes, ("Bob: I baked two loaves on Sunday and both stayed flat.",))
        self.assertIn("says 'flat', 'loaves'", hit.reasons)

    def test_meaning_finds_a_talk_that_holds_none_of_the_words(self):
        hit = self.first("soothing a frightened puppy")
        self.assertEqual(hit.conversation_id, "dog")
        self.assertEqual(len(hit.quotes), 1)
        self.assertTrue(any("close in meaning" in reason for reason in hit.reasons), hit.reasons)

    def test_a_tag_is_named_as_the_reason(self):
        self.assertTrue(self.first("night trains").reasons[0].startswith("tagged 'night trains'"))

    def test_other_scripts_are_found(self):
        hit = self.first("寿司")
        self.assertEqual((hit.conversation_id, hit.quotes[0]), ("sushi", "Ann: 昨日は新しい店で寿司を食べました。"))

    def test_a_conversation_is_one_hit_however_many_of_its_parts_match(self):
        found = [hit.conversation_id for hit in self.searcher.search("bed")]
        self.assertEqual(len(found), len(set(found)))
        self.assertEqual(set(found[:2]), {"dog", "trains"})

    def test_scores_fall_and_stay_within_one(self):
        scores = [hit.score for hit in self.searcher.search("quiet music for the dog", 4)]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertLessEqual(scores[0], 1.0)

    def test_what_is_far_in_meaning_and_holds_no_word_is_not_found(self):
        self.assertEqual(self.searcher.search("quarterly tax return of a limited company"), [])

    def test_no_more_than_the_limit_is_returned(self):
        self.assertEqual(len(self.searcher.search("bed", 1)), 1)

    def test_filters_narrow_what_is_found(self):
        only = SearchFilter(conversation_ids=frozenset({"trains"}))
        self.assertEqual([hit.conversation_id for hit in self.searcher.search("bed", filters=only)], ["trains"])

    def test_queries_that_cannot_be_read_are_refused_in_one_sentence(self):
        for query, limit, sentence in ((" \n", 10, "empty"), ("x" * 1_001, 10, "1,001 characters"), ("x", 0, "not 0")):
            with self.assertRaisesRegex(QueryError, sentence):
                self.searcher.search(query, limit)

    def test_a_store_of_another_model_is_refused(self):
        with self.assertRaisesRegex(VectorModelError, "all-MiniLM-L6-v2.* embedded with hash"):
            Searcher(self.stores, HashEmbedder()).search("bread")

    def test_an_empty_store_finds_nothing(self):
        self.assertEqual(Searcher(ExactVectorStores(), self.embedder).search("bread"), [])

    @settings(max_examples=25, deadline=None)
    @given(st.text(st.characters(codec=None), min_size=1, max_size=40).filter(str.strip))
    def test_any_query_is_answered_or_refused_in_one_sentence(self, query):
        try:
            hits = self.searcher.search(query, 3)
        except QueryError as exc:
            self.assertRegex(str(exc), "^column [0-9]+ of the query: ")
            return
        for hit in hits:
            self.assertIn(hit.conversation_id, TALKS)


class ConversationIndexTest(unittest.TestCase):
    def setUp(self):
        self.embedder = HashEmbedder()
        self.stores, self.index = filled(self.embedder)
        [self.store] = self.stores.every()

    def test_every_level_is_indexed_and_of_windows_the_smallest(self):
        counts = {level: self.store.count(SearchFilter(levels=frozenset({level}))) for level in Level}
        self.assertEqual(counts, {Level.CONVERSATION: 4, Level.WINDOW: 8, Level.TAG: 7, Level.PROFILE: 0})

    def test_a_conversation_merged_again_leaves_nothing_of_before(self):
        self.index.upsert(merged("bread", ["cheese"], ["We talk about cheese now, and nothing else."]))
        self.assertEqual(self.store.search(None, "sourdough loaves"), [])
        self.assertEqual(self.index.search("cheese", 1).hits[0].conversation_id, "bread")

    def test_a_deleted_conversation_is_not_found(self):
        self.index.delete("bread")
        self.assertNotIn("bread", [hit.conversation_id for hit in self.index.search("sourdough loaves", 10).hits])

    def test_a_hit_goes_over_the_wire_with_its_quote_as_the_snippet(self):
        hit = self.index.search("sourdough starter", 1).hits[0]
        self.assertEqual((hit.conversation_id, hit.tags), ("bread", ("sourdough", "baking")))
        self.assertIn("My sourdough starter died", hit.snippet)
        self.assertEqual(hit_from_wire(hit).quotes, (hit.snippet,))

    def test_a_talk_of_short_and_empty_lines_without_tags_is_indexed(self):
        records = vector_records(merged("x", [], ["", "ok", "\x00", " "]), self.embedder)
        self.assertEqual({record.title for record in records}, {"ok"})

    def test_the_title_is_the_line_nearest_to_the_tags_and_no_greeting(self):
        self.index.upsert(merged("bread", ["sourdough"]))
        title = Searcher(self.stores, self.embedder).search("sourdough", 1)[0].title
        self.assertEqual(title, "My sourdough starter died again last week.")

    def test_the_same_tag_twice_is_one_record(self):
        self.index.upsert(merged("x", ["tea", "tea"], ["We only drink tea here, all day long."]))
        self.assertEqual(
            self.store.count(SearchFilter(conversation_ids=frozenset({"x"}), levels=frozenset({Level.TAG}))), 1
        )
