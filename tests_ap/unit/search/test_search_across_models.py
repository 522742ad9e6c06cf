"""Search where talks in several languages lie in the stores of several models."""

import unittest

from conversation_genome.errors import VectorModelError
from conversation_genome.search.index import ConversationIndex
from conversation_genome.search.searcher import Searcher
from conversation_genome.vector_store.by_model import ExactVectorStores
from tests_ap.examples import ready_embedder
from tests_ap.unit.embedding.model_fixture import real_embedder
from tests_ap.unit.search.talks import TALKS, merged

KAMERA = ["祖父の古いフィルムカメラのシャッターが切れません。", "巻き上げレバーは最後まで動きますか。"]
BIENEN = ["Auf dem Dach stehen elf Bienenstöcke.", "Der Honig schmeckt nach Lindenblüten."]


def in_language(conversation_id, tags, lines, language):
    record = merged(conversation_id, tags, lines)
    conversation = record.conversation.model_copy(update={"language": language})
    return record.model_copy(update={"conversation": conversation})


class SearchAcrossModelsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stores = ExactVectorStores()
        cls.index = ConversationIndex(cls.stores, ready_embedder())
        for conversation_id in TALKS:
            cls.index.upsert(merged(conversation_id))
        cls.index.upsert(in_language("kamera", ["フィルムカメラ"], KAMERA, "ja"))
        cls.index.upsert(in_language("bienen", ["Imkerei"], BIENEN, "de"))

    def found(self, query):
        return [hit.conversation_id for hit in self.index.search(query, 10).hits]

    def test_each_talk_lies_in_the_store_of_its_languages_model(self):
        self.assertEqual([store.model.dimensions for store in self.stores.every()], [384, 512])

    def test_a_query_in_the_talks_own_language_finds_it_first(self):
        self.assertEqual((self.found("壊れたカメラ")[0], self.found("Imker und Honig")[0]), ("kamera", "bienen"))

    def test_an_english_query_finds_talks_in_other_languages_by_meaning(self):
        self.assertEqual(
            (self.found("old film camera")[0], self.found("beekeeping on a roof")[0]), ("kamera", "bienen")
        )

    def test_an_english_talk_comes_before_what_another_model_finds_less_near(self):
        self.assertEqual([self.found(query)[0] for query in ("flat loaves", "night trains")], ["bread", "trains"])

    def test_what_is_far_from_every_talk_is_not_found(self):
        self.assertEqual(self.found("quarterly tax return of a limited company"), [])

    def test_a_talk_that_changes_its_language_is_found_once(self):
        self.index.upsert(in_language("bienen", ["beekeeping"], ["Eleven hives stand on the roof."], "en"))
        self.assertEqual(self.found("hives on the roof").count("bienen"), 1)
        self.index.upsert(in_language("bienen", ["Imkerei"], BIENEN, "de"))

    def test_a_deleted_talk_is_gone_whatever_its_model(self):
        self.index.upsert(in_language("gone", ["Schach"], ["Das Flügelgambit ist eine Wette."], "de"))
        self.index.delete("gone")
        self.assertNotIn("gone", self.found("Flügelgambit"))

    def test_a_store_of_a_model_that_is_not_at_hand_is_refused(self):
        with self.assertRaisesRegex(VectorModelError, "universal-sentence-encoder"):
            Searcher(self.stores, real_embedder()).search("bread")
