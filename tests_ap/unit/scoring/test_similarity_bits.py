"""Similarity is exact: the same bits in any order, shape and number of threads."""

import unittest

import numpy as np

from conversation_genome.errors import ScoringInputError
from conversation_genome.scoring.similarity import VectorTable, cosines, quantised, ramp, slope


def unit_rows(count: int, dimensions: int = 384) -> np.ndarray:
    rows = np.random.default_rng(7).normal(size=(count, dimensions))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class SimilarityTests(unittest.TestCase):
    def test_a_cosine_does_not_depend_on_what_it_is_computed_with(self) -> None:
        rows, columns = quantised(unit_rows(60)), quantised(unit_rows(90)[60:])
        together = cosines(rows, columns)
        for at in (0, 17, 59):
            np.testing.assert_array_equal(cosines(rows[at : at + 1], columns)[0], together[at])
            np.testing.assert_array_equal(cosines(columns[::-1], rows[at : at + 1])[::-1, 0], together[at])

    def test_a_sum_in_another_order_has_the_same_bits(self) -> None:
        rows = quantised(unit_rows(8))
        order = np.random.default_rng(1).permutation(rows.shape[1])
        np.testing.assert_array_equal(cosines(rows, rows), cosines(rows[:, order], rows[:, order]))

    def test_rounding_moves_a_cosine_by_less_than_a_hundred_thousandth(self) -> None:
        rows = unit_rows(30)
        exact = rows.astype(np.float64) @ rows.astype(np.float64).T
        self.assertLess(np.abs(cosines(quantised(rows), quantised(rows)) - exact).max(), 1e-5)

    def test_curves_start_at_nothing_end_at_one_and_rise_between(self) -> None:
        values = np.linspace(-1, 1, 201)
        for curve in (ramp, slope):
            found = curve(values, 0.1, 0.8)
            self.assertEqual((found[0], found[-1]), (0, 1))
            self.assertTrue((np.diff(found) >= 0).all())

    def test_vectors_that_are_none_are_refused(self) -> None:
        for wrong in (np.zeros((2, 3)), np.full((1, 3), np.nan), np.ones(3), np.ones((1, 3))):
            with self.assertRaises(ScoringInputError):
                quantised(wrong)

    def test_a_missing_vector_is_named(self) -> None:
        table = VectorTable(["a"], unit_rows(1))
        with self.assertRaisesRegex(ScoringInputError, "'b'"):
            table.of(["b"])
        with self.assertRaisesRegex(ScoringInputError, "2 texts came with 1 vectors"):
            VectorTable(["a", "b"], unit_rows(1))


if __name__ == "__main__":
    unittest.main()
