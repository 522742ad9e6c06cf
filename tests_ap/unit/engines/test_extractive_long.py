"""What a long talk costs: nothing is loaded that nothing uses, and what is embedded is bounded by its parts."""

import unittest

from conversation_genome.engines.extractive.engine import DEEP, MORE_OF_LONG, ExtractiveEngine
from conversation_genome.engines.extractive.passages import LONG_LINES, MAX_CHARACTERS, PART_LINES, passages
from conversation_genome.engines.extractive.reading import read
from tests_ap.environment import run_python
from tests_ap.unit.engines.talks import CountingEmbedder, talk

NOUNS = ("goat", "rocket", "kettle", "violin", "harbour", "glacier", "loom")


class LoadingTest(unittest.TestCase):
    def test_reading_english_loads_neither_pytorch_nor_transformers(self) -> None:
        code = (
            "import sys; from conversation_genome.engines.extractive.english_tagger import tagged; "
            "list(tagged(['We restore wooden boats.'])); "
            "print([name for name in ('torch', 'transformers', 'presidio_analyzer') if name in sys.modules])"
        )
        self.assertEqual(run_python("-c", code).stdout, "[]\n")


class LongTalkTest(unittest.TestCase):
    def test_of_a_long_talk_one_passage_a_part_and_no_more_than_the_candidates_are_embedded(self) -> None:
        embedder = CountingEmbedder()
        lines = [f"Lot {n}: the {NOUNS[n % 7]} meets a {NOUNS[n % 5]} of model x{n}." for n in range(2 * LONG_LINES)]
        ExtractiveEngine(embedder, DEEP).annotate(talk(*lines))
        self.assertLessEqual(len(embedder.asked), MORE_OF_LONG * DEEP.candidates + len(lines) // PART_LINES)

    def test_a_passage_has_the_beginning_and_something_of_the_end(self) -> None:
        reading = read(talk(*[f"Kettle number {n} is on the stove of the harbour kitchen." for n in range(200)]))
        beginning, passage = passages(reading, range(200))
        self.assertTrue(beginning.startswith("Kettle number 0"))
        self.assertTrue(passage.startswith("Kettle number 0"))
        self.assertRegex(passage, "Kettle number 1[5-9]\\d")
        self.assertLessEqual(len(passage), MAX_CHARACTERS)

    def test_lines_that_say_nothing_alone_are_in_no_passage(self) -> None:
        reading = read(talk("Yeah.", "The goat eats the grass of the meadow.", "Okay, right."))
        self.assertEqual(passages(reading, range(3)), ["The goat eats the grass of the meadow."])


if __name__ == "__main__":
    unittest.main()
