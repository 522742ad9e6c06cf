"""Words as they are looked up."""

import unittest

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.vector_store.terms import MAX_TERM_CHARACTERS, terms

UNLIKE_ASCII = "хлеб"


class TermsTest(unittest.TestCase):
    def test_forms_of_a_word_are_one_term(self):
        for forms in (
            "bake baked baking bakes",
            "plan planned planning plans",
            "city cities City's",
            "box boxes",
            "class classes",
            "run running runs",
        ):
            self.assertEqual(len(set(terms(forms))), 1, (forms, terms(forms)))

    def test_different_words_stay_apart(self):
        for words in ("sing sting", "bus bush", "red reed", "king kin"):
            self.assertEqual(len(set(terms(words + " x"))), 3, (words, terms(words)))

    def test_stop_words_and_punctuation_are_left_out(self):
        self.assertEqual(terms("I don't know, it's -- the BREAD!?"), ["bread"])

    def test_accents_and_case_do_not_matter(self):
        self.assertEqual(terms("Crème BRÛLÉE"), terms("creme brulee"))

    def test_unspaced_scripts_are_read_in_pairs(self):
        self.assertEqual(terms("寿司屋"), ["寿司", "司屋"])
        self.assertEqual(terms("がか"), ["がか"])

    def test_hindi_words_stay_whole(self):
        self.assertEqual(len(terms("नमस्ते दुनिया")), 2)

    @given(st.text())
    def test_every_term_is_a_bounded_word_without_white_space(self, text):
        for term in terms(text):
            self.assertTrue(term)
            self.assertLessEqual(len(term), MAX_TERM_CHARACTERS)
            self.assertEqual(term.split(), [term])

    @given(st.text(st.characters(max_codepoint=127)))
    def test_a_text_of_ascii_is_read_as_it_is_beside_other_scripts(self, text):
        self.assertEqual(terms(f"{text} {UNLIKE_ASCII}"), [*terms(text), *terms(UNLIKE_ASCII)])

    @given(st.text())
    def test_a_text_read_twice_gives_the_same(self, text):
        self.assertEqual(terms(text), terms(text.upper().lower()) if text.isascii() else terms(text))
