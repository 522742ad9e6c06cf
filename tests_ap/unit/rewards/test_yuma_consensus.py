"""Yuma: half of the stake decides what a weight may be."""

import unittest

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from conversation_genome.errors import ScoringInputError
from conversation_genome.rewards import yuma

WEIGHT = st.floats(0, 1, allow_nan=False, allow_subnormal=False)


class YumaTests(unittest.TestCase):
    def test_validators_that_agree_set_the_incentive_they_agree_on(self) -> None:
        result = yuma([[0.6, 0.4], [0.6, 0.4]], [0.5, 0.5])
        np.testing.assert_allclose(result.incentive, [0.6, 0.4])
        np.testing.assert_allclose(result.dividends, [0.5, 0.5])

    def test_a_minority_cannot_pay_its_friend(self) -> None:
        result = yuma([[0.5, 0.5, 0], [0.6, 0.4, 0], [0, 0, 1]], [0.35, 0.35, 0.3])
        self.assertEqual(result.incentive[2], 0)
        self.assertEqual(result.dividends[2], 0)
        self.assertEqual(result.validator_trust[2], 0)

    def test_a_weight_above_the_consensus_is_cut_to_it(self) -> None:
        result = yuma([[0.5, 0.5], [0.5, 0.5], [0.9, 0.1]], [1, 1, 1])
        np.testing.assert_allclose(result.consensus, [0.5, 0.5])
        self.assertAlmostEqual(result.validator_trust[2], 0.6)

    def test_stake_without_weights_supports_nothing(self) -> None:
        result = yuma([[1.0, 0.0], [0.0, 0.0]], [0.4, 0.6])
        np.testing.assert_array_equal(result.incentive, [0, 0])
        np.testing.assert_array_equal(result.dividends, [0, 0])

    def test_a_subnet_without_validators_or_miners_has_an_empty_result(self) -> None:
        self.assertEqual(yuma(np.zeros((0, 3)), []).incentive.tolist(), [0, 0, 0])
        self.assertEqual(yuma(np.zeros((2, 0)), [1, 1]).dividends.tolist(), [0, 0])

    def test_arrays_that_do_not_fit_are_refused(self) -> None:
        for weights, stake in (
            ([[1.0]], [1, 1]),
            ([1.0], [1]),
            ([[-1.0]], [1]),
            ([[np.nan]], [1]),
            ([[1.0]], [np.inf]),
        ):
            with self.assertRaises(ScoringInputError):
                yuma(weights, stake)
        with self.assertRaises(ScoringInputError):
            yuma([[1.0]], [1], kappa=0)

    @given(arrays(float, (4, 5), elements=WEIGHT), arrays(float, 4, elements=WEIGHT))
    @settings(deadline=None)
    def test_shares_sum_to_one_or_are_all_zero(self, weights: np.ndarray, stake: np.ndarray) -> None:
        result = yuma(weights, stake)
        for shares in (result.incentive, result.dividends):
            self.assertTrue(np.isfinite(shares).all() and (shares >= 0).all())
            self.assertTrue(np.isclose(shares.sum(), 1) or not shares.any())

    @given(
        arrays(float, (3, 4), elements=WEIGHT), arrays(float, 3, elements=st.floats(0.1, 1)), st.permutations(range(3))
    )
    @settings(deadline=None)
    def test_the_order_of_validators_does_not_matter(
        self, weights: np.ndarray, stake: np.ndarray, order: list[int]
    ) -> None:
        one, other = yuma(weights, stake), yuma(weights[order], stake[order])
        np.testing.assert_allclose(one.incentive, other.incentive, atol=1e-9)
        np.testing.assert_allclose(one.dividends[order], other.dividends, atol=1e-9)


if __name__ == "__main__":
    unittest.main()
