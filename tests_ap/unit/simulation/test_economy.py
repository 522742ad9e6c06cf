"""The simulated economy: the same for the same seed, on the library's own functions, beside the original's formulas."""

import unittest
from dataclasses import replace

import numpy as np

from benchmarks.simulation.economy import Plan, run_economy
from benchmarks.simulation.measures import MISREPORTS, epochs_until_ordered, order_of_pay, reach, sybil_gain
from benchmarks.simulation.mechanisms import density, weights_by_rank
from benchmarks.simulation.population import sybil_economy, whole_economy

EPOCHS = 12
NOT_LOOKED_FOR = "ours, copies not looked for"
WHOLE = Plan(
    "whole",
    whole_economy(64, detection=0.95, epochs=EPOCHS),
    ("ours", NOT_LOOKED_FOR, "original"),
    has_bad_validator=True,
    epochs=EPOCHS,
)
SYBILS = Plan(
    "sybils",
    sybil_economy(64, detection=1.0, copies=1),
    ("ours", NOT_LOOKED_FOR),
    has_bad_validator=False,
    epochs=EPOCHS,
)


class OriginalTests(unittest.TestCase):
    def test_the_original_pays_the_average_most(self) -> None:
        paid = density(np.array([[0.1, 0.2, 0.3, 0.4, 0.9], [0.5] * 5]))
        np.testing.assert_allclose(paid[0], [0.170, 0.229, 0.271, 0.281, 0.049], atol=0.001)
        self.assertFalse(paid[1].any())

    def test_the_original_weighs_by_rank_and_nearly_flat(self) -> None:
        weights = weights_by_rank(np.arange(1, 11) / 10, np.random.default_rng(0))
        np.testing.assert_allclose(weights[[0, -1]], [0.0526, 0.1322], atol=0.0001)

    def test_the_original_weighs_everybody_when_nobody_earned_anything(self) -> None:
        np.testing.assert_allclose(weights_by_rank(np.zeros(4), np.random.default_rng(0)), 0.25)


class EconomyTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.whole, cls.sybils = run_economy(WHOLE), run_economy(SYBILS)

    def test_the_same_seed_pays_the_same_bits_and_another_does_not(self) -> None:
        short = replace(WHOLE, epochs=3)
        first, again, other = (run_economy(plan).incentive["ours"] for plan in (short, short, replace(short, seed=2)))
        np.testing.assert_array_equal(first, again)
        self.assertTrue((first != other).any())

    def test_every_epoch_pays_out_one_whole_once_newcomers_are_known(self) -> None:
        for mechanism in WHOLE.mechanisms:
            total = self.whole.incentive[mechanism].sum(axis=1)
            first = int((total == 0).sum())
            self.assertLess(first, EPOCHS / 2 if mechanism == "ours" else 1)
            np.testing.assert_allclose(total[first:], 1.0)

    def test_nobody_is_paid_before_joining_or_after_leaving(self) -> None:
        for at, miner in enumerate(WHOLE.miners):
            absent = [epoch for epoch in range(EPOCHS) if not miner.is_present(epoch)]
            self.assertFalse(self.whole.incentive["ours"][absent, at].any())

    def test_pay_comes_to_follow_quality(self) -> None:
        self.assertGreater(order_of_pay(self.whole, "ours")[-1], 0.9)

    def test_further_hotkeys_of_one_engine_add_little_once_they_are_found(self) -> None:
        for hotkeys in (2, 4, 8):
            self.assertLess(sybil_gain(self.sybils, "ours", hotkeys, since=EPOCHS - 3), 0.25)
            self.assertGreater(sybil_gain(self.sybils, NOT_LOOKED_FOR, hotkeys, since=EPOCHS - 3), 0.7 * (hotkeys - 1))

    def test_a_validator_with_a_third_of_the_stake_moves_little_and_pays_for_it(self) -> None:
        got = reach(self.whole, "ours", MISREPORTS["everything to four friends"], stake=0.3, last=4)
        self.assertLess(got.moved, 0.05)
        self.assertLess(got.dividends, 0.1 * got.dividends_honest)

    def test_pay_counts_as_ordered_once_it_stays_so(self) -> None:
        series = np.array([0.5, 0.96, 0.9, 0.96, 0.97, 0.98, 0.97, 0.96])
        self.assertEqual(epochs_until_ordered(series), 4)
        self.assertIsNone(epochs_until_ordered(series[:5]))


if __name__ == "__main__":
    unittest.main()
