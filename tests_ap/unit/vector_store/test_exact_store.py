"""The oracle keeps the contract, and its figures are those of the formulas."""

import math
import unittest

from conversation_genome.vector_store.exact import ExactVectorStore
from conversation_genome.vector_store.fusion import fuse
from tests_ap.unit.vector_store.contract import VectorStoreContract
from tests_ap.unit.vector_store.contract_records import record


class ExactVectorStoreTest(VectorStoreContract, unittest.TestCase):
    def setUp(self):
        self.store = ExactVectorStore()

    def test_one_word_in_one_of_two_equally_long_texts_scores_as_bm25_says(self):
        self.store.upsert([record("c1", "fresh bread"), record("c2", "jazz guitar")])
        self.assertAlmostEqual(self.store.search(None, "bread")[0].word_score, math.log1p(1.5 / 1.5), places=6)


class FusionTest(unittest.TestCase):
    def test_first_in_every_ranking_scores_one(self):
        self.assertEqual(fuse([["a", "b"], ["a"]])["a"], 1.0)

    def test_good_in_both_beats_best_in_one(self):
        scores = fuse([["a", "both", "c"], ["d", "both", "e"]])
        self.assertEqual(max(scores, key=scores.__getitem__), "both")

    def test_no_rankings_score_nothing(self):
        self.assertEqual(fuse([]), {})
