"""What cuts are measured by gives the values that one can work out by hand."""

import unittest

from benchmarks.engines.windows.measures import (
    boundary_f1,
    exact_f1,
    information_kept,
    one_to_one,
    pk,
    window_diff,
    window_size,
)


class BoundaryMeasuresTest(unittest.TestCase):
    def test_the_window_is_half_the_mean_segment(self) -> None:
        self.assertEqual([window_size(20, [10]), window_size(20, [5, 10, 15]), window_size(6, [2, 4])], [5, 2, 2])

    def test_a_perfect_cut_has_no_error(self) -> None:
        self.assertEqual((pk(20, [10], [10]), window_diff(20, [10], [10])), (0.0, 0.0))

    def test_no_cut_misses_every_pair_across_the_boundary(self) -> None:
        self.assertEqual((pk(20, [10], []), window_diff(20, [10], [])), (5 / 15, 5 / 15))

    def test_a_cut_too_many_between_one_pair_is_seen_by_window_diff_alone(self) -> None:
        self.assertEqual(pk(20, [10], [10, 11]), 1 / 15)
        self.assertEqual(window_diff(20, [10], [10, 11]), 5 / 15)

    def test_f1_counts_the_very_line_over_all_talks(self) -> None:
        self.assertEqual(boundary_f1([[3], [4, 8]], [[3], [5, 8]]), 2 / 3)


class ThreadMeasuresTest(unittest.TestCase):
    def test_threads_may_be_numbered_otherwise(self) -> None:
        truth, found = [0, 0, 1, 1, 2], [7, 7, 3, 3, 5]
        self.assertEqual((one_to_one(truth, found), exact_f1(truth, found)), (1.0, 1.0))
        self.assertAlmostEqual(information_kept(truth, found), 1.0)

    def test_each_thread_is_paired_with_one_other(self) -> None:
        self.assertEqual(one_to_one([0, 0, 0, 1], [5, 5, 6, 6]), 3 / 4)

    def test_threads_of_one_line_are_no_exact_match(self) -> None:
        self.assertEqual(exact_f1([0, 0, 1], [0, 1, 2]), 0.0)

    def test_one_thread_for_all_keeps_what_little_it_holds(self) -> None:
        self.assertAlmostEqual(information_kept([0, 0, 1, 1], [0, 0, 0, 0]), 0.5)


if __name__ == "__main__":
    unittest.main()
