"""Sensitive traits: what the sentences written by hand tell."""

import unittest

from conversation_genome.engines.sensitive import is_sensitive
from tests_ap.unit.engines.sensitive_sentences import INNOCENT, SENSITIVE


class SensitiveTraitsTest(unittest.TestCase):
    def test_sentences_that_tell_a_sensitive_trait_are_known(self) -> None:
        self.assertEqual([sentence for sentence in SENSITIVE if not is_sensitive(sentence)], [])

    def test_sentences_that_merely_sound_like_one_are_not(self) -> None:
        self.assertEqual([sentence for sentence in INNOCENT if is_sensitive(sentence)], [])


if __name__ == "__main__":
    unittest.main()
