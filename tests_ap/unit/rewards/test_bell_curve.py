"""The bell curve: monotone, equal, without cliffs, and silent without a signal."""

import itertools
import math
import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.errors import ScoringInputError
from conversation_genome.rewards import divide, standing

SCORE = st.floats(min_value=0, max_value=1, allow_nan=False)
ROUND = st.lists(SCORE, min_size=1, max_size=40)


class BellCurveTests(unittest.TestCase):
    def test_the_worked_examples_of_the_documentation_hold(self) -> None:
        examples = {
            (0.1, 0.2, 0.3, 0.4, 0.9): (0.030, 0.088, 0.199, 0.301, 0.382),
            (0.2, 0.4, 0.6): (0.064, 0.333, 0.602),
            (0.5, 0.501): (0.497, 0.503),
            (0.7,): (1.0,),
            (0.0, 0.0, 0.3): (0.0, 0.0, 1.0),
            (0.0, 0.0): (0.0, 0.0),
        }
        for scores, expected in examples.items():
            self.assertEqual(tuple(round(reward, 3) for reward in divide(scores)), expected)

    def test_nobody_answering_divides_nothing(self) -> None:
        self.assertEqual(divide([]), [])
        self.assertEqual(standing([]), [])

    def test_equal_scores_are_paid_alike_whatever_their_number(self) -> None:
        for count in (1, 2, 3, 256):
            self.assertEqual(divide([0.4] * count), [1 / count] * count)

    def test_a_score_at_or_below_the_baseline_earns_nothing(self) -> None:
        self.assertEqual(divide([0.2, 0.3, 0.1], baseline=0.3), [0.0, 0.0, 0.0])
        self.assertEqual(divide([0.3, 0.6], baseline=0.3), [0.0, 1.0])

    def test_pay_rises_from_nothing_just_above_the_baseline(self) -> None:
        rewards = divide([0.3001, 0.6], baseline=0.3)
        self.assertGreater(rewards[0], 0)
        self.assertLess(rewards[0], 0.001)

    def test_the_best_of_two_hundred_and_fifty_six_is_paid_more_than_the_median(self) -> None:
        rewards = divide([rank / 300 for rank in range(256)])
        self.assertGreater(rewards[-1], 1.5 * rewards[128])
        self.assertEqual(rewards, sorted(rewards))

    def test_answers_worth_nothing_do_not_lift_the_others_standing(self) -> None:
        alone = divide([0.5, 0.7])
        crowded = divide([0.0, 0.5, 0.0, 0.7, 0.0])
        self.assertEqual([crowded[1], crowded[3]], alone)

    def test_a_number_that_is_no_score_is_refused(self) -> None:
        for wrong in (math.nan, math.inf, -0.1, 1.1):
            with self.assertRaises(ScoringInputError):
                divide([0.5, wrong])
        with self.assertRaises(ScoringInputError):
            divide([0.5], baseline=math.nan)

    @given(ROUND, SCORE)
    @settings(deadline=None)
    def test_rewards_sum_to_one_or_are_all_zero(self, scores: list[float], baseline: float) -> None:
        rewards = divide(scores, baseline=baseline)
        self.assertTrue(all(0 <= reward <= 1 for reward in rewards))
        expected = 1.0 if any(score > baseline for score in scores) else 0.0
        self.assertAlmostEqual(sum(rewards), expected, places=9)

    @given(ROUND, SCORE)
    @settings(deadline=None)
    def test_better_is_never_paid_less_and_equal_is_paid_equal(self, scores: list[float], baseline: float) -> None:
        paid = sorted(zip(scores, divide(scores, baseline=baseline), strict=True))
        for (lower, less), (higher, more) in itertools.pairwise(paid):
            self.assertLessEqual(less, more + 1e-15)
            if lower == higher:
                self.assertEqual(less, more)

    @given(ROUND, st.randoms(use_true_random=False))
    @settings(deadline=None)
    def test_the_order_of_answers_changes_no_bit(self, scores: list[float], chance) -> None:
        order = list(range(len(scores)))
        chance.shuffle(order)
        rewards = divide(scores)
        self.assertEqual(divide([scores[at] for at in order]), [rewards[at] for at in order])

    @given(ROUND, st.data())
    @settings(deadline=None)
    def test_raising_a_score_never_lowers_its_own_reward(self, scores: list[float], data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(scores) - 1))
        raised = data.draw(st.floats(scores[at], 1))
        better = [raised if index == at else score for index, score in enumerate(scores)]
        self.assertGreaterEqual(divide(better)[at], divide(scores)[at] - 1e-12)

    @given(st.lists(SCORE, min_size=2, max_size=12), st.data())
    @settings(max_examples=200, deadline=None)
    def test_a_hair_of_score_moves_pay_by_a_hair(self, scores: list[float], data: st.DataObject) -> None:
        settled = [0.5, *scores]
        at = data.draw(st.integers(0, len(settled) - 1))
        nudged = [min(1.0, score + 1e-6) if index == at else score for index, score in enumerate(settled)]
        for before, after in zip(divide(settled), divide(nudged), strict=True):
            self.assertAlmostEqual(before, after, delta=1e-3)

    @given(ROUND)
    @settings(deadline=None)
    def test_a_standing_lies_within_two_standard_deviations(self, scores: list[float]) -> None:
        self.assertTrue(all(-2 <= place <= 2 for place in standing(scores)))


if __name__ == "__main__":
    unittest.main()
