"""Which candidates become the set of tags, on vectors that are easy to think about."""

import unittest

import numpy as np

from conversation_genome.engines.extractive.ranking import MOST_ALIKE, RANKING, Scored, aim, pick

EAST, NORTH, UP = np.eye(3, dtype=np.float32)


class RankingTest(unittest.TestCase):
    def test_no_third_tag_ends_in_the_same_two_words(self) -> None:
        kinds = ("internal", "holistic", "measured")
        keys = [*(f"{kind} developer experience" for kind in kinds), "coffee"]
        scored = [Scored(number, 1.0 - number / 10) for number in range(len(keys))]
        picked = [keys[item.number] for item in pick(scored, keys, None, 4)]
        self.assertEqual(sum(key.endswith("developer experience") for key in picked), MOST_ALIKE)
        self.assertIn("coffee", picked)

    def test_the_set_is_drawn_to_its_phrases_by_their_weight(self) -> None:
        scored = [Scored(0, 1.0, form=0.4), Scored(1, 1.0, form=0.1)]
        drawn = aim(scored, np.stack([NORTH, UP]), EAST)
        self.assertGreater(drawn[1], drawn[2])
        self.assertGreater(float(drawn @ EAST), float(drawn @ NORTH))
        self.assertAlmostEqual(float(np.linalg.norm(drawn)), 1.0, places=5)

    def test_names_topics_and_weak_words_draw_nothing(self) -> None:
        name = Scored(0, 1.0, form=0.4, lead=-RANKING.lead)
        topic = Scored(-1, 1.0, form=RANKING.topic, lead=RANKING.lead)
        weak = Scored(1, 1.0, form=-0.1)
        drawn = aim([name, topic, weak], np.stack([NORTH, UP, UP]), EAST)
        np.testing.assert_allclose(drawn, EAST)
