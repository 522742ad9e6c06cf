"""Wording keeps what means something and drops what only looks different."""
# ruff: noqa: RUF001 - other scripts and lookalikes are what is tested

import unittest

from conversation_genome.scoring.wording import bigrams, is_latin, normalise, scripts, spelling, stem, words


class WordingTests(unittest.TestCase):
    def test_signs_accents_and_short_names_survive(self) -> None:
        for text in ("c++", "c#", "ai", "e-mail", "naïve café", "東京", "москва", "node.js", "at&t"):
            self.assertEqual(normalise(text), text)

    def test_letter_case_width_and_spaces_do_not_count(self) -> None:
        self.assertEqual(normalise("  ＡＩ \t Ethics. "), "ai ethics.")
        self.assertEqual(normalise("“Straße”"), "strasse")

    def test_hidden_characters_vanish(self) -> None:
        self.assertEqual(normalise("foot\u200bball\u00ad \ufeffgame"), "football game")

    def test_normalising_twice_changes_nothing(self) -> None:
        for text in ("  “C++”, again! ", "ﬁne—dash", "İstanbul", "e\u0301te\u0301"):
            self.assertEqual(normalise(normalise(text)), normalise(text))

    def test_inflections_share_a_spelling(self) -> None:
        pairs = [
            ("quarterbacks", "quarterback"), ("pre-season games", "preseason game"), ("the boxes", "box"),
            ("hiking", "hike"), ("planned", "planning"), ("cities", "city"), ("player's salary", "players salary"),
        ]  # fmt: skip
        for one, other in pairs:
            self.assertEqual(spelling(one), spelling(other), (one, other))

    def test_different_words_do_not(self) -> None:
        for one, other in [("c++", "c"), ("c#", "c"), ("news", "new"), ("bus", "bu"), ("ai", "a"), ("ring", "r")]:
            self.assertNotEqual(spelling(one), spelling(other), (one, other))

    def test_a_stem_leaves_other_languages_alone(self) -> None:
        for word in ("москвы", "東京", "cafés", "c++"):
            self.assertEqual(stem(word), word)

    def test_words_lose_their_punctuation_only(self) -> None:
        self.assertEqual(words("so, c++/c# (and) f# are 'fun'."), ["so", "c++", "c#", "and", "f#", "are", "fun"])

    def test_scripts_are_told_apart(self) -> None:
        self.assertEqual(scripts("Tokyo 東京タワー 42"), {"LATIN", "CJK"})
        self.assertTrue(is_latin("C++ 17"))
        self.assertFalse(is_latin("футбол game"))

    def test_letter_pairs_stay_within_words(self) -> None:
        self.assertEqual(bigrams("ab c"), {"ab", "c"})


if __name__ == "__main__":
    unittest.main()
