"""What one window tells: copies give themselves away, readers do not, and the numbers are sound."""

import random
import unittest

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.errors import ScoringInputError
from conversation_genome.scoring.copies import THRESHOLD, CopyEvidence, Statement, compare, roots
from tests_ap.unit.copies.statements import LINES, THINGS, copier, reader


def nats(evidence: CopyEvidence, one: str, other: str) -> float:
    return float(evidence.nats[evidence.names.index(one), evidence.names.index(other)])


def against_copier(tags: tuple[str, ...] | None = None, facts: tuple[str, ...] = ()) -> float:
    source = reader(0, 1)
    copy = copier(source, 2, 3, tags=tags)
    return nats(compare(LINES, {"source": source, "copy": Statement(copy.shown, copy.tags, facts)}), "copy", "source")


class TestCopies(unittest.TestCase):
    def test_a_verbatim_copy_is_found(self) -> None:
        self.assertGreater(against_copier(), THRESHOLD)

    def test_a_shuffled_copy_is_the_same_copy(self) -> None:
        tags = tuple(random.Random(1).sample(THINGS[2:], 8))
        self.assertEqual(against_copier(tags), against_copier())

    def test_an_inflected_copy_is_the_same_copy(self) -> None:
        self.assertEqual(against_copier(tuple(f"The {thing.upper()}S" for thing in THINGS[2:])), against_copier())

    def test_a_copy_with_tags_added_and_dropped_is_found(self) -> None:
        self.assertGreater(against_copier((*THINGS[3:], "jet engine", "tax law")), THRESHOLD)

    def test_nothing_is_held_against_the_author(self) -> None:
        source = reader(0, 1)
        evidence = compare(LINES, {"source": source, "copy": copier(source, 2, 3)})
        self.assertLess(nats(evidence, "source", "copy"), THRESHOLD)

    def test_facts_of_lines_that_were_not_shown_count_as_tags_do(self) -> None:
        source = Statement(frozenset(LINES) - {0}, THINGS[3:], ("plays the harbour", "owns the trumpet"))
        copy = Statement(frozenset(LINES) - {1, 2}, THINGS[3:], source.facts)
        self.assertGreater(nats(compare(LINES, {"a": source, "b": copy}), "b", "a"), THRESHOLD)

    def test_whoever_leaves_out_what_it_was_not_shown_is_held_to_its_own_record(self) -> None:
        source = reader(0, 1)
        veiled = copier(source, 2, 3, tags=THINGS[4:])
        evidence = compare(LINES, {"source": source, "veiled": veiled, "third": reader(5)})
        row, column = (evidence.names.index(name) for name in ("veiled", "source"))
        self.assertGreater(evidence.blind[row, column], 1.0)


class TestReaders(unittest.TestCase):
    def test_two_readers_of_different_lines_are_no_copies(self) -> None:
        evidence = compare(LINES, {"one": reader(0, 1), "two": reader(2, 3)})
        self.assertLess(evidence.nats.max(), 0.5)

    def test_equal_answers_to_equal_lines_prove_nothing(self) -> None:
        evidence = compare(LINES, {"one": reader(), "two": reader()})
        self.assertEqual((evidence.nats.tolist(), evidence.is_varied), ([[0.0, 0.0], [0.0, 0.0]], False))

    def test_answers_that_are_unlike_are_never_held_against_each_other(self) -> None:
        one = Statement(frozenset(LINES) - {0, 1}, (*THINGS[2:4], "jazz", "opera", "chess", "tax"))
        other = Statement(frozenset(LINES) - {2, 3}, ("harbour", *THINGS[4:]))
        self.assertLessEqual(compare(LINES, {"one": one, "other": other}).nats.max(), 0.0)

    def test_a_miner_of_few_tags_is_not_taken_for_one_who_does_not_look(self) -> None:
        evidence = compare(LINES, {"few": reader(0, tags=3), "many": reader(9), "third": reader(5)})
        row, column = (evidence.names.index(name) for name in ("few", "many"))
        self.assertLess(evidence.blind[row, column], 1.0)

    def test_a_word_that_was_shown_inside_an_address_was_shown(self) -> None:
        lines = LINES | {5: "It is at www.glacier.example/pottery."}
        evidence = compare(lines, {"one": reader(1, 2), "two": Statement(frozenset(LINES) - {0}, THINGS)})
        self.assertEqual(evidence.borrowed[1, 0], 0)

    def test_nobody_can_be_framed_by_an_answer_of_another(self) -> None:
        victim = reader(0, 1)
        framer = Statement(frozenset(LINES), (*victim.tags, "glacier", "trumpet"))
        self.assertLessEqual(nats(compare(LINES, {"v": victim, "f": framer}), "v", "f"), 0.0)


class TestNumbers(unittest.TestCase):
    statements = st.builds(
        Statement,
        shown=st.frozensets(st.sampled_from(sorted(LINES))),
        tags=st.lists(st.sampled_from(THINGS) | st.text(max_size=12), max_size=12).map(tuple),
        facts=st.lists(st.text(max_size=20), max_size=3).map(tuple),
        seconds=st.floats(0, 100),
    )
    answers = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), statements, max_size=6)

    @settings(max_examples=60, deadline=None)
    @given(answers)
    def test_whatever_is_said_the_numbers_are_finite_and_bounded(self, answers: dict[str, Statement]) -> None:
        evidence = compare(LINES, answers)
        self.assertTrue(np.isfinite(evidence.nats).all() and np.isfinite(evidence.blind).all())
        self.assertTrue(((evidence.likeness >= 0) & (evidence.likeness <= 1)).all())
        self.assertTrue((evidence.likeness == evidence.likeness.T).all())
        self.assertEqual(np.diag(evidence.nats).tolist(), [0.0] * len(answers))

    @settings(max_examples=40, deadline=None)
    @given(answers, st.randoms())
    def test_the_order_of_answers_and_tags_changes_no_bit(
        self, answers: dict[str, Statement], rng: random.Random
    ) -> None:
        names = rng.sample(list(answers), len(answers))
        shuffled = {
            name: Statement(one.shown, tuple(rng.sample(one.tags, len(one.tags))), one.facts, one.seconds)
            for name in names
            for one in (answers[name],)
        }
        before, after = compare(LINES, answers), compare(LINES, shuffled)
        self.assertEqual((before.nats.tobytes(), before.blind.tobytes()), (after.nats.tobytes(), after.blind.tobytes()))

    def test_no_answers_and_one_answer_tell_nothing(self) -> None:
        self.assertEqual(compare(LINES, {}).nats.shape, (0, 0))
        self.assertEqual(compare(LINES, {"one": reader(0)}).nats.tolist(), [[0.0]])

    def test_a_line_that_is_not_there_is_refused(self) -> None:
        with self.assertRaisesRegex(ScoringInputError, "line 77 was shown"):
            compare(LINES, {"one": Statement(frozenset({77}), ())})


class TestRoots(unittest.TestCase):
    def test_inflections_have_one_root(self) -> None:
        self.assertEqual(len({roots(word) for word in ("negotiation", "Negotiations", "the negotiating")}), 1)
        self.assertEqual(roots("studies"), roots("study"))

    def test_words_that_name_nothing_have_none(self) -> None:
        self.assertEqual(roots("the other one of them"), frozenset())

    def test_scripts_without_spaces_have_pairs_of_characters(self) -> None:
        self.assertEqual(roots("東京都"), {"東京", "京都"})
