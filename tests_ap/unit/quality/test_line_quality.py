"""The number of a line: what counts in it, what does not, and what a talk's index makes of the lines."""

import unittest

import numpy as np

from conversation_genome.quality.assessment import LEAST_FACTOR, SOUND, line_quality
from conversation_genome.quality.base import Numbers
from conversation_genome.quality.dimensions import mean_for_reader, novelty
from conversation_genome.quality.reading import read
from conversation_genome.quality.uptake import uptake
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.quality.talks import talk

ASKED = "Did you see Coltrane play in Antibes?"


def number(**changed: float) -> float:
    values = {"relevance": 0.6, "coherence": 0.5, "engagement": 0.7, "novelty": 1.0, "fluency": 1.0} | changed
    by_line: dict[str, Numbers] = {name: np.array([value]) for name, value in values.items()}
    return float(line_quality(by_line)[0])


def taken_up(*texts: str) -> list[float]:
    return uptake(read(talk(*texts), HashEmbedder())).tolist()


class TestLineQuality(unittest.TestCase):
    def test_what_fits_better_is_worth_more(self) -> None:
        for name in ("relevance", "coherence", "engagement"):
            with self.subTest(name):
                self.assertGreater(number(**{name: 0.9}), number())

    def test_lines_that_read_well_are_not_told_apart_by_their_fluency(self) -> None:
        self.assertEqual(number(fluency=SOUND), number(fluency=1.0))

    def test_what_nobody_can_read_is_worth_little_however_well_it_fits(self) -> None:
        self.assertAlmostEqual(number(fluency=0), LEAST_FACTOR * number())

    def test_what_copies_is_worth_little_however_well_it_fits(self) -> None:
        self.assertAlmostEqual(number(novelty=0), LEAST_FACTOR * number())


class TestMeanForReader(unittest.TestCase):
    def test_bad_lines_lose_more_than_good_ones_win(self) -> None:
        self.assertLess(mean_for_reader(np.array([0.9, 0.1])), mean_for_reader(np.array([0.5, 0.5])))

    def test_one_line_alone_speaks_for_the_talk(self) -> None:
        self.assertEqual(mean_for_reader(np.array([0.4])), 0.4)


class TestNovelty(unittest.TestCase):
    def test_what_is_cut_out_of_a_longer_line_is_not_new(self) -> None:
        lines = ("I never slept on that train. Did you know that it stops at the lake in winter?",)
        cut_out, own = (
            novelty(read(talk(*lines, text), HashEmbedder()))[1]
            for text in ("Did you know that it stops at the lake?", "Did you skate there when it stopped?")
        )
        self.assertEqual((cut_out, own), (0, 1))


class TestUptake(unittest.TestCase):
    def test_a_name_that_comes_again_is_taken_up(self) -> None:
        named, unnamed = (taken_up(ASKED, text)[1] for text in ("Coltrane was great.", "Nobody was great."))
        self.assertGreater(named, unnamed)

    def test_another_form_of_a_word_is_the_same_word(self) -> None:
        self.assertGreater(taken_up("She was painting boats.", "I painted a lighthouse.")[1], 0)

    def test_words_of_grammar_are_not_taken_up(self) -> None:
        self.assertEqual(taken_up("They would have been there.", "That would have been there, too.")[1], 0)

    def test_the_first_line_takes_up_nothing(self) -> None:
        self.assertEqual(taken_up(ASKED, ASKED)[0], 0)

    def test_what_was_said_long_ago_is_not_taken_up(self) -> None:
        self.assertEqual(taken_up(ASKED, "Hm.", "Hm.", "Hm.", "Coltrane again.")[4], 0)


if __name__ == "__main__":
    unittest.main()
