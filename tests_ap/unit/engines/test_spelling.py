"""Slips of the fingers are read as what was meant; what may be a word is left alone."""

import unittest

from conversation_genome.engines.extractive.spelling import mended, slips

_KNOWN = frozenset(
    ["movies", "watch", "different", "sports", "game", "blank", "appointment", "prioritize", "banking", "complete"]
)


def meant(*texts: str) -> dict[str, str]:
    return slips(texts, _KNOWN.__contains__)


class SpellingTest(unittest.TestCase):
    def test_letters_in_the_wrong_order_or_not_doubled_are_mended(self) -> None:
        self.assertEqual(
            meant("diferent sports", "my appoinntment", "watch movise"),
            {"diferent": "different", "appoinntment": "appointment", "movise": "movies"},
        )

    def test_a_letter_too_many_is_mended_only_where_others_say_the_word(self) -> None:
        self.assertEqual(meant("watch moivies", "which movies?"), {"moivies": "movies"})
        self.assertEqual(meant("watch moivies"), {})

    def test_a_word_that_comes_back_is_no_slip(self) -> None:
        self.assertEqual(meant("diferent sports", "diferent game"), {})

    def test_forms_and_spellings_of_a_known_word_are_left(self) -> None:
        self.assertEqual(meant("blanking and banking", "we prioritise it"), {})

    def test_names_and_words_that_were_broken_off_are_left(self) -> None:
        self.assertEqual(meant("Diferent Sports", "the compl complete game"), {})

    def test_a_text_is_mended_word_by_word(self) -> None:
        self.assertEqual(mended("Diferent, diferent!", {"diferent": "different"}), "Diferent, different!")
