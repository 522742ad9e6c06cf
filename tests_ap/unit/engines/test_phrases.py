"""Longer phrases of English talk: what belongs together is one tag, what only stands together is none."""

import unittest

from conversation_genome.engines.extractive.english import english_mentions
from conversation_genome.engines.extractive.english_forms import singular
from conversation_genome.engines.extractive.english_tagger import tagged
from conversation_genome.engines.extractive.phrases import phrase_mentions


def phrases(text: str) -> set[str]:
    (tokens,) = tagged([text])
    return {mention.text for mention in phrase_mentions(tokens)}


def nouns(text: str) -> set[str]:
    (tokens,) = tagged([text])
    return {mention.text for mention in english_mentions(tokens)}


class PhrasesTest(unittest.TestCase):
    def test_a_noun_is_read_with_what_it_is_of(self) -> None:
        self.assertIn("funding for child care", phrases("They spoke about the funding for child care."))

    def test_a_deed_is_read_with_its_object(self) -> None:
        self.assertIn("reducing class sizes", phrases("The plan is to reduce the class sizes."))
        self.assertIn("riding the subway", phrases("I will not ride the subway, I walk."))

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
        self.assertIn("High Life", {mention.text for mention in english_mentions(tokens)})

    def test_a_word_with_a_hyphen_is_not_cut(self) -> None:
        self.assertIn("left-handed quarterback", nouns("He is a left-handed quarterback."))
        self.assertNotIn("grossing athletes", nouns("The highest-grossing athletes earn more."))

    def test_a_verb_behind_a_plural_is_no_noun(self) -> None:
        self.assertFalse({"halves win games", "win games"} & nouns("Halves win games."))

    def test_a_title_with_a_verb_is_one_name(self) -> None:
        self.assertIn("The Empire Strikes Back", phrases("I saw The Empire Strikes Back last night again."))

    def test_a_preposition_that_the_verb_does_not_ask_for_makes_no_deed(self) -> None:
        self.assertEqual(phrases("I want to watch it with subtitles, check about weather."), set())
        self.assertIn("looking for a job", phrases("I look for a job."))

    def test_a_noun_is_linked_to_a_name_only_where_it_asks_for_the_preposition(self) -> None:
        self.assertIn("problems with GRUB", phrases("There are problems with GRUB."))
        self.assertFalse({text for text in phrases("We found a chair with Anna in Leeds.") if " with " in text})

    def test_what_is_no_verb_is_put_into_no_form_of_one(self) -> None:
        self.assertFalse({text for text in phrases("aptitude reinstall binutils") if "aptituding" in text})

    def test_a_participle_is_left_out_only_where_it_says_nothing(self) -> None:
        self.assertIn("shared ride", nouns("How long is the shared ride?"))
        self.assertIn("comic movies", nouns("I have liked comic movies."))

    def test_a_participle_before_a_deed_and_a_letter_at_the_end_are_in_no_phrase(self) -> None:
        found = nouns("Much air time is spent showing players huddling, it could be plastic w or rubber.")
        self.assertFalse({text for text in found if "spent" in text or text.endswith(" w")})

    def test_a_name_of_two_words_is_not_cut(self) -> None:
        found = nouns("I booked the United Airlines flight.")
        self.assertIn("United Airlines flight", found)
        self.assertNotIn("Airlines flight", found)

    def test_open_source_is_no_deed(self) -> None:
        self.assertIn("open source licenses", nouns("They love open source licenses."))

    def test_a_slip_of_the_shift_key_and_units_of_measure_are_in_no_tag(self) -> None:
        found = nouns("We watch the SImpsons at 70 degrees Fahrenheit.")
        self.assertIn("Simpsons", found)
        self.assertFalse({text for text in found if "Fahrenheit" in text})

    def test_movies_and_a_movie_have_one_key(self) -> None:
        self.assertEqual({singular(word) for word in ("movies", "movie", "sizes")}, {"movie", "size"})

    def test_verbs_that_say_nothing_make_no_phrase(self) -> None:
        self.assertEqual(phrases("I have a dog and I know a song."), set())


if __name__ == "__main__":
    unittest.main()
