"""The default backend: equal to sentence-transformers, equal to itself, and hard to upset."""

import threading
import unittest

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversation_genome.embedding.export import load_packaged
from conversation_genome.embedding.files import WEIGHTS_SHA256
from tests_ap.unit.embedding.model_fixture import real_embedder

UTTERANCES = [
    "weight loss",
    "Hi!",
    "Did you watch the game last night? I fell asleep before the second half.",
    "no",
    "The train from Lyon was two hours late, so we missed the connection and slept at the station.",
    "I think the budget for the remote control is too low for a colour screen",
    "東京で寿司を食べた",
    "um " * 300,
]


class OnnxEmbedderTest(unittest.TestCase):
    def test_vectors_equal_those_of_sentence_transformers_within_a_hundred_thousandth(self):
        texts = [*UTTERANCES, "", "  ", "x" * 500, "tab\tand\nnewline", "CAPITALS", "naïve café", "🎸 guitar"]
        difference = np.abs(real_embedder().embed(texts) - load_packaged().embed(texts)).max()
        self.assertLess(difference, 1e-5)

    def test_vectors_are_unit_float32_of_384_dimensions(self):
        vectors = real_embedder().embed(UTTERANCES)
        self.assertEqual((vectors.shape, vectors.dtype), ((len(UTTERANCES), 384), np.float32))
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)

    def test_no_texts_give_no_rows(self):
        self.assertEqual(real_embedder().embed([]).shape, (0, 384))

    def test_the_model_is_named_by_the_sum_of_its_weights(self):
        self.assertEqual(real_embedder().model.revision, WEIGHTS_SHA256)

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mates=st.lists(st.sampled_from(UTTERANCES), max_size=40), text=st.sampled_from(UTTERANCES))
    def test_a_text_has_the_same_bits_whatever_it_is_batched_with(self, mates, text):
        alone = real_embedder().embed([text])[0]
        together = real_embedder().embed([*mates, text])[-1]
        np.testing.assert_array_equal(together, alone)

    def test_the_order_of_the_texts_is_the_order_of_the_vectors(self):
        vectors = real_embedder().embed(UTTERANCES)
        np.testing.assert_array_equal(real_embedder().embed(UTTERANCES[::-1]), vectors[::-1])

    def test_a_ten_megabyte_text_is_cut_before_it_is_tokenised(self):
        head = "the quick brown fox " * 1_700
        huge = head + "jumps over the lazy dog " * 420_000
        np.testing.assert_array_equal(real_embedder().embed([huge]), real_embedder().embed([head]))

    def test_hostile_texts_give_finite_vectors(self):
        texts = [
            "",
            "\x00",
            "a\x00b",
            "\ud800",
            "ok \udfff",
            "\u202e" * 50,
            "e" + "\u0301" * 5_000,
            "[CLS] [MASK] [PAD]",
        ]
        self.assertTrue(np.isfinite(real_embedder().embed(texts)).all())

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.text(st.characters(codec=None), max_size=60), min_size=1, max_size=4))
    def test_any_text_gives_a_unit_vector(self, texts):
        np.testing.assert_allclose(np.linalg.norm(real_embedder().embed(texts), axis=1), 1, atol=1e-5)

    def test_threads_get_the_same_bits(self):
        expected = real_embedder().embed(UTTERANCES)
        found = {}
        threads = [
            threading.Thread(target=lambda number=number: found.update({number: real_embedder().embed(UTTERANCES)}))
            for number in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number in range(4):
            np.testing.assert_array_equal(found[number], expected)

    def test_synonyms_are_nearer_than_unrelated_words(self):
        car, automobile, banana = real_embedder().embed(["car", "automobile", "banana"])
        self.assertGreater(car @ automobile, car @ banana + 0.3)


if __name__ == "__main__":
    unittest.main()
