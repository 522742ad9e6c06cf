"""Conditions on one record, each at its edges."""

import unittest
from datetime import UTC, datetime, timedelta, timezone

from conversation_genome.vector_store.conditions import (
    All,
    AnyOf,
    FieldIs,
    FieldName,
    Not,
    Phrase,
    Started,
    Word,
    holds,
)
from tests_ap.unit.vector_store.contract_records import record

MAY = datetime(2024, 5, 1, tzinfo=UTC)


def text(lines):
    return record(text=lines)


class TextTest(unittest.TestCase):
    def test_a_word_holds_in_any_form_and_case_but_not_inside_another(self):
        for there in ("Bakes", "he was BAKING", "baked."):
            self.assertTrue(holds(Word("bake"), text(there)), there)
        self.assertFalse(holds(Word("bake"), text("bakery")))

    def test_a_phrase_holds_in_exactly_its_forms_one_after_the_other_in_one_line(self):
        self.assertTrue(holds(Phrase("Bread and, BUTTER"), text("Ann: fresh bread and butter!")))
        for not_there in ("bread and butters", "bread or butter", "bread\nand butter", "gingerbread and butter"):
            self.assertFalse(holds(Phrase("bread and butter"), text(not_there)), not_there)

    def test_a_stop_word_must_be_there_as_it_is(self):
        self.assertTrue(holds(Word("the"), text("over the hill")))
        self.assertFalse(holds(Word("the"), text("then")))

    def test_signs_are_looked_for_as_they_are(self):
        self.assertTrue(holds(Word("🎉"), text("done 🎉!")))
        self.assertFalse(holds(Phrase("🎉🎉"), text("done 🎉!")))

    def test_a_part_of_an_unspaced_text_is_found(self):
        self.assertTrue(holds(Word("寿司屋"), text("昨日は寿司屋で")))
        self.assertTrue(holds(Phrase("寿司"), text("昨日は寿司屋で")))
        self.assertFalse(holds(Word("寿司屋"), text("司屋は寿司")))


class FieldTest(unittest.TestCase):
    def assert_speaker(self, value, expected, *names):
        self.assertIs(holds(FieldIs(FieldName.SPEAKER, value), record(speakers=names)), expected, (value, names))

    def test_a_speaker_is_found_by_whole_words_of_the_name(self):
        self.assert_speaker("ann", True, "Bob", "Ann Smith")
        self.assert_speaker("Ann  SMITH", True, "Ann Smith")
        self.assert_speaker("ann", False, "Annette", "Johann")
        self.assert_speaker("smith bob", False, "Ann Smith", "Bob")
        self.assert_speaker("SPEAKER_1", True, "SPEAKER_1")
        self.assert_speaker("SPEAKER_1", False, "SPEAKER_11")
        self.assert_speaker("ann", False)

    def test_a_name_of_signs_is_found_by_them(self):
        self.assert_speaker("***", True, "***")
        self.assert_speaker("***", False, "Ann")

    def test_a_language_holds_its_regions_but_no_other_language(self):
        for language, expected in {"en": True, "en-GB": True, "EN": True, "eng": False, None: False}.items():
            self.assertIs(holds(FieldIs(FieldName.LANGUAGE, "en"), record(language=language)), expected, language)

    def test_a_tag_and_a_source_are_equal_in_any_case(self):
        each = record(tags=("Fresh Bread",), source="podcast")
        self.assertTrue(holds(FieldIs(FieldName.TAG, "fresh bread"), each))
        self.assertFalse(holds(FieldIs(FieldName.TAG, "bread"), each))
        self.assertTrue(holds(FieldIs(FieldName.SOURCE, "Podcast"), each))


class StartedTest(unittest.TestCase):
    def test_the_start_is_in_and_the_end_is_out(self):
        day = Started(MAY, MAY + timedelta(days=1))
        for moment, expected in {
            MAY - timedelta(microseconds=1): False,
            MAY: True,
            MAY + timedelta(hours=24) - timedelta(microseconds=1): True,
            MAY + timedelta(days=1): False,
        }.items():
            self.assertIs(holds(day, record(started_at=moment)), expected, moment)

    def test_moments_are_compared_in_utc_and_one_without_a_zone_is_utc(self):
        tokyo = timezone(timedelta(hours=9))
        self.assertTrue(holds(Started(MAY, None), record(started_at=datetime(2024, 5, 1, 9, tzinfo=tokyo))))
        self.assertFalse(holds(Started(MAY, None), record(started_at=datetime(2024, 5, 1, 8, 59, tzinfo=tokyo))))
        self.assertTrue(holds(Started(MAY, None), record(started_at=datetime(2024, 5, 1))))  # noqa: DTZ001

    def test_nothing_is_known_of_what_has_no_date(self):
        self.assertFalse(holds(Started(None, None), record()))
        self.assertTrue(holds(Not(Started(MAY, None)), record()))


class TreeTest(unittest.TestCase):
    def test_all_of_nothing_is_true_and_any_of_nothing_is_not(self):
        self.assertTrue(holds(All(()), record()))
        self.assertFalse(holds(AnyOf(()), record()))
