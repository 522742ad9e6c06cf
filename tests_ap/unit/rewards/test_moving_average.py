"""Moving averages follow the hotkey, and weights follow the averages."""

import math
import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import ScoringInputError
from conversation_genome.rewards import MovingAverages, weights_of

ANNA, BEN = Hotkey("anna"), Hotkey("ben")
REWARD = st.floats(0, 1, allow_nan=False)


def averages_after(*rewards: float, alpha: float = 0.1) -> MovingAverages:
    averages = MovingAverages()
    for reward in rewards:
        averages = averages.updated({ANNA: reward}, alpha=alpha)
    return averages


class MovingAverageTests(unittest.TestCase):
    def test_the_first_rewards_are_a_plain_mean(self) -> None:
        self.assertAlmostEqual(averages_after(0.2, 0.4).by_hotkey[ANNA].value, 0.3)

    def test_later_rewards_weigh_alpha(self) -> None:
        averages = averages_after(*[0.5] * 50).updated({ANNA: 1.0}, alpha=0.1)
        self.assertAlmostEqual(averages.by_hotkey[ANNA].value, 0.55)

    def test_an_unsampled_miner_keeps_its_average(self) -> None:
        before = averages_after(0.4)
        self.assertEqual(before.updated({BEN: 1.0}, alpha=0.1).by_hotkey[ANNA], before.by_hotkey[ANNA])

    def test_a_hotkey_that_left_starts_anew(self) -> None:
        returned = averages_after(0.9, 0.9).kept([BEN]).updated({ANNA: 0.1}, alpha=0.1)
        self.assertEqual(returned.by_hotkey[ANNA].samples, 1)
        self.assertAlmostEqual(returned.by_hotkey[ANNA].value, 0.1)

    def test_a_lucky_first_reward_is_no_record(self) -> None:
        lucky, steady = averages_after(1.0), averages_after(*[0.6] * 40)
        self.assertLess(lucky.settled()[ANNA], steady.settled()[ANNA])

    def test_updating_leaves_the_old_averages_as_they_were(self) -> None:
        before = averages_after(0.4)
        before.updated({ANNA: 1.0}, alpha=0.5)
        self.assertEqual(before, averages_after(0.4))

    def test_averages_survive_a_restart(self) -> None:
        averages = averages_after(0.1, 1 / 3, 0.7)
        self.assertEqual(MovingAverages.model_validate_json(averages.model_dump_json()), averages)

    def test_a_reward_or_an_alpha_out_of_range_is_refused(self) -> None:
        for reward, alpha in ((math.nan, 0.1), (1.5, 0.1), (-0.1, 0.1), (0.5, 0.0), (0.5, 1.5), (0.5, math.nan)):
            with self.assertRaises(ScoringInputError):
                MovingAverages().updated({ANNA: reward}, alpha=alpha)

    @given(st.lists(REWARD, min_size=1, max_size=60), st.floats(0.01, 1))
    @settings(deadline=None)
    def test_an_average_lies_between_the_rewards_it_averages(self, rewards: list[float], alpha: float) -> None:
        value = averages_after(*rewards, alpha=alpha).by_hotkey[ANNA].value
        self.assertTrue(min(rewards) - 1e-9 <= value <= max(rewards) + 1e-9)


class WeightsTests(unittest.TestCase):
    def test_a_pass_that_earned_nobody_anything_sets_no_weights(self) -> None:
        self.assertIsNone(weights_of({}))
        self.assertIsNone(weights_of({ANNA: 0.0, BEN: 0.0}))

    def test_weights_are_in_proportion_and_leave_out_who_earned_nothing(self) -> None:
        self.assertEqual(weights_of({BEN: 0.3, ANNA: 0.1, Hotkey("cara"): 0.0}), {ANNA: 0.1 / 0.4, BEN: 0.3 / 0.4})

    def test_a_negative_or_endless_average_is_refused(self) -> None:
        for wrong in (-0.1, math.nan, math.inf):
            with self.assertRaises(ScoringInputError):
                weights_of({ANNA: wrong})

    @given(st.dictionaries(st.text(min_size=1, max_size=5).map(Hotkey), st.floats(0, 1e300), min_size=1, max_size=30))
    @settings(deadline=None)
    def test_weights_sum_to_one_and_keep_the_order(self, averages: dict[Hotkey, float]) -> None:
        weights = weights_of(averages)
        if weights is None:
            self.assertEqual(set(averages.values()), {0.0})
            return
        self.assertAlmostEqual(sum(weights.values()), 1.0)
        ranked = sorted(weights, key=lambda hotkey: averages[hotkey])
        self.assertEqual([weights[hotkey] for hotkey in ranked], sorted(weights.values()))


if __name__ == "__main__":
    unittest.main()
