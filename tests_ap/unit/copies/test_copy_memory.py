"""What windows told adds up, wears off, and survives a restart."""

import unittest

from conversation_genome.scoring.copies import THRESHOLD, CopyMemory, Statement, compare
from tests_ap.unit.copies.statements import LINES, THINGS, copier, reader

SOURCE = reader(0, 1)
COPIED = compare(LINES, {"author": SOURCE, "copy": copier(SOURCE, 2, 3)})
HONEST = compare(LINES, {"author": SOURCE, "copy": reader(2, 3)})
UNVARIED = compare(LINES, {"author": reader(), "copy": reader()})
PAIR = ("copy", "author")


class TestMemory(unittest.TestCase):
    def test_a_copier_is_remembered_through_windows_that_tell_nothing(self) -> None:
        memory = CopyMemory().after([COPIED, UNVARIED, UNVARIED])
        self.assertGreater(memory.known()[PAIR], THRESHOLD)

    def test_the_author_is_not_suspected(self) -> None:
        self.assertNotIn(("author", "copy"), CopyMemory().after([COPIED] * 5).known())

    def test_a_suspicion_wears_off_with_honest_answers(self) -> None:
        memory = CopyMemory().after([COPIED] * 50).after([HONEST] * 20)
        self.assertEqual(memory.pairs, {})

    def test_a_long_honest_past_is_no_licence(self) -> None:
        memory = CopyMemory().after([HONEST] * 100).after([COPIED])
        self.assertGreater(memory.known()[PAIR], THRESHOLD)

    def test_whoever_leaves_out_what_it_was_not_shown_is_known_in_the_end(self) -> None:
        veiled = Statement(frozenset(LINES) - {2, 3}, THINGS[4:])
        window = compare(LINES, {"author": SOURCE, "copy": veiled, "third": reader(5)})
        self.assertLess(CopyMemory().after([window]).known().get(PAIR, 0.0), THRESHOLD)
        self.assertGreater(CopyMemory().after([window] * 4).known()[PAIR], THRESHOLD)

    def test_two_who_give_the_same_tags_of_different_lines_once_are_not_suspected(self) -> None:
        plain = THINGS[4:]
        same = {name: Statement(frozenset(LINES) - hidden, plain) for name, hidden in (("a", {0, 1}), ("b", {2, 3}))}
        window = compare(LINES, same | {"third": reader(5)})
        self.assertLess(CopyMemory().after([window]).known().get(("a", "b"), 0.0), THRESHOLD)
        self.assertGreater(CopyMemory().after([window] * 2).known()["a", "b"], THRESHOLD)

    def test_and_are_forgotten_when_their_tags_differ_again(self) -> None:
        plain = THINGS[4:]
        same = {name: Statement(frozenset(LINES) - hidden, plain) for name, hidden in (("a", {0, 1}), ("b", {2, 3}))}
        others = {"a": reader(0, 1), "b": reader(2, 3)}
        windows = [compare(LINES, one | {"third": reader(5)}) for one in (same, others, others, others)]
        self.assertLess(CopyMemory().after(windows * 5).known().get(("a", "b"), 0.0), THRESHOLD)

    def test_it_survives_a_restart(self) -> None:
        memory = CopyMemory().after([COPIED])
        self.assertEqual(CopyMemory.model_validate_json(memory.model_dump_json()), memory)

    def test_whoever_leaves_the_subnet_is_forgotten(self) -> None:
        memory = CopyMemory().after([COPIED])
        self.assertEqual(memory.kept(["author"]).pairs, {})
        self.assertEqual(memory.kept(["author", "copy"]), memory)
