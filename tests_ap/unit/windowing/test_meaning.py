"""Boundaries by meaning, on vectors that are made up."""

import unittest

import numpy as np
from numpy.typing import NDArray

from conversation_genome.conversation import Conversation, Utterance
from conversation_genome.errors import InputError
from conversation_genome.windowing.boundaries import boundary_odds
from conversation_genome.windowing.cutting import cut, needs_vectors
from conversation_genome.windowing.settings import WindowingSettings

BOUNDS = WindowingSettings()
TOPICS = (
    ["I love to climb the mountains", "The mountains are steep", "We climb with a rope", "The rope holds well"] * 3,
    ["By the way, what do you cook today?", "I cook a soup", "The soup has beans", "Beans taste good"] * 3,
)


def talk(texts: list[str], name: str = "talk") -> Conversation:
    lines = tuple(Utterance(speaker=number % 2, text=text) for number, text in enumerate(texts))
    return Conversation(id=name, participants=("Ann", "Ben"), lines=lines)


def vectors(*sizes: int, noise: float = 0.3) -> NDArray[np.float32]:
    """Return unit vectors around one direction a topic."""
    random = np.random.default_rng(1)
    rows = [np.eye(8)[topic] + noise * random.normal(size=8) for topic, size in enumerate(sizes) for _ in range(size)]
    stacked = np.array(rows)
    return (stacked / np.linalg.norm(stacked, axis=1, keepdims=True)).astype(np.float32)


class MeaningTest(unittest.TestCase):
    def setUp(self) -> None:
        self.talk = talk([text for topic in TOPICS for text in topic])

    def segments(self, conversation: Conversation, held: NDArray[np.float32]) -> list[tuple[int, int]]:
        return [(one.start, one.end) for one in cut(conversation, BOUNDS, held) if one.level == 1]

    def test_a_change_of_meaning_is_a_change_of_segment(self) -> None:
        self.assertIn((0, 12), self.segments(self.talk, vectors(12, 12)))

    def test_a_language_without_cues_is_cut_by_meaning_alone(self) -> None:
        texts = ["山に登るのが好きです", "山はとても高いです"] * 6 + [
            "今日は何を料理しますか?",
            "スープを作ります",
        ] * 6
        self.assertIn((0, 12), self.segments(talk(texts), vectors(12, 12)))

    def test_equal_content_is_cut_equally_whatever_the_last_bits_of_the_vectors(self) -> None:
        held = vectors(12, 12)
        nudged = held + np.float32(1e-7)
        self.assertEqual(cut(self.talk, BOUNDS, held), cut(self.talk, BOUNDS, nudged))

    def test_segments_partition_the_talk(self) -> None:
        segments = self.segments(talk(["the goats climb"] * 90), vectors(30, 30, 30, noise=1.0))
        self.assertEqual([start for start, _ in segments[1:]], [end for _, end in segments[:-1]])
        self.assertEqual((segments[0][0], segments[-1][1]), (0, 90))

    def test_a_talk_too_short_for_two_topics_need_not_be_embedded(self) -> None:
        short = talk(["one", "two", "three", "four", "five"])
        self.assertFalse(needs_vectors(short, BOUNDS))
        self.assertEqual([(w.level, w.start, w.end) for w in cut(short, BOUNDS)], [(0, 0, 5), (1, 0, 5), (2, 0, 5)])

    def test_without_vectors_nothing_is_cut_by_words_unasked(self) -> None:
        with self.assertRaisesRegex(InputError, "'talk' has 24 lines and no vectors.*boundaries='words'"):
            cut(self.talk, BOUNDS)

    def test_vectors_of_another_talk_are_refused(self) -> None:
        with self.assertRaisesRegex(InputError, "24 lines and 7 vectors"):
            cut(self.talk, BOUNDS, vectors(7))

    def test_fixed_windows_are_ten_lines_with_an_overlap_of_two(self) -> None:
        windows = cut(self.talk, WindowingSettings(boundaries="fixed"))
        self.assertEqual([(w.start, w.end) for w in windows if w.level == 2], [(0, 10), (8, 18), (16, 24)])

    def test_lines_that_say_nothing_and_equal_vectors_do_no_harm(self) -> None:
        blank = talk(["", " ", "the goats", "climb", "", "up", "the", "hill", "", "again"])
        held = np.zeros((10, 8), dtype=np.float32)
        self.assertTrue(np.isfinite(boundary_odds(blank.lines, held)).all())
        self.assertEqual(self.segments(blank, held)[-1][1], 10)


if __name__ == "__main__":
    unittest.main()
