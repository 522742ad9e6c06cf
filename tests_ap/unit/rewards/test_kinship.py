"""Hotkeys of one engine are paid as one: on evidence, without joining strangers, and with the author kept whole."""

import itertools
import random
import unittest
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import ScoringInputError
from conversation_genome.rewards import Copy, Kin, Kinship, Meeting, asked_together, paid_as_one

A, B, C, D = (Hotkey(name) for name in "abcd")
CROWD = tuple(Hotkey(f"m{number:03d}") for number in range(124))


def met(times: int, copies: Sequence[Copy] = (), *, who: Sequence[Hotkey] = (A, B, C, D)) -> list[Meeting]:
    """Return so many windows of the same outcome."""
    return [Meeting(tuple(who), tuple(copies))] * times


def known(*meetings: Sequence[Meeting]) -> Kinship:
    """Return the record of a subnet of 128 after some windows."""
    return Kinship().updated([Meeting((*CROWD, A, B, C, D)), *itertools.chain(*meetings)])


class KinshipTests(unittest.TestCase):
    def test_one_copy_is_a_suspicion_and_five_are_kin(self) -> None:
        once, often = known(met(1, [Copy(A, B)])), known(met(5, [Copy(A, B)]))
        self.assertEqual(once.kin(), Kin())
        self.assertEqual(once.suspects(), {A: (B,), B: (A,)})
        self.assertEqual(often.kin(), Kin((frozenset({A, B}),)))

    def test_kin_of_kin_are_kin(self) -> None:
        record = known(met(5, [Copy(A, B), Copy(C, B)]))
        self.assertEqual(record.kin().groups, (frozenset({A, B, C}),))

    def test_false_alarms_at_the_rate_of_the_detector_join_no_strangers(self) -> None:
        chance = random.Random(3)
        pairs = list(itertools.combinations(CROWD[:40], 2))
        meetings = [
            Meeting(CROWD[:40], tuple(Copy(*pair) for pair in pairs if chance.random() < 0.01)) for _ in range(300)
        ]
        for count in (10, 50, 300):
            self.assertEqual(Kinship().updated(meetings[:count]).kin(), Kin())

    def test_kin_that_are_found_in_one_window_of_ten_are_joined_in_time(self) -> None:
        rarely = [*met(1, [Copy(A, B)]), *met(9)]
        self.assertEqual(known(*[rarely] * 3).kin().groups, ())
        self.assertEqual(known(*[rarely] * 40).kin().groups, (frozenset({A, B}),))

    def test_a_copier_whose_author_is_known_is_in_no_group(self) -> None:
        record = known(met(5, [Copy(A, B, author=A), Copy(B, C, author=C)]))
        self.assertEqual(record.kin(), Kin((), frozenset({B})))

    def test_an_author_that_changes_leaves_equals(self) -> None:
        record = known(met(5, [Copy(A, B, author=A)]), met(5, [Copy(A, B, author=B)]))
        self.assertEqual(record.kin(), Kin((frozenset({A, B}),)))

    def test_a_copy_between_hotkeys_that_did_not_both_answer_is_refused(self) -> None:
        for copy in (Copy(A, CROWD[0]), Copy(A, A)):
            with self.assertRaises(ScoringInputError):
                Kinship().updated(met(1, [copy]))

    def test_a_hotkey_that_left_is_forgotten(self) -> None:
        record = known(met(5, [Copy(A, B), Copy(C, D)])).kept([*CROWD, A, C, D])
        self.assertEqual(record.kin().groups, (frozenset({C, D}),))
        self.assertNotIn(B, record.hotkeys)

    def test_a_restart_forgets_nothing(self) -> None:
        record = known(met(3, [Copy(A, B, author=B)]))
        self.assertEqual(Kinship.model_validate_json(record.model_dump_json()), record)

    def test_suspects_take_the_last_places_of_a_draw_and_at_most_half(self) -> None:
        suspects = {A: (B, C, D), CROWD[1]: (D,)}
        self.assertEqual(asked_together([A, *CROWD[:3]], suspects), [A, CROWD[0], B, C])
        self.assertEqual(asked_together([A, B, C, D], suspects), [A, B, C, D])
        self.assertEqual(asked_together(CROWD[:4], suspects), list(CROWD[:4]))
        self.assertEqual(asked_together([], suspects), [])


class SizeTests(unittest.TestCase):
    def test_the_record_of_256_hotkeys_that_all_met_is_small_and_does_not_grow_with_windows(self) -> None:
        crowd = tuple(Hotkey(f"5F{number:046d}") for number in range(256))
        record = Kinship().updated([Meeting(crowd)] * 2)
        size = len(record.model_dump_json())
        self.assertLess(size, 3_000_000)
        self.assertLess(len(record.updated([Meeting(crowd)] * 7).model_dump_json()), 1.01 * size)

    def test_those_who_leave_take_their_record_along(self) -> None:
        generations = [tuple(Hotkey(f"{name}{number}") for number in range(32)) for name in "abc"]
        record = Kinship()
        for crowd in generations:
            record = record.kept(crowd).updated([Meeting(crowd, (Copy(crowd[0], crowd[1]),))])
        self.assertEqual(record.hotkeys, set(generations[-1]))
        self.assertEqual(set(record.copies), {generations[-1][0]})


class PaidAsOneTests(unittest.TestCase):
    def test_equals_divide_what_one_of_them_would_earn(self) -> None:
        paid = paid_as_one({A: 0.4, B: 0.2, C: 0.5}, Kin((frozenset({A, B}),)))
        self.assertEqual({hotkey: round(pay, 3) for hotkey, pay in paid.items()}, {A: 0.222, B: 0.111, C: 0.5})
        self.assertEqual(paid_as_one({A: 0.4, B: 0.4}, Kin((frozenset({A, B}),))), {A: 0.2, B: 0.2})

    def test_whoever_was_left_the_reward_of_its_copies_keeps_it_before_it_is_told_for_the_author(self) -> None:
        self.assertEqual(paid_as_one({A: 0.4, B: 0.0}, Kin((frozenset({A, B}),))), {A: 0.4, B: 0.0})

    def test_copiers_get_nothing_and_their_author_keeps_all(self) -> None:
        self.assertEqual(paid_as_one({A: 0.4, B: 0.4}, Kin((), frozenset({B}))), {A: 0.4, B: 0.0})

    def test_kin_that_earned_nothing_yet_are_no_error(self) -> None:
        self.assertEqual(paid_as_one({C: 0.5}, Kin((frozenset({A, B}),), frozenset({D}))), {C: 0.5})

    @given(st.dictionaries(st.sampled_from(CROWD), st.floats(0, 1), max_size=20), st.integers(0, 20))
    @settings(deadline=None)
    def test_a_group_never_earns_more_than_its_best_member_and_strangers_keep_theirs(
        self, averages: dict[Hotkey, float], size: int
    ) -> None:
        group = frozenset(sorted(averages)[:size])
        paid = paid_as_one(averages, Kin((group,) if group else ()))
        self.assertEqual(set(paid), set(averages))
        together = sum(paid[hotkey] for hotkey in group)
        self.assertLessEqual(together, max((averages[hotkey] for hotkey in group), default=0.0) + 1e-12)
        self.assertTrue(all(paid[hotkey] == averages[hotkey] for hotkey in averages if hotkey not in group))


if __name__ == "__main__":
    unittest.main()
