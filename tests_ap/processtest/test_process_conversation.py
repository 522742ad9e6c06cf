"""A real conversation is read by the configured engine, outside any network, and what came out is shown."""

import unittest

from conversation_genome.annotation import Annotation
from conversation_genome.conversation import Conversation
from conversation_genome.engines.base import Engine
from conversation_genome.engines.loading import load_engine
from conversation_genome.quality import assess
from conversation_genome.settings import MinerSettings, load_settings
from tests_ap.examples import example_conversation, ready_embedder

MAX_TAGS = 20


class ProcessConversation(unittest.TestCase):
    """The quickest way to see what an engine is worth, and whether its settings are right."""

    conversation: Conversation
    engine: Engine
    annotation: Annotation

    @classmethod
    def setUpClass(cls) -> None:
        cls.engine = load_engine(load_settings(MinerSettings).miner_engine, ready_embedder())
        cls.conversation = example_conversation("podcast-broken-gyroscope.txt")
        cls.annotation = cls.engine.annotate(cls.conversation, max_tags=MAX_TAGS)

    def test_1_the_engine_finds_what_the_conversation_is_about(self) -> None:
        print(f"\n{self.engine.name} read {len(self.conversation.lines)} lines of {self.conversation.id}")
        print("  tags: " + ", ".join(tag.text for tag in self.annotation.tags))
        found = {tag.text.lower() for tag in self.annotation.tags}
        self.assertTrue({"satellite", "gyroscopes", "gyroscope"} & found, found)

    def test_2_the_engine_tells_the_participants_apart(self) -> None:
        print()
        for profile in self.annotation.profiles:
            print(
                f"  {profile.participant}: {', '.join(fact.text for fact in profile.facts) or 'said nothing of itself'}"
            )
        self.assertEqual({one.participant for one in self.annotation.profiles}, set(self.conversation.participants))

    def test_3_the_conversation_has_a_quality(self) -> None:
        quality = assess(self.conversation, ready_embedder())
        print(
            f"\n  relevance {quality.relevance:.2f}, engagement {quality.engagement:.2f}, novelty {quality.novelty:.2f}, "
            f"coherence {quality.coherence:.2f}, fluency {quality.fluency:.2f}: boring index {quality.boring_index:.2f}"
        )
        self.assertEqual(len(quality.lines), len(self.conversation.lines))

    def test_4_the_engine_says_the_same_again(self) -> None:
        self.assertEqual(self.engine.annotate(self.conversation, max_tags=MAX_TAGS), self.annotation)
