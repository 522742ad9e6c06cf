"""The lines that are shown."""

import unittest

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.search.quoting import MAX_QUOTE_CHARACTERS, marked, query_words, quotes_by_words, words_found


class QuotingTest(unittest.TestCase):
    def test_the_line_with_more_of_the_words_is_quoted_and_stragglers_are_not(self):
        text = "Ann: bread\nBob: fresh rye bread today\nAnn: nothing"
        self.assertEqual(quotes_by_words(text, query_words("fresh rye bread")), ("Bob: fresh rye bread today",))

    def test_lines_are_quoted_in_the_order_of_the_talk(self):
        text = "Ann: tea\nBob: no\nAnn: tea again"
        self.assertEqual(quotes_by_words(text, query_words("tea")), ("Ann: tea", "Ann: tea again"))

    def test_the_speakers_name_is_no_match(self):
        self.assertEqual(quotes_by_words("Rose: hello\nBob: hi", query_words("rose")), ())

    def test_a_long_line_is_cut_around_the_word(self):
        line = "Ann: " + "blah " * 200 + "zither " + "blah " * 200
        quote = quotes_by_words(line, query_words("zithers"))[0]
        self.assertIn("zither", quote)
        self.assertLess(len(quote), MAX_QUOTE_CHARACTERS + 20)
        self.assertTrue(quote.startswith("Ann: … "))

    def test_found_words_keep_the_spelling_and_order_of_the_query(self):
        words = query_words("Baking BREAD, zithers?")
        self.assertEqual(words_found(["she baked bread"], words), ("Baking", "BREAD"))

    @given(st.text(), st.text())
    def test_marked_pieces_together_are_the_line(self, line, query):
        self.assertEqual("".join(piece for piece, _ in marked(line, query_words(query))), line)
