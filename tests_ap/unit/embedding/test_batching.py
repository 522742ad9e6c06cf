"""Batching: every text once, bounded, and never dearer than what is plain."""

import unittest

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.embedding.batching import MAX_BATCH_TEXTS, MAX_BATCH_TOKENS, RUN_TOKENS, batches

LENGTHS = st.lists(st.integers(1, 256), max_size=80)


def cost(lengths: list[int], found: list[list[int]]) -> int:
    return sum(RUN_TOKENS + len(batch) * max(lengths[index] for index in batch) for batch in found)


class BatchingTest(unittest.TestCase):
    @given(LENGTHS)
    def test_every_text_is_in_one_batch_and_shorter_ones_come_first(self, lengths: list[int]) -> None:
        indices = [index for batch in batches(lengths) for index in batch]
        self.assertEqual(sorted(indices), list(range(len(lengths))))
        self.assertEqual([lengths[index] for index in indices], sorted(lengths))

    @given(LENGTHS)
    def test_no_batch_is_too_large(self, lengths: list[int]) -> None:
        for batch in batches(lengths):
            self.assertLessEqual(len(batch), MAX_BATCH_TEXTS)
            self.assertLessEqual(len(batch) * max(lengths[index] for index in batch), MAX_BATCH_TOKENS)

    @given(st.lists(st.integers(1, 60), min_size=1, max_size=17))
    def test_no_other_way_to_cut_in_two_or_none_is_cheaper(self, lengths: list[int]) -> None:
        order = sorted(range(len(lengths)), key=lengths.__getitem__)
        ways = [[order[:at], order[at:]] for at in range(1, len(order))]
        cheapest = min(cost(lengths, way) for way in [[order], *ways])
        self.assertLessEqual(cost(lengths, batches(lengths)), cheapest)

    def test_texts_of_one_length_run_together_and_a_far_longer_one_alone(self) -> None:
        self.assertEqual(batches([5, 90, 5, 6]), [[0, 2, 3], [1]])

    def test_a_text_longer_than_a_batch_runs_alone(self) -> None:
        self.assertEqual(batches([2_000, 2_000]), [[0], [1]])
