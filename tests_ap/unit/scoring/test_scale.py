"""Scale: cosines of another model are carried over to the one that the thresholds were tuned on."""

import unittest

import numpy as np

from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.embedding.scales import MULTILINGUAL_NAMES, MULTILINGUAL_PASSAGES, scale_of
from conversation_genome.embedding.use_multilingual import MODEL
from conversation_genome.scoring.scale import MINILM

EVERY = np.linspace(-1, 1, 401)


class ScaleTest(unittest.TestCase):
    def test_minilms_cosines_are_left_alone(self) -> None:
        self.assertIs(MINILM.carried_names(EVERY), EVERY)

    def test_curves_rise_all_the_way_from_end_to_end(self) -> None:
        for curve in (MULTILINGUAL_NAMES, MULTILINGUAL_PASSAGES):
            known, counterparts = np.array(curve).T
            self.assertTrue((np.diff(known) > 0).all() and (np.diff(counterparts) > 0).all())
            self.assertEqual((*curve[0], *curve[-1]), (-1, -1, 1, 1))

    def test_short_texts_and_passages_have_curves_of_their_own(self) -> None:
        scale = scale_of(MODEL)
        one, other = np.array([[1.0, 0.0]]), np.array([[0.5, np.sqrt(0.75)]])
        self.assertLess(float(scale.of_names(one, other)[0, 0]), 0.5)
        self.assertGreater(float(scale.of_passages(one, other)[0, 0]), 0.5)

    def test_a_model_that_was_never_measured_is_read_like_minilm(self) -> None:
        self.assertEqual(scale_of(EmbeddingModel(name="new", revision="1", dimensions=3)), MINILM)

    def test_only_a_multilingual_model_reads_other_scripts(self) -> None:
        for text, by_minilm in (("film camera", True), ("カメラ", False), ("камера", False)):
            self.assertEqual((MINILM.reads(text), scale_of(MODEL).reads(text)), (by_minilm, True), text)
