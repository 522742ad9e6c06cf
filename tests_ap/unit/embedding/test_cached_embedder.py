"""The cache: each text is read once, memory is bounded, callers cannot harm one another."""

import threading
import unittest

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.embedding.cache import CachedEmbedder
from conversation_genome.embedding.text import MAX_CHARACTERS, readable
from conversation_genome.testing.embedder import HashEmbedder


class RecordingEmbedder(HashEmbedder):
    def __init__(self):
        self.calls = []

    def embed(self, texts):
        self.calls.append(list(texts))
        return super().embed(texts)


class CachedEmbedderTest(unittest.TestCase):
    def setUp(self):
        self.backend = RecordingEmbedder()

    def test_a_text_that_occurs_twice_in_a_call_is_computed_once(self):
        vectors = CachedEmbedder(self.backend).embed(["tea", "coffee", "tea"])
        self.assertEqual(self.backend.calls, [["tea", "coffee"]])
        np.testing.assert_array_equal(vectors[0], vectors[2])

    def test_a_text_that_is_remembered_is_not_computed_again(self):
        cached = CachedEmbedder(self.backend)
        cached.embed(["tea"])
        cached.embed(["tea", "coffee"])
        self.assertEqual(self.backend.calls, [["tea"], ["coffee"]])

    def test_the_least_recently_used_text_is_forgotten_first(self):
        cached = CachedEmbedder(self.backend, entries=2)
        for text in ("tea", "coffee", "tea", "water", "tea", "coffee"):
            cached.embed([text])
        self.assertEqual(self.backend.calls, [["tea"], ["coffee"], ["water"], ["coffee"]])

    def test_no_entries_remember_nothing_and_still_answer(self):
        cached = CachedEmbedder(self.backend, entries=0)
        cached.embed(["tea", "tea"])
        cached.embed(["tea"])
        self.assertEqual(self.backend.calls, [["tea"], ["tea"]])

    @settings(deadline=None)
    @given(st.lists(st.lists(st.text("ab", max_size=3), max_size=6), max_size=6), st.integers(0, 5))
    def test_answers_equal_the_backends_whatever_was_asked_before(self, calls, entries):
        cached = CachedEmbedder(HashEmbedder(), entries=entries)
        for texts in calls:
            np.testing.assert_array_equal(cached.embed(texts), HashEmbedder().embed(texts))

    def test_a_caller_that_changes_its_vectors_changes_nobody_elses(self):
        cached = CachedEmbedder(self.backend)
        cached.embed(["tea"])[:] = 0
        self.assertEqual(float(np.linalg.norm(cached.embed(["tea"]))), 1.0)

    def test_counters_tell_what_was_asked_and_what_was_computed(self):
        cached = CachedEmbedder(self.backend)
        cached.embed(["tea", "tea", "coffee"])
        cached.embed(["tea"])
        counters = cached.counters
        self.assertEqual((counters.asked, counters.computed), (4, 2))
        self.assertGreater(counters.cpu_seconds, 0)

    def test_long_texts_that_differ_late_are_told_apart(self):
        cached = CachedEmbedder(self.backend)
        first, second = cached.embed(["word " * 1_000 + "tea", "word " * 1_000 + "coffee"])
        self.assertFalse(np.array_equal(first, second))

    def test_many_threads_agree_with_one(self):
        cached = CachedEmbedder(HashEmbedder(), entries=50)
        texts = [f"text {number}" for number in range(80)]
        expected = HashEmbedder().embed(texts)
        faults = []

        def work():
            faults.extend(number for number in range(10) if not np.array_equal(cached.embed(texts), expected))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((faults, cached.counters.asked), ([], 4 * 10 * 80))


class ReadableTest(unittest.TestCase):
    def test_a_long_text_is_cut(self):
        self.assertEqual(readable("a" * 10_000_000), "a" * MAX_CHARACTERS)

    def test_a_lone_surrogate_is_replaced_and_the_rest_kept(self):
        self.assertEqual(readable("caf\u00e9 \ud83d!"), "café ?!")


class HashEmbedderTest(unittest.TestCase):
    def test_shared_words_make_texts_alike(self):
        first, second, other = HashEmbedder().embed(["weight loss", "hair loss", "jazz guitar"])
        self.assertGreater(first @ second, 0.25)
        self.assertLess(abs(first @ other), 0.25)

    def test_equal_texts_have_equal_unit_vectors(self):
        first, second = HashEmbedder().embed(["", ""])
        np.testing.assert_array_equal(first, second)
        self.assertAlmostEqual(float(first @ first), 1.0, places=6)


if __name__ == "__main__":
    unittest.main()
