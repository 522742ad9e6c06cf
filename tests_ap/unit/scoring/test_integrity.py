"""A miner's own vectors are spot-checked: false ones cost the answer everything, true ones earn nothing."""

import unittest

import numpy as np

from conversation_genome.annotation import GroundTruth, Tag
from conversation_genome.conversation import Conversation, ConversationId, Utterance, Window
from conversation_genome.protocol.messages import Embeddings, MinerAnswer
from conversation_genome.scoring.integrity import SAMPLED, is_true_vector, sampled_positions
from conversation_genome.tasks.base import ScoredAnswer
from conversation_genome.tasks.registry import task_type
from conversation_genome.testing.embedder import HashEmbedder

EMBEDDER = HashEmbedder()
TEXTS = ("slipper orchids", "customs", "fungus", "moss")
TALK = Conversation(
    id=ConversationId("talk"),
    participants=("Ines", "Hemi"),
    lines=(
        Utterance(speaker=0, text="Customs found slipper orchids in his socks."),
        Utterance(speaker=1, text="They smelled of moss, and the fungus was still on the roots."),
    ),
)
WINDOW = Window(conversation_id=TALK.id, level=2, start=0, end=2)
TAGS = tuple(Tag(text=text) for text in TEXTS)
KIND = task_type("conversation_tagging")


def sent(vectors: np.ndarray, model: str = EMBEDDER.model.name) -> MinerAnswer:
    rows = tuple(tuple(round(float(number), 6) for number in row) for row in vectors)
    embeddings = Embeddings(model=model, dimensions=vectors.shape[1], vectors=rows)
    return MinerAnswer(task_id="t", tags=TAGS, engine="test/1", embeddings=embeddings)


def graded(answer: MinerAnswer) -> ScoredAnswer:
    truth = GroundTruth(engine="test/1", tags=TAGS, windows={WINDOW.id: TAGS})
    return KIND.score(TALK, WINDOW, truth, {"m": KIND.unmask(answer, TALK, WINDOW)}, EMBEDDER)["m"]


class SpotCheckTest(unittest.TestCase):
    def test_true_vectors_change_nothing(self) -> None:
        bare = MinerAnswer(task_id="t", tags=TAGS, engine="test/1")
        self.assertEqual(graded(sent(EMBEDDER.embed(TEXTS))), graded(bare))
        self.assertGreater(graded(bare).score, 0.5)

    def test_vectors_of_other_tags_cost_the_answer_everything(self) -> None:
        score = graded(sent(EMBEDDER.embed(["a", "b", "c", "d"])))
        self.assertEqual(score.score, 0.0)
        self.assertIn("is not that tag's", score.reasons[0])

    def test_vectors_of_another_size_cost_the_answer_everything(self) -> None:
        self.assertEqual(graded(sent(np.ones((4, 3)))).score, 0.0)

    def test_vectors_of_a_model_that_is_not_at_hand_are_not_judged(self) -> None:
        self.assertGreater(graded(sent(np.ones((4, 3)), model="somebody-elses")).score, 0.5)

    def test_only_the_vectors_that_are_looked_at_are_handed_on(self) -> None:
        handed_on = KIND.unmask(sent(EMBEDDER.embed(TEXTS)), TALK, WINDOW).embeddings
        assert handed_on is not None
        self.assertEqual(sum(bool(vector) for vector in handed_on.vectors), SAMPLED)

    def test_who_sends_the_same_answer_to_another_talk_or_window_cannot_foresee_what_is_looked_at(self) -> None:
        texts = [f"tag {number}" for number in range(12)]
        answer = sent(EMBEDDER.embed(texts)).model_copy(update={"tags": tuple(Tag(text=text) for text in texts)})

        def looked_at(talk: Conversation, window: Window) -> tuple[int, ...]:
            kept = KIND.unmask(answer, talk, window).embeddings
            assert kept is not None
            return tuple(position for position, vector in enumerate(kept.vectors) if vector)

        by_number = {}
        for number in range(40):
            unseen = Utterance(speaker=0, text=f"And {number} more were in his hat.")
            by_number[number] = looked_at(TALK.model_copy(update={"lines": (*TALK.lines, unseen)}), WINDOW)
        self.assertGreater(len(set(by_number.values())), 20)
        wider = WINDOW.model_copy(update={"end": 3})
        talk = TALK.model_copy(update={"lines": (*TALK.lines, Utterance(speaker=0, text="Oh."))})
        self.assertEqual(looked_at(talk, WINDOW), looked_at(talk, WINDOW))
        self.assertNotEqual(looked_at(talk, WINDOW), looked_at(talk, wider))

    def test_any_other_number_may_change_which_vectors_are_looked_at(self) -> None:
        texts = [f"tag {number}" for number in range(12)]
        vectors, found = EMBEDDER.embed(texts), set()
        for number in range(60):
            vectors[11, 0] = number / 100
            answer = sent(vectors).model_copy(update={"tags": tuple(Tag(text=text) for text in texts)})
            kept = KIND.unmask(answer, TALK, WINDOW).embeddings
            assert kept is not None
            found.add(tuple(position for position, vector in enumerate(kept.vectors) if vector))
        self.assertGreater(len(found), 20)

    def test_which_vectors_are_looked_at_depends_on_every_byte_of_the_evidence(self) -> None:
        positions = {sampled_positions(12, str(number).encode()) for number in range(200)}
        self.assertGreater(len(positions), 40)
        self.assertEqual({position for some in positions for position in some}, set(range(12)))

    def test_an_answer_without_tags_has_nothing_to_look_at(self) -> None:
        self.assertEqual(sampled_positions(0, b""), ())

    def test_a_vector_may_be_scaled_but_not_turned_and_never_without_end(self) -> None:
        east = np.array([1.0, 0.0])
        self.assertTrue(is_true_vector(3 * east, east))
        self.assertFalse(is_true_vector(np.array([1.0, 0.3]), east))
        for hostile in (np.zeros(2), np.array([np.inf, 0.0]), np.array([np.nan, 1.0]), np.full(2, 1e308)):
            self.assertFalse(is_true_vector(hostile, east), hostile)
