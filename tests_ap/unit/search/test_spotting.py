"""What is spotted in a line is what reading all of it would find."""

import unittest

from hypothesis import example, given
from hypothesis import strategies as st

from conversation_genome.search.quoting import Sought, marks, query_words
from conversation_genome.search.spotting import spotted
from conversation_genome.vector_store.terms import stem, terms

_ENDED = st.builds(
    lambda start, end: start + end,
    st.text(alphabet="abdeginrsty'0", min_size=1, max_size=6),
    st.sampled_from(
        [
            "",
            "s",
            "es",
            "ies",
            "y",
            "ing",
            "ed",
            "e",
            "ss",
            "'s",
            "n't",
            "bbed",
            "\u2019s",
            "\u2019",
            "\u2014",
            "\u2026",
        ]
    ),
)
_LINES = st.lists(_ENDED | st.text(max_size=4), max_size=8).map(" ".join)


class SpottingTest(unittest.TestCase):
    @given(_LINES, st.lists(_ENDED, max_size=3).map(" ".join))
    @example("rock'n'roll rolls", "roll")
    @example("o'clock l'avion", "clock avion")
    @example("\u2018cities\u2019 \u201ccity\u2019s\u201d\u2014citied\u2026", "city")
    @example("o\u2019clock l\u2019avion", "clock avion")
    @example("_city_ cities' City", "cities")
    @example("çity cities", "city")
    def test_the_terms_that_are_spotted_are_those_that_are_read(self, line, words):
        wanted = set(terms(words))
        self.assertEqual(spotted(line, wanted), wanted & set(terms(line)))

    @given(_ENDED)
    def test_a_word_begins_with_its_stem_but_for_plurals(self, word):
        found = stem(word)
        self.assertTrue(word.startswith(found) or word == found[:-1] + "ies", (word, found))

    @given(_LINES, st.lists(_ENDED, max_size=3).map(" ".join))
    def test_marks_are_the_same_as_where_every_word_is_read(self, line, words):
        wanted = Sought(query_words(words))
        # A phrase that is not there makes it read every word.
        whole = Sought(wanted.words, ("quite another thing",))
        self.assertEqual(list(marks(line, wanted)), list(marks(line, whole)))
