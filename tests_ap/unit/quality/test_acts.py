"""What acts say of lines that call for each other, and of strangers among them."""

import unittest
from collections.abc import Sequence

import numpy as np

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import FloatArray
from conversation_genome.quality import assess
from conversation_genome.quality.acts import (
    BEFORE,
    STRONGEST_BITS,
    UNKNOWN_BITS,
    calls_in,
    features_of,
    known_acts,
    may_call,
    signs_of,
)
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.quality.talks import talk

LETTER = (
    "Hi, could you tell me if my parcel is here?",
    "Sure, is it the big one from Ghent?",
    "Yes, that is the one.",
    "Okay, it will be at your door on Monday.",
)


class OneMeaning(HashEmbedder):
    """Takes all lines for equally near each other, as those of one narrow subject are."""

    def embed(self, texts: Sequence[str]) -> FloatArray:
        own = super().embed(texts)
        own += 12 * np.ones_like(own[:1]) / np.sqrt(own.shape[1])
        return np.asarray(own / np.linalg.norm(own, axis=1, keepdims=True), dtype=np.float32)


def bits(*texts: str) -> float:
    return calls_in(texts, [place % 2 for place in range(len(texts))]).talk


def with_line(place: int, text: str) -> list[str]:
    return [*LETTER[:place], text, *LETTER[place + 1 :]]


class TestCalledFor(unittest.TestCase):
    def test_an_answer_is_called_for_by_its_question(self) -> None:
        self.assertGreater(bits(*LETTER), bits(*with_line(2, "Hello, how are you doing?")))

    def test_a_second_greeting_is_called_for_by_nothing(self) -> None:
        self.assertGreater(bits(*LETTER), bits(*with_line(3, "Hi, could I have a parcel, please?")))

    def test_an_order_of_turns_is_called_for_more_than_its_reverse(self) -> None:
        self.assertGreater(bits(*LETTER), bits(*reversed(LETTER)))

    def test_of_other_languages_nothing_is_said(self) -> None:
        for texts in (("こんにちは。", "元気ですか?"), ("Hallo, wie geht es dir?", "Mir geht es gut, danke."), ("",)):
            with self.subTest(texts[0]):
                self.assertEqual(bits(*texts), UNKNOWN_BITS)

    def test_a_line_is_called_for_by_those_before_it_alone(self) -> None:
        whole = calls_in(LETTER, [0, 1, 0, 1]).lines
        self.assertEqual(calls_in(LETTER[:3], [0, 1, 0]).lines.tolist(), whole[:3].tolist())
        self.assertLess(calls_in(with_line(3, "Hello there!"), [0, 1, 0, 1]).lines[3], whole[3])

    def test_one_line_has_a_strength_within_the_bounds(self) -> None:
        self.assertLess(abs(bits("I think that it is good.")), STRONGEST_BITS)

    def test_who_says_two_lines_running_does_not_answer_oneself(self) -> None:
        self.assertEqual(may_call([0, 0, 1], 1).tolist(), [True, False, True, True])
        self.assertEqual(may_call([0, 0, 1], 2).tolist(), [True, False, True])
        self.assertEqual(may_call([0], 2).tolist(), [True])


class TestFeatures(unittest.TestCase):
    def test_a_line_shows_its_common_words_its_first_one_its_marks_and_its_length(self) -> None:
        self.assertEqual(
            signs_of("Is Ghent 3 big?"),
            {"is": 1.0, "~": 0.3, "~0": 1.0, "big": 1.0, "?": 1.0, "length:2": 1.0, "first:is": 1.0},
        )

    def test_every_line_has_a_unit_vector_between_the_beginning_and_the_end(self) -> None:
        rows = features_of(LETTER, known_acts().places)
        self.assertEqual(rows.shape, (len(LETTER) + 2, len(known_acts().places)))
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0)

    def test_a_line_of_nothing_known_has_no_direction(self) -> None:
        self.assertEqual(features_of(["xyz"], {"a": 0})[1].tolist(), [0.0])


class TestTable(unittest.TestCase):
    def test_there_is_a_pairing_for_every_distance_and_its_correlations_are_below_one(self) -> None:
        pairings = known_acts().pairings
        self.assertEqual(len(pairings), len(BEFORE))
        for pairing in pairings:
            self.assertEqual(pairing.before.shape, pairing.after.shape)
            self.assertTrue(((pairing.correlations >= 0) & (pairing.correlations < 1)).all())


class TestRelevance(unittest.TestCase):
    def relevance(self, texts: list[str] | tuple[str, ...]) -> float:
        told: Conversation = talk(*texts)
        return assess(told, OneMeaning()).relevance

    def test_a_stranger_shows_where_all_lines_mean_much_the_same(self) -> None:
        for place, text in ((2, "Could I please have a new parcel?"), (3, "Yes, it is."), (1, "No, thanks, goodbye!")):
            with self.subTest(text):
                self.assertLess(self.relevance(with_line(place, text)), self.relevance(LETTER))

    def test_lines_that_mean_much_the_same_are_coherent_in_their_order_alone(self) -> None:
        for order in ((1, 0, 2, 3), (0, 1, 3, 2), (0, 2, 1, 3), (3, 2, 1, 0)):
            with self.subTest(order):
                mixed = assess(talk(*(LETTER[place] for place in order)), OneMeaning())
                self.assertLess(mixed.coherence, assess(talk(*LETTER), OneMeaning()).coherence)

    def test_a_line_that_copies_takes_nothing_up(self) -> None:
        strangers = ["A mill grinds rye.", "Owls hunt voles.", "Ships carry tin.", "Bees store wax."]
        copied = [strangers[place] for place in (0, 1, 0, 0)]
        self.assertLessEqual(
            assess(talk(*copied), HashEmbedder()).relevance, assess(talk(*strangers), HashEmbedder()).relevance
        )
