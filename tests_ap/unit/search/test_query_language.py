"""The query language: what each way of asking means, and how a wrong one is told."""

import unittest
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.errors import QueryError
from conversation_genome.search.parsing import MAX_DEPTH, parsed
from conversation_genome.search.query import Plain, as_words, only_fields
from conversation_genome.vector_store.conditions import (
    All,
    AnyOf,
    FieldIs,
    FieldName,
    Not,
    Phrase,
    Started,
    Word,
)

PIECES = [
    *("bread", "jazz", "the", "C++", "co-op", '5"', "http://a.b/c", "note:this", "寿司", "🎉", "--", "-", "'"),
    *("AND", "OR", "NOT", "and", "(", ")", "(", ")", "-", "-bread", '"', '"fresh bread"', "“fresh bread”"),
    *("speaker:Ann", 'speaker:"Ann Smith"', "tag:bread", "-source:chat", "LANG:en", "tag:", "spaeker:x", 'tag:a"b'),
    *("after:2025", "before:2025-02", "on:2025-01-01", "2025-01-01..2025-02", "on:..2025", "on:9999", "after:9999-12"),
    *("on:2025-01-01T10:30", "on:2025-13", "2025-02..2025-01", "on:..", "on:0001..2025-01-01T10:30Z"),
]
QUERIES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map(" ".join)


def day(year, month=1, number=1, hour=0, minute=0):
    return datetime(year, month, number, hour, minute, tzinfo=UTC)


class MeaningTest(unittest.TestCase):
    def assert_where(self, text, expected):
        self.assertEqual(parsed(text).where, expected, text)

    def test_words_alone_only_rank(self):
        query = parsed("how to calm and feed a puppy?")
        self.assertIsNone(query.where)
        self.assertEqual(query.ranked, "how to calm and feed a puppy?")

    def test_words_joined_by_operators_must_be_said(self):
        self.assert_where("bread AND jazz", All((Word("bread"), Word("jazz"))))
        self.assert_where("bread OR jazz", AnyOf((Word("bread"), Word("jazz"))))
        self.assert_where("NOT bread", Not(Word("bread")))
        self.assert_where("-bread", Not(Word("bread")))

    def test_and_binds_more_than_or_and_both_more_than_standing_side_by_side(self):
        query = parsed("fresh bread AND tea OR jazz today")
        self.assertEqual(
            query.clauses,
            (Plain("fresh"), AnyOf((All((Word("bread"), Word("tea"))), Word("jazz"))), Plain("today")),
        )

    def test_parentheses_group_and_what_is_in_them_must_be_said(self):
        self.assert_where("bread AND (tea OR jazz)", All((Word("bread"), AnyOf((Word("tea"), Word("jazz"))))))
        self.assert_where("(fresh bread)", All((Word("fresh"), Word("bread"))))
        self.assert_where("(bread)", Word("bread"))
        self.assert_where("-(tea OR jazz)", Not(AnyOf((Word("tea"), Word("jazz")))))

    def test_a_phrase_must_be_said_and_may_stand_in_typographic_quotes(self):
        self.assert_where('"fresh  bread"', Phrase("fresh bread"))
        self.assert_where("“fresh bread”", Phrase("fresh bread"))
        self.assertEqual(parsed('butter "fresh bread"').ranked, "butter fresh bread")

    def test_what_must_not_be_said_does_not_rank(self):
        self.assertEqual(parsed('bread -tea NOT "cold coffee" tag:jazz').ranked, "bread")

    def test_fields_take_bare_and_quoted_values_in_any_case_of_the_name(self):
        self.assert_where("speaker:Ann", FieldIs(FieldName.SPEAKER, "Ann"))
        self.assert_where('Tag:"fresh bread"', FieldIs(FieldName.TAG, "fresh bread"))
        self.assert_where("-lang:en-GB", Not(FieldIs(FieldName.LANGUAGE, "en-GB")))
        self.assert_where(
            "source:a OR source:b", AnyOf((FieldIs(FieldName.SOURCE, "a"), FieldIs(FieldName.SOURCE, "b")))
        )

    def test_signs_inside_words_are_part_of_them(self):
        for text in ("co-op", "C++", '5"', "http://a.b/c", "12:30", "note:this", "-- -", "rock'n'roll"):
            self.assertEqual((parsed(text).where, parsed(text).ranked), (None, text))

    def test_a_query_knows_whether_it_asks_only_of_fields(self):
        for text, expected in {"tag:a OR -on:2025": True, "tag:a -b": False, '"a b" on:2025': False}.items():
            self.assertIs(only_fields(parsed(text).where), expected, text)


class DateTest(unittest.TestCase):
    def assert_time(self, text, start, end):
        self.assertEqual(parsed(text).where, Started(start, end), text)

    def test_after_takes_the_day_in_and_before_leaves_it_out(self):
        self.assert_time("after:2025-01-01", day(2025), None)
        self.assert_time("before:2025-01-01", None, day(2025))

    def test_a_day_a_month_a_year_and_a_minute_are_whole(self):
        self.assert_time("on:2024-02-29", day(2024, 2, 29), day(2024, 3))
        self.assert_time("on:2024-12", day(2024, 12), day(2025))
        self.assert_time("on:2024", day(2024), day(2025))
        self.assert_time("on:2024-12-31T23:59", day(2024, 12, 31, 23, 59), day(2025))

    def test_a_range_holds_both_of_its_days_with_or_without_a_name(self):
        for text in ("2025-01-01..2025-02-01", "on:2025-01-01..2025-02-01"):
            self.assert_time(text, day(2025), day(2025, 2, 2))
        self.assert_time("on:2025-01..2025-01", day(2025), day(2025, 2))
        self.assert_time("on:2025-01-01..", day(2025), None)
        self.assert_time("on:..2025-01-01", None, day(2025, 1, 2))

    def test_the_calendar_ends(self):
        self.assert_time("on:9999-12-31", day(9999, 12, 31), None)
        self.assert_time("on:9999", day(9999), None)
        self.assert_time("before:0001-01-01", None, day(1))


class FaultTest(unittest.TestCase):
    def test_a_wrong_query_is_one_sentence_with_the_column_and_the_remedy(self):
        cases = {
            "": "the query is empty; give a few words",
            "bread AND": "column 10 of the query: AND is followed by nothing; put a word after it, or leave it out",
            "OR bread": "column 1 of the query: OR joins two words and one is missing before it; add it, or write 'or'",
            "a AND OR b": "column 7 of the query: OR joins two words and one is missing before it; add it, or write 'or'",
            "bread (tea": "column 7 of the query: this '(' is never closed; add ')', or write it in quotes",
            "bread )": "column 7 of the query: ')' closes nothing; leave it out, or write it in quotes",
            "()": "column 2 of the query: the parentheses hold nothing; put a word between them",
            'tea "fresh': "column 5 of the query: the quote is never closed; add one after the last word, or leave "
            "this one out",
            '""': "column 1 of the query: the quotes hold nothing; put a word between them",
            "tea speaker:": "column 5 of the query: 'speaker:' needs its value right after the colon, in quotes if "
            "it has spaces",
            "tea tags:x": "column 5 of the query: there is no field 'tags:'; write 'tag:', or put the text in quotes",
            "on:2025-02-30": "column 4 of the query: '2025-02-30' is not in the calendar; write it as 2025-03-01, "
            "2025-03, 2025 or 2025-03-01T12:30 (UTC)",
            "after:today": "column 7 of the query: 'today' is no date; write it as 2025-03-01, 2025-03, 2025 or "
            "2025-03-01T12:30 (UTC)",
            "2025..2024": "column 1 of the query: the range '2025..2024' ends before it begins; put the earlier "
            "date first",
        }
        for text, sentence in cases.items():
            with self.assertRaises(QueryError) as raised:
                parsed(text)
            self.assertEqual(str(raised.exception), sentence, text)

    def test_what_is_nested_too_deep_is_refused_and_not_a_crash(self):
        parsed("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
        for text in ("(" * 400 + "a" + ")" * 400, "NOT " * 200 + "a", "-(" * 300):
            with self.assertRaisesRegex(QueryError, "inside each other|never closed"):
                parsed(text)

    def test_too_long_a_query_is_refused(self):
        with self.assertRaisesRegex(QueryError, "1,001 characters"):
            parsed("x" * 1_001)


class PropertyTest(unittest.TestCase):
    @given(QUERIES | st.text(max_size=60))
    def test_any_text_can_be_asked_for_as_words(self, text):
        words = as_words(text)
        if words:
            self.assertIsNone(parsed(words).where, words)

    def assert_reads_or_says_why(self, text):
        try:
            query = parsed(text)
        except QueryError as exc:
            self.assertEqual(str(exc).count("\n"), 0)
            return
        self.assertEqual(parsed(str(query)), query, text)

    @settings(max_examples=400)
    @given(QUERIES)
    def test_a_query_that_is_written_out_is_read_as_the_same_tree(self, text):
        self.assert_reads_or_says_why(text)

    @settings(max_examples=300)
    @given(st.text(max_size=60) | st.text(alphabet=' ()"“”-:.ANDORTnot2025', max_size=60))
    def test_no_text_crashes_it(self, text):
        self.assert_reads_or_says_why(text)
