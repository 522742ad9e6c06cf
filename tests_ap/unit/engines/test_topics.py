"""The open vocabulary: topics that nobody named, found by meaning; with the real model where it was set up."""

import tempfile
import unittest
from pathlib import Path

import numpy as np

from conversation_genome.annotation import Aspect
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.engines.extractive.engine import ExtractiveEngine
from conversation_genome.engines.extractive.topics import TopicTable, TopicTables, everyday_talk, recurring, topics
from conversation_genome.settings import PROJECT_ROOT
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.engines.talks import talk

MODELS = PROJECT_ROOT / "models"


class VocabularyTest(unittest.TestCase):
    def test_it_holds_some_thousand_topics_each_once_and_short_enough_for_a_tag(self) -> None:
        texts = [topic.text for topic in topics()]
        self.assertGreater(len(texts), 2_500)
        self.assertEqual(len(texts), len({text.lower() for text in texts}))
        self.assertTrue(
            all(
                text == text.strip() and len(text) <= 64 and topic.broader
                for topic in topics()
                for text in [topic.text]
            )
        )

    def test_public_transportation_is_among_them_and_is_no_name(self) -> None:
        found = {topic.text: topic for topic in topics()}
        self.assertFalse(found["public transportation"].is_name)
        self.assertTrue(found["Canada"].is_name)

    def test_everyday_talk_is_many_lines(self) -> None:
        self.assertGreater(len(everyday_talk()), 80)


class TopicTableTest(unittest.TestCase):
    def test_what_is_everyday_talk_alone_is_near_no_topic(self) -> None:
        background = np.array([1, 0], dtype=np.float32)
        table = TopicTable(vectors=np.array([[1, 0], [0, 1]], dtype=np.float32), background=background)
        self.assertEqual(table.near(np.zeros(2, dtype=np.float32), ""), [])
        self.assertGreater(table.centred(np.array([0.6, 0.8], dtype=np.float32))[1], 0.9)

    def test_a_topic_that_one_part_of_a_long_talk_is_about_does_not_recur(self) -> None:
        self.assertEqual(recurring([[(3, 0.5), (7, 0.4)], [(3, 0.4)], [(3, 0.6)]]), [(3, 0.5)])

    def test_vectors_are_kept_in_the_folder_and_read_again(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            first = TopicTables(Path(folder)).of(HashEmbedder())
            self.assertTrue(TopicTables(Path(folder)).is_kept(HashEmbedder().model))
            again = TopicTables(Path(folder)).of(HashEmbedder())
        self.assertTrue(np.array_equal(first.vectors, again.vectors))

    def test_the_background_of_other_languages_has_no_topics(self) -> None:
        table = TopicTables().background_of(HashEmbedder())
        self.assertEqual(table.near(table.centred(HashEmbedder().embed(["wedding planning"])[0]), "wedding"), [])

    def test_a_folder_that_may_not_be_written_does_no_harm(self) -> None:
        table = TopicTables(Path("/nowhere/at/all")).of(HashEmbedder())
        self.assertEqual(len(table.vectors), len(topics()))


@unittest.skipUnless(MODELS.is_dir(), "the embedding model is not set up; run `cgp setup`")
class UnnamedTopicTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.engine = ExtractiveEngine(load_embedder(MODELS), vocabulary=TopicTables(MODELS))

    def tags(self, *lines: str) -> dict[str, Aspect]:
        return {tag.text: tag.aspect for tag in self.engine.annotate(talk(*lines), max_tags=12).tags}

    def test_talk_of_subways_and_buses_earns_public_transportation(self) -> None:
        found = self.tags(
            "The subway was late again this morning, I waited for half an hour.",
            "I gave up on it, I take the bus to work now.",
            "The buses are packed too. And they raised the fares on both.",
            "They should run more trams in the city, then nobody would need a car.",
        )
        self.assertTrue({"public transportation", "public transport fares"} & set(found), found)

    def test_names_that_nobody_said_are_no_tags(self) -> None:
        found = self.tags(
            "Which planet has those huge rings of ice?", "The rings are mostly ice and dust.", "And it has many moons."
        )
        self.assertFalse({"Saturn", "Jupiter", "Mars", "Venus"} & set(found), found)

    def test_french_talk_gets_no_english_topics(self) -> None:
        lines = ("Les limaces mangent les salades du jardin.", "Il faut des pièges à limaces autour des salades.")
        found = {tag.text for tag in self.engine.annotate(talk(*lines, language="fr"), max_tags=12).tags}
        self.assertFalse({topic.text for topic in topics()} & found, found)

    def test_small_talk_is_about_no_topic_of_the_vocabulary(self) -> None:
        found = self.tags("Hi, how are you?", "Good, thanks, and you?", "Fine. See you later then.", "Yes, bye!")
        self.assertFalse({topic.text for topic in topics()} & set(found), found)


if __name__ == "__main__":
    unittest.main()
