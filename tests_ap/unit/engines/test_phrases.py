"""Longer phrases of English talk: what belongs together is one tag, what only stands together is none."""

import unittest

from conversation_genome.engines.extractive.english import english_mentions, tagged
from conversation_genome.engines.extractive.phrases import phrase_mentions


def phrases(text: str) -> set[str]:
    (tokens,) = tagged([text])
    return {mention.text for mention in phrase_mentions(tokens)}


class PhrasesTest(unittest.TestCase):
    def test_a_noun_is_read_with_what_it_is_of(self) -> None:
        self.assertIn("funding for child care", phrases("They spoke about the funding for child care."))

    def test_a_deed_is_read_with_its_object(self) -> None:
        self.assertIn("reduce class sizes", phrases("The plan is to reduce the class sizes."))
        self.assertIn("ride the subway", phrases("I will not ride the subway, I walk."))

    def test_a_deed_without_an_object_is_weak(self) -> None:
        (tokens,) = tagged(["Can I rent it?"])
        self.assertEqual([(found.text, found.is_weak) for found in phrase_mentions(tokens)], [("renting", True)])

    def test_no_phrase_is_a_quotation_of_five_words(self) -> None:
        found = phrases("I am searching for a rental mountain bike.") | phrases(
            "The late rise of open source software."
        )
        self.assertIn("searching for rental mountain bike", found)
        self.assertNotIn("searching for a rental mountain bike", found)

    def test_dates_and_empty_words_are_in_no_phrase(self) -> None:
        self.assertEqual(phrases("See you in the morning of March 9th at that sort of thing."), set())

    def test_who_meets_a_place_by_chance_is_no_phrase(self) -> None:
        self.assertFalse({text for text in phrases("Return the Altima in Boston.") if " in " in text})

    def test_a_title_keeps_the_capitals_of_all_its_words(self) -> None:
        (tokens,) = tagged(["Robert Pattinson is in the movie High Life"])
        found = {mention.text for mention in english_mentions(tokens, has_case=True)}
        self.assertIn("High Life", found)

    def test_verbs_that_say_nothing_make_no_phrase(self) -> None:
        self.assertEqual(phrases("I have a dog and I know a song."), set())


if __name__ == "__main__":
    unittest.main()
