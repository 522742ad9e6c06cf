"""Answers that are one answer are paid once."""

import math
import unittest

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.errors import ScoringInputError
from conversation_genome.rewards import divide, standing
from conversation_genome.rewards.sharing import Group, divide_shared, standing_shared

SCORES = [0.8, 0.8, 0.5, 0.0]
PAIR = Group((0, 1), (0.9, 0.1))


class TestSharedRewards(unittest.TestCase):
    @given(st.lists(st.floats(0, 1), max_size=8))
    def test_without_groups_it_is_the_plain_division(self, scores: list[float]) -> None:
        self.assertEqual(divide_shared(scores, []), divide(scores))
        self.assertEqual(standing_shared(scores, []), standing(scores))

    def test_a_group_gets_what_its_author_alone_would_get(self) -> None:
        alone = divide([0.8, 0.5, 0.0])
        shared = divide_shared(SCORES, [PAIR])
        self.assertAlmostEqual(shared[0] + shared[1], alone[0])
        self.assertEqual(shared[2:], alone[1:])

    def test_the_shares_split_it(self) -> None:
        author, copy, *_ = divide_shared(SCORES, [PAIR])
        self.assertAlmostEqual(author, 9 * copy)

    def test_a_copy_raises_nobodys_bar(self) -> None:
        self.assertGreater(divide_shared(SCORES, [PAIR])[2], divide(SCORES)[2])

    def test_members_stand_where_their_one_answer_stands(self) -> None:
        places = standing_shared([0.8, 0.3, 0.5], [PAIR])
        self.assertEqual(places[0], places[1])
        self.assertGreater(places[0], places[2])

    def test_the_rewards_still_sum_to_one(self) -> None:
        self.assertAlmostEqual(math.fsum(divide_shared(SCORES, [PAIR])), 1.0)

    def test_an_answer_in_two_groups_is_refused(self) -> None:
        with self.assertRaisesRegex(ScoringInputError, "in one group"):
            divide_shared(SCORES, [PAIR, Group((1, 2), (0.5, 0.5))])
