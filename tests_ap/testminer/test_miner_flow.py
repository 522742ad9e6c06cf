"""A miner receives a window from a validator, makes profiles, tags and embeddings, and returns them."""

import unittest
from collections import Counter

import numpy as np

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.loading import load_engine
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from conversation_genome.settings import MinerSettings, load_settings
from conversation_genome.tasks.base import TaskType
from conversation_genome.tasks.registry import task_type
from conversation_genome.windowing.cutting import cut
from conversation_genome.windowing.settings import WindowingSettings
from tests_ap.examples import example_conversation, ready_embedder

TOLERANCE = 1e-4


class MinerFlow(unittest.TestCase):
    """One task from receipt to answer, with the engine that is configured."""

    conversation: Conversation
    task: MinerTask
    answer: MinerAnswer
    kind: TaskType
    embedder: Embedder

    @classmethod
    def setUpClass(cls) -> None:
        settings = load_settings(MinerSettings)
        cls.embedder = ready_embedder()
        cls.conversation = example_conversation("podcast-orchid-smuggling.txt")
        cls.kind = task_type("conversation_tagging")
        window = next(one for one in cut(cls.conversation, WindowingSettings(boundaries="words")) if one.level == 2)
        cls.task = cls.kind.mask(
            cls.conversation, window, task_id="walkthrough", max_tags=settings.miner_max_tags, timeout_seconds=10
        )
        cls.answer = cls.kind.run(cls.task, load_engine(settings.miner_engine, cls.embedder), cls.embedder)

    def test_1_a_conversation_arrives_without_names_or_sources(self) -> None:
        print(f"\nReceived {len(self.task.lines)} lines from {', '.join(self.task.participants)}")
        for speaker, text in self.task.lines[:3]:
            print(f"  {self.task.participants[speaker]}: {text[:90]}")
        self.assertTrue(all(name.startswith("SPEAKER_") for name in self.task.participants))
        self.assertNotIn(self.conversation.id, self.task.model_dump_json())

    def test_2_every_participant_gets_a_profile_that_rests_on_lines(self) -> None:
        print(f"\nMade {len(self.answer.profiles)} profiles")
        for profile in self.answer.profiles:
            print(
                f"  {profile.participant}: {', '.join(fact.text for fact in profile.facts) or 'said nothing of itself'}"
            )
        self.assertEqual({one.participant for one in self.answer.profiles}, set(self.task.participants))
        evidence = {line for one in self.answer.profiles for fact in one.facts for line in fact.evidence}
        self.assertLess(max(evidence, default=0), len(self.task.lines))

    def test_3_the_window_gets_tags_of_several_aspects(self) -> None:
        print(f"\nMined {len(self.answer.tags)} tags")
        for tag in self.answer.tags:
            print(f"  {tag.weight:.2f}  {tag.text}  ({tag.aspect})")
        aspects = Counter(tag.aspect for tag in self.answer.tags)
        self.assertGreaterEqual(len(self.answer.tags), 5)
        self.assertGreaterEqual(len(aspects), 2, aspects)

    def test_4_the_tags_are_about_the_window(self) -> None:
        words = " ".join(text for _, text in self.task.lines).lower()
        grounded = [tag.text for tag in self.answer.tags if tag.text.lower() in words]
        print(f"\n{len(grounded)} of {len(self.answer.tags)} tags stand in the lines word for word")
        self.assertGreaterEqual(len(grounded), len(self.answer.tags) // 2)

    def test_5_every_tag_gets_its_embedding(self) -> None:
        embeddings = self.answer.embeddings
        assert embeddings is not None
        print(f"\nMade {len(embeddings.vectors)} vectors of {embeddings.dimensions} numbers with {embeddings.model}")
        expected = self.embedder.embed([tag.text for tag in self.answer.tags])
        np.testing.assert_allclose(np.array(embeddings.vectors), expected, atol=TOLERANCE)

    def test_6_the_answer_is_returned_and_accepted_by_the_validator(self) -> None:
        body = self.answer.model_dump_json().encode()
        print(f"\nReturned {len(body)} bytes to the validator")
        self.assertEqual(self.kind.check(body, self.task), self.answer)
