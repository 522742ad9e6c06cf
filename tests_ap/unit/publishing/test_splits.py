"""Where a conversation lands, and that it stays there."""

import unittest
from itertools import pairwise

from conversation_genome.publishing.splits import KEY_BITS, bounds, key_of, shards, split_of


def weights(count: int) -> list[tuple[int, int]]:
    return sorted((key_of(f"talk {number}"), 1) for number in range(count))


class TestShards(unittest.TestCase):
    def test_no_shard_is_above_the_limit_and_none_is_empty(self) -> None:
        found = list(shards(weights(1_000), 50))
        self.assertTrue(all(0 < count <= 50 for _, count in found))
        self.assertEqual(sum(count for _, count in found), 1_000)

    def test_shards_cover_all_keys_without_a_gap(self) -> None:
        ranges = [bounds(bits) for bits, _ in shards(weights(1_000), 50)]
        self.assertEqual((ranges[0][0], ranges[-1][1]), (0, (1 << KEY_BITS) - 1))
        self.assertTrue(all(one[1] + 1 == two[0] for one, two in pairwise(ranges)))

    def test_one_more_key_touches_no_more_than_the_shard_it_falls_into(self) -> None:
        before = dict(shards(weights(1_000), 50))
        after = dict(shards(weights(1_001), 50))
        gone = {bits for bits in before if before[bits] != after.get(bits)}
        self.assertEqual(len(gone), 1)

    def test_one_heavy_key_stays_whole(self) -> None:
        self.assertEqual(list(shards([(5, 1_000)], 10)), [("", 1)])

    def test_equal_keys_are_never_divided(self) -> None:
        self.assertEqual(list(shards([(5, 6), (5, 6)], 10)), [("", 1)])


class TestSplit(unittest.TestCase):
    def test_splits_are_near_ninety_five_five(self) -> None:
        found = [split_of(f"{number:x}") for number in range(4_000)]
        for split, share in (("train", 0.9), ("validation", 0.05), ("test", 0.05)):
            self.assertAlmostEqual(found.count(split) / 4_000, share, delta=0.02)
