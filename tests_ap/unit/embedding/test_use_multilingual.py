"""USE-multilingual: sixteen languages in one space, with bits that depend on the text alone."""

import hashlib
import unittest
from unittest.mock import patch

import numpy as np

from conversation_genome.embedding import use_multilingual
from conversation_genome.embedding.use_multilingual import MODEL, UseMultilingualEmbedder
from conversation_genome.errors import ModelUnavailableError

TEXTS = [
    "abejas",
    "一眼レフのカメラを買いました。",
    "",
    "Der Heizkessel ist schon wieder kaputt. " * 40,
    "c" * 9_000,
    "\ud800",
]


class UseMultilingualTest(unittest.TestCase):
    embedder: UseMultilingualEmbedder

    @classmethod
    def setUpClass(cls) -> None:
        cls.embedder = UseMultilingualEmbedder()

    def test_equal_text_gives_equal_bits_whatever_it_comes_with(self) -> None:
        together = self.embedder.embed(TEXTS)
        alone = np.concatenate([self.embedder.embed([text]) for text in reversed(TEXTS)])[::-1]
        self.assertEqual(together.tobytes(), np.ascontiguousarray(alone).tobytes())

    def test_vectors_have_length_one_and_the_shape_of_the_model(self) -> None:
        vectors = self.embedder.embed(TEXTS)
        self.assertEqual((vectors.shape, vectors.dtype), ((len(TEXTS), MODEL.dimensions), np.float32))
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_no_texts_give_no_vectors(self) -> None:
        self.assertEqual(self.embedder.embed([]).shape, (0, MODEL.dimensions))

    def test_a_thing_is_near_its_name_in_another_language_and_far_from_another_thing(self) -> None:
        words = self.embedder.embed(
            ["bee", "abeja", "ミツバチ", "Biene", "mortgage", "hipoteca", "住宅ローン", "Hypothek"]
        )
        cosines = words @ words.T
        self.assertGreater(cosines[:4, :4].min(), cosines[:4, 4:].max() + 0.1)

    def test_the_revision_is_the_digest_of_the_packaged_weights(self) -> None:
        self.assertEqual(len(bytes.fromhex(self.embedder.model.revision)), hashlib.sha256().digest_size)
        with patch.object(use_multilingual, "WEIGHTS_SHA256", "0" * 64), self.assertRaises(ModelUnavailableError):
            UseMultilingualEmbedder()
