"""Every curve that a setting can name: monotone, equal, whole, and silent at or below the baseline."""

import itertools
import math
import typing
import unittest

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.errors import ScoringInputError
from conversation_genome.rewards import CURVES, divide, divide_rounds
from conversation_genome.settings import RewardCurve

SCORE = st.floats(min_value=0, max_value=1, allow_nan=False)
COARSE = st.integers(0, 10).map(lambda tenths: tenths / 10)
ROUND = st.lists(SCORE | COARSE, min_size=1, max_size=30)
CURVE = st.sampled_from(sorted(CURVES))


class RewardCurveTests(unittest.TestCase):
    def test_settings_name_every_curve_there_is(self) -> None:
        self.assertEqual(set(typing.get_args(RewardCurve)), set(CURVES))

    def test_a_curve_that_is_not_there_is_refused_with_those_that_are(self) -> None:
        with self.assertRaisesRegex(ScoringInputError, "bell, linear, rank"):
            divide([0.5], curve="cliff")

    def test_linear_pays_in_proportion_to_the_score_above_the_baseline(self) -> None:
        np.testing.assert_allclose(divide([0.1, 0.3, 0.5], baseline=0.2, curve="linear"), [0, 0.25, 0.75])

    def test_rank_pays_places_and_shares_them_between_equals(self) -> None:
        np.testing.assert_allclose(divide([0.9, 0.3, 0.3, 0.1], baseline=0.1, curve="rank"), [0.5, 0.25, 0.25, 0])

    def test_all_equal_rounds_pay_equal_shares_and_worthless_rounds_nothing(self) -> None:
        for curve, count in itertools.product(CURVES, (1, 3, 200)):
            self.assertEqual(len(set(divide([0.4] * count, curve=curve))), 1)
            self.assertAlmostEqual(divide([0.4] * count, curve=curve)[0], 1 / count, places=14)
            self.assertEqual(divide([0.4] * count, baseline=0.4, curve=curve), [0.0] * count)

    def test_the_faintest_scores_are_divided_too(self) -> None:
        for curve in CURVES:
            self.assertAlmostEqual(math.fsum(divide([5e-324, 0.0, 1e-300], curve=curve)), 1.0, places=9)

    @given(CURVE, ROUND, SCORE | COARSE)
    @settings(deadline=None)
    def test_shares_sum_to_one_or_are_all_zero(self, curve: str, scores: list[float], baseline: float) -> None:
        rewards = divide(scores, baseline=baseline, curve=curve)
        self.assertTrue(all(0 <= reward <= 1 for reward in rewards))
        self.assertAlmostEqual(math.fsum(rewards), float(any(score > baseline for score in scores)), places=9)

    @given(CURVE, ROUND, SCORE | COARSE)
    @settings(deadline=None)
    def test_nothing_is_earned_at_or_below_the_baseline_and_something_by_the_best_above_it(
        self, curve: str, scores: list[float], baseline: float
    ) -> None:
        rewards = divide(scores, baseline=baseline, curve=curve)
        for score, reward in zip(scores, rewards, strict=True):
            if score <= baseline:
                self.assertEqual(reward, 0.0)
            elif score == max(scores):
                self.assertGreater(reward, 0.0)

    @given(CURVE, ROUND, SCORE | COARSE)
    @settings(deadline=None)
    def test_better_is_never_paid_less_and_equal_is_paid_equal(
        self, curve: str, scores: list[float], baseline: float
    ) -> None:
        paid = sorted(zip(scores, divide(scores, baseline=baseline, curve=curve), strict=True))
        for (lower, less), (higher, more) in itertools.pairwise(paid):
            self.assertLessEqual(less, more + 1e-15)
            if lower == higher:
                self.assertEqual(less, more)

    @given(CURVE, ROUND, SCORE, st.randoms(use_true_random=False))
    @settings(deadline=None)
    def test_the_order_of_answers_changes_no_bit(
        self, curve: str, scores: list[float], baseline: float, chance
    ) -> None:
        order = list(range(len(scores)))
        chance.shuffle(order)
        rewards = divide(scores, baseline=baseline, curve=curve)
        shuffled = divide([scores[at] for at in order], baseline=baseline, curve=curve)
        self.assertEqual(shuffled, [rewards[at] for at in order])

    @given(CURVE, ROUND, st.data())
    @settings(deadline=None)
    def test_raising_a_score_never_lowers_its_own_reward(
        self, curve: str, scores: list[float], data: st.DataObject
    ) -> None:
        at = data.draw(st.integers(0, len(scores) - 1))
        raised = data.draw(st.floats(scores[at], 1))
        better = [raised if index == at else score for index, score in enumerate(scores)]
        self.assertGreaterEqual(divide(better, curve=curve)[at], divide(scores, curve=curve)[at] - 1e-12)

    @given(CURVE, st.lists(st.lists(SCORE, min_size=5, max_size=5), min_size=1, max_size=6), SCORE)
    @settings(deadline=None)
    def test_many_rounds_at_once_are_divided_to_the_same_bits(
        self, curve: str, rounds: list[list[float]], baseline: float
    ) -> None:
        at_once = divide_rounds(rounds, [baseline] * len(rounds), curve=curve).tolist()
        self.assertEqual(at_once, [divide(scores, baseline=baseline, curve=curve) for scores in rounds])

    def test_rounds_that_do_not_fit_their_baselines_are_refused(self) -> None:
        for scores, baselines in (([[0.1, 0.2]], [0.1, 0.2]), ([0.1], [0.1]), ([[math.nan]], [0.0]), ([[0.1]], [2.0])):
            with self.assertRaises(ScoringInputError):
                divide_rounds(scores, baselines)


if __name__ == "__main__":
    unittest.main()
