"""The lines that are shown, and what in them is marked."""

import unittest

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.search.parsing import parsed
from conversation_genome.search.quoting import (
    MAX_QUOTE_CHARACTERS,
    Sought,
    marks,
    query_words,
    quotes,
    sought,
    words_found,
)


def quoted(text, query):
    return tuple(quote.text for quote in quotes(text, sought(parsed(query))))


def marked(line, query):
    return [line[start:end] for start, end in marks(line, sought(parsed(query)))]


class QuotingTest(unittest.TestCase):
    def test_the_line_with_more_of_the_words_is_quoted_and_stragglers_are_not(self):
        text = "Ann: bread\nBob: fresh rye bread today\nAnn: nothing"
        self.assertEqual(quoted(text, "fresh rye bread"), ("Bob: fresh rye bread today",))

    def test_lines_are_quoted_in_the_order_of_the_talk(self):
        self.assertEqual(quoted("Ann: tea\nBob: no\nAnn: tea again", "tea"), ("Ann: tea", "Ann: tea again"))

    def test_the_speakers_name_is_no_match(self):
        self.assertEqual(quoted("Rose: hello\nBob: hi", "rose"), ())

    def test_a_line_with_the_phrase_comes_before_lines_with_its_words(self):
        text = "Ann: bread, and fresh butter\nBob: fresh bread"
        self.assertEqual(quoted(text, 'butter "fresh bread"'), ("Bob: fresh bread",))

    def test_lines_of_the_speaker_that_is_asked_for_come_first(self):
        text = "Ann: tea\nAnn: tea\nBob: tea"
        self.assertIn("Bob: tea", quoted(text, "tea speaker:bob"))
        self.assertEqual(quoted(text, "speaker:bob"), ("Bob: tea",))

    def test_what_must_not_be_there_is_not_shown(self):
        self.assertEqual(quoted("Ann: tea\nBob: coffee", "tea -coffee"), ("Ann: tea",))

    def test_a_long_line_is_cut_around_the_word(self):
        [quote] = quotes("Ann: " + "blah " * 200 + "zither " + "blah " * 200, sought(parsed("zithers")))
        self.assertLess(len(quote.text), MAX_QUOTE_CHARACTERS + 20)
        self.assertTrue(quote.text.startswith("Ann: … "))
        self.assertEqual([quote.text[start:end] for start, end in quote.marks], ["zither"])

    def test_a_long_line_without_spaces_is_cut_around_the_word(self):
        [quote] = quotes("ああ、" * 200 + "寿司" + "、いい" * 200, sought(parsed("寿司")))
        self.assertEqual([quote.text[start:end] for start, end in quote.marks], ["寿司"])
        self.assertLess(len(quote.text), MAX_QUOTE_CHARACTERS + 20)

    def test_found_words_keep_the_spelling_and_order_of_the_query(self):
        words = query_words("Baking BREAD, zithers?")
        self.assertEqual(words_found(["she baked bread"], words), ("Baking", "BREAD"))


class MarksTest(unittest.TestCase):
    def test_words_are_marked_in_any_form_without_the_signs_around_them(self):
        self.assertEqual(marked("(Baked) bread!", "bake breads"), ["Baked", "bread"])

    def test_of_a_script_without_spaces_only_what_was_asked_is_marked(self):
        self.assertEqual(marked("昨日は寿司を食べた", "寿司"), ["寿司"])

    def test_a_phrase_is_marked_where_it_stands_whole(self):
        self.assertEqual(marked("the bread of the day", '"the bread"'), ["the", "bread", "the"])
        self.assertEqual(marked("bread of the day", '"the bread"'), [])

    @given(st.text(), st.text(max_size=30), st.lists(st.text(min_size=1, max_size=10), max_size=2))
    def test_marks_lie_in_the_line_in_order_and_apart(self, line, words, phrases):
        wanted = Sought(query_words(words + " " + line[:5]), tuple(phrases))
        place = 0
        for start, end in marks(line, wanted):
            self.assertLessEqual(place, start)
            self.assertLess(start, end)
            place = end
        self.assertLessEqual(place, len(line))
