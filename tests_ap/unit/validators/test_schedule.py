"""Each miner meets the windows of a conversation in an order of its own."""

import random
import unittest
from collections import Counter

from conversation_genome.annotation import Hotkey
from conversation_genome.conversation import Window
from validators.schedule import ANSWERS_HELD, LONGEST_STRETCH, steps, stretches

MINERS = tuple(Hotkey(f"miner-{number}") for number in range(7))


def windows(count: int, level: int = 2) -> list[Window]:
    return [Window(conversation_id="talk", level=level, start=10 * n, end=10 * n + 10) for n in range(count)]


def order_of(miner: Hotkey, planned: list[list[tuple[int, Hotkey]]]) -> tuple[int, ...]:
    return tuple(window for step in planned for window, asked in step if asked == miner)


class StepsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.planned = steps([MINERS] * 12, random.Random(1))

    def test_every_miner_is_asked_about_each_of_its_windows_once(self) -> None:
        for miner in MINERS:
            self.assertEqual(sorted(order_of(miner, self.planned)), list(range(12)))

    def test_no_two_miners_meet_the_windows_in_one_order(self) -> None:
        self.assertEqual(len({order_of(miner, self.planned) for miner in MINERS}), 7)

    def test_a_miner_is_asked_once_in_a_step_and_a_step_asks_no_more_than_there_are_miners(self) -> None:
        for step in self.planned:
            self.assertEqual(max(Counter(miner for _, miner in step).values()), 1)

    def test_each_window_is_as_likely_to_come_first(self) -> None:
        first = Counter(order_of(MINERS[0], steps([MINERS] * 4, random.Random(seed)))[0] for seed in range(400))
        self.assertGreater(min(first[window] for window in range(4)), 60)

    def test_miners_that_are_asked_about_few_windows_are_spread_over_the_steps(self) -> None:
        some = [tuple(Hotkey(f"{window}-{n}") for n in range(7)) for window in range(32)]
        planned = steps(some, random.Random(1))
        self.assertEqual(sum(map(len, planned)), 32 * 7)
        self.assertLess(max(map(len, planned)), 3 * 7)

    def test_a_window_that_nobody_is_asked_about_leaves_no_empty_step(self) -> None:
        self.assertEqual(steps([(), ()], random.Random(1)), [])


class StretchesTest(unittest.TestCase):
    def test_a_conversation_is_played_whole_while_it_is_short(self) -> None:
        (stretch,) = stretches(windows(30), miners=7, chance=random.Random(1))
        self.assertEqual(sorted(one.start for one in stretch), [10 * n for n in range(30)])

    def test_a_long_one_is_cut_into_runs_of_nearly_equal_length(self) -> None:
        lengths = [len(one) for one in stretches(windows(100), miners=7, chance=random.Random(1))]
        self.assertEqual(sorted(lengths), [25, 25, 25, 25])

    def test_no_more_answers_are_held_than_is_said_however_many_miners_there_are(self) -> None:
        for miners in (1, 7, 64, 256, 4096):
            for one in stretches(windows(70), miners=miners, chance=random.Random(1)):
                self.assertLessEqual(len(one), LONGEST_STRETCH)
                self.assertLessEqual(len(one) * miners, max(miners, ANSWERS_HELD))

    def test_windows_that_miners_are_not_asked_about_are_left_out(self) -> None:
        self.assertEqual(stretches(windows(3, level=1), miners=7, chance=random.Random(1)), [])
