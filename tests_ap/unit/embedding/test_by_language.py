"""ByLanguage: the language of a talk decides which model reads it."""

import unittest

from conversation_genome.embedding.by_language import ByLanguage, Specialist, embedder_for, embedder_of
from conversation_genome.embedding.cache import CachedEmbedder
from conversation_genome.embedding.use_multilingual import LANGUAGES, MODEL
from conversation_genome.testing.embedder import HashEmbedder


def chooser(loads: list[str]) -> ByLanguage:
    """Return an embedder whose multilingual model notes that it was loaded."""

    def load() -> CachedEmbedder:
        loads.append("loaded")
        return CachedEmbedder(HashEmbedder())

    return ByLanguage(CachedEmbedder(HashEmbedder()), [Specialist(MODEL, LANGUAGES, load)])


class ByLanguageTest(unittest.TestCase):
    def setUp(self) -> None:
        self.loads: list[str] = []
        self.embedder = chooser(self.loads)

    def test_english_and_undetermined_talk_is_read_by_the_default_model(self) -> None:
        for language in (None, "", "en", "en-GB", "EN_us", "und"):
            self.assertIs(embedder_for(self.embedder, language), self.embedder.for_language("en"), language)
        self.assertEqual(self.loads, [])

    def test_a_language_that_no_other_model_knows_is_read_by_the_default_one(self) -> None:
        self.assertIs(embedder_for(self.embedder, "sv"), self.embedder.for_language(None))

    def test_a_known_language_is_read_by_its_model_in_every_region_and_spelling(self) -> None:
        found = {id(embedder_for(self.embedder, code)) for code in ("ja", "pt-BR", "zh-Hant", "deu", "FR_ca")}
        self.assertEqual(len(found), 1)
        self.assertNotIn(id(self.embedder.for_language("en")), found)

    def test_the_other_model_is_loaded_once_and_not_before_it_is_needed(self) -> None:
        self.embedder.embed(["hello"])
        self.assertEqual(self.loads, [])
        for _ in range(3):
            self.embedder.for_language("ja")
        self.assertEqual(self.loads, ["loaded"])

    def test_the_models_that_may_come_are_known_before_any_is_loaded(self) -> None:
        self.assertEqual(list(self.embedder.models), [HashEmbedder().model, MODEL])
        self.assertEqual(self.loads, [])

    def test_a_model_is_found_by_name_and_revision_together(self) -> None:
        self.assertIs(embedder_of(self.embedder, MODEL.name, MODEL.revision), self.embedder.for_language("ja"))
        self.assertIsNone(embedder_of(self.embedder, MODEL.name, "another"))
        self.assertIsNone(embedder_of(HashEmbedder(), MODEL.name, MODEL.revision))

    def test_an_embedder_that_knows_no_other_reads_every_language_itself(self) -> None:
        plain = HashEmbedder()
        self.assertIs(embedder_for(plain, "ja"), plain)

    def test_counters_add_up_what_all_models_did(self) -> None:
        self.embedder.embed(["a", "b"])
        self.embedder.for_language("ja").embed(["c"])
        self.assertEqual((self.embedder.counters.asked, self.embedder.counters.computed), (3, 3))
