"""Which candidates become the set of tags."""

import unittest

from conversation_genome.engines.extractive.ranking import MOST_ALIKE, Scored, pick


class RankingTest(unittest.TestCase):
    def test_no_third_tag_ends_in_the_same_two_words(self) -> None:
        kinds = ("internal", "holistic", "measured")
        keys = [*(f"{kind} developer experience" for kind in kinds), "coffee"]
        scored = [Scored(number, 1.0 - number / 10) for number in range(len(keys))]
        picked = [keys[item.number] for item in pick(scored, keys, None, 4)]
        self.assertEqual(sum(key.endswith("developer experience") for key in picked), MOST_ALIKE)
        self.assertIn("coffee", picked)
