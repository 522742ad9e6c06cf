"""Grading: a window's answers in, equal scores for the validator and the server out, with one call of the embedder."""

import unittest
from collections.abc import Sequence

from conversation_genome.annotation import Fact, FactKind, GroundTruth, Profile, Tag
from conversation_genome.conversation import Conversation, ConversationId, Utterance, Window
from conversation_genome.embedding.base import FloatArray
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.tasks.conversation_tagging.grading import grade
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.scoring.windows import HONEST, LINES, REFERENCES

TALK = Conversation(
    id=ConversationId("c"),
    participants=("ann", "ben"),
    lines=tuple(Utterance(speaker=at % 2, text=text) for at, text in enumerate((*LINES, "Nothing to do with it."))),
)
WINDOW = Window(conversation_id=TALK.id, level=2, start=1, end=5)
TRUTH = GroundTruth(engine="test/1", tags=(), windows={WINDOW.id: tuple(Tag(text=text) for text in REFERENCES)})


class CountingEmbedder(HashEmbedder):
    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def embed(self, texts: Sequence[str]) -> FloatArray:
        self.calls.append(list(texts))
        return super().embed(texts)


def answer(*tags: str, facts: tuple[Fact, ...] = ()) -> MinerAnswer:
    profiles = (Profile(participant="ben", facts=facts),) if facts else ()
    return MinerAnswer(task_id="w", tags=tuple(Tag(text=text) for text in tags), profiles=profiles, engine="x")


class GradingTests(unittest.TestCase):
    def test_the_server_finds_the_score_that_the_validator_gave(self) -> None:
        answers = {"a": answer(*HONEST), "b": answer("quarterback", "violin"), "c": answer("nachos")}
        together = grade(TALK, WINDOW, TRUTH, answers, HashEmbedder())
        for name, given in answers.items():
            self.assertEqual(grade(TALK, WINDOW, TRUTH, {name: given}, HashEmbedder())[name], together[name])

    def test_a_window_costs_one_call_and_each_text_once(self) -> None:
        embedder = CountingEmbedder()
        grade(TALK, WINDOW, TRUTH, {str(at): answer("Nachos", "nachos", "quarterback") for at in range(5)}, embedder)
        self.assertEqual(len(embedder.calls), 1)
        self.assertEqual(len(embedder.calls[0]), len(set(embedder.calls[0])))

    def test_facts_count_lines_of_the_whole_conversation(self) -> None:
        inside = Fact(kind=FactKind.INTEREST, text="loves the quarterback", evidence=(1,))
        outside = Fact(kind=FactKind.INTEREST, text="Nothing to do with it", evidence=(5,))
        plain = answer("quarterback")
        answers = {
            "plain": plain,
            "in": answer("quarterback", facts=(inside,)),
            "out": answer("quarterback", facts=(outside,)),
        }
        found = grade(TALK, WINDOW, TRUTH, answers, HashEmbedder())
        self.assertGreater(found["in"].score, found["plain"].score)
        self.assertEqual(found["out"].score, found["plain"].score)

    def test_a_thread_is_graded_by_its_own_lines(self) -> None:
        thread = Window(conversation_id=TALK.id, level=2, start=0, end=6, thread=1, lines=(0, 3))
        truth = TRUTH.model_copy(update={"windows": {thread.id: (Tag(text="nachos"),)}})
        embedder = CountingEmbedder()
        grade(TALK, thread, truth, {"a": answer("nachos")}, embedder)
        self.assertIn(LINES[3], embedder.calls[0])
        self.assertNotIn(LINES[1], embedder.calls[0])

    def test_a_window_that_nobody_tagged_pays_nobody(self) -> None:
        empty = TRUTH.model_copy(update={"windows": {}})
        self.assertEqual(grade(TALK, WINDOW, empty, {"a": answer(*HONEST)}, HashEmbedder())["a"].score, 0)


if __name__ == "__main__":
    unittest.main()
