"""Sketches tell near-copies from what is only alike."""

import unittest

from conversation_genome.search.folding import folded
from conversation_genome.search.sketching import PLACES, SAME, likeness, sketch_of

LINES = [f"Word{n} and term{n * 3} with thing{n * 7} in place{n % 11}." for n in range(60)]
PINNED = "59afb9ee"


class SketchTest(unittest.TestCase):
    def test_case_and_signs_make_no_difference(self):
        self.assertEqual(sketch_of(LINES), sketch_of([line.upper().replace(".", " !") for line in LINES]))

    def test_the_share_of_equal_places_is_about_the_similarity_of_jaccard(self):
        half = sketch_of(LINES[:45])
        self.assertAlmostEqual(float(likeness(sketch_of(LINES), [half])[0]), 0.75, delta=0.15)

    def test_a_copy_with_a_line_less_is_one_and_another_talk_is_not(self):
        other = sketch_of([line.replace("term", "unit").replace("thing", "part") for line in LINES])
        shares = likeness(sketch_of(LINES), [sketch_of(LINES[1:]), other, b""])
        self.assertGreater(shares[0], SAME)
        self.assertLess(shares[1], SAME)
        self.assertEqual(shares[2], 0)

    def test_what_is_too_short_has_no_sketch_and_is_no_copy(self):
        self.assertEqual(sketch_of(["Hi there", "Hello"]), b"")
        self.assertEqual(list(folded(["a", "b"], {"a": b"", "b": b""})), ["a", "b"])

    def test_a_sketch_is_the_same_in_every_process(self):
        self.assertEqual((len(sketch_of(LINES)), sketch_of(LINES)[:4].hex()), (2 * PLACES, PINNED))

    def test_copies_fold_into_the_first_of_them(self):
        one, two = sketch_of(LINES), sketch_of([f"{n} other{n} words{n} here{n}" for n in range(60)])
        self.assertEqual(
            folded(["a", "b", "c", "d"], {"a": one, "b": two, "c": one, "d": two}), {"a": ("c",), "b": ("d",)}
        )
