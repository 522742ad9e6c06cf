"""From the windows of a lease to whose answers were taken from whom."""

import unittest

from conversation_genome.scoring.copies import compare
from conversation_genome.tasks.sharing import authors_of
from tests_ap.unit.copies.statements import LINES, copier, reader

SOURCE = reader(0, 1)
COPIED = compare(LINES, {"author": SOURCE, "copy": copier(SOURCE, 2, 3), "reader": reader(4, 5)})
WHOLE = compare(LINES, {"author": reader(), "copy": copier(reader())})


class AuthorsTest(unittest.TestCase):
    def test_a_copy_is_its_authors_answer_and_everybody_elses_is_its_own(self) -> None:
        self.assertEqual(authors_of({"w": COPIED}), {("w", "copy"): "author"})

    def test_what_one_window_gives_away_counts_in_another_of_the_same_talk(self) -> None:
        self.assertEqual(authors_of({"plain": WHOLE}), {})
        self.assertEqual(authors_of({"plain": WHOLE, "w": COPIED})["plain", "copy"], "author")
