"""Accounts: a newcomer is paid later and in full; hotkeys of one engine never earn more than one of them would."""

import unittest

from conversation_genome.annotation import Hotkey
from conversation_genome.rewards import HELD_SAMPLES, Account, Accounts, Average, Kin, MovingAverages

OLD, NEW, THIRD = Hotkey("old"), Hotkey("new"), Hotkey("third")
STRANGERS = Kin()
MANY = 1_000_000


def averages(**samples: int) -> MovingAverages:
    """Return averages of .2 each, over so many windows."""
    return MovingAverages(
        by_hotkey={Hotkey(name): Average(value=0.2, samples=count) for name, count in samples.items()}
    )


def paid(epochs: list[tuple[MovingAverages, Kin]]) -> list[dict[Hotkey, float]]:
    accounts, every = Accounts(), []
    for known, kin in epochs:
        pay, accounts = accounts.settled(known, kin)
        every.append({hotkey: round(one, 3) for hotkey, one in pay.items()})
    return every


class AccountsTest(unittest.TestCase):
    def test_whoever_is_never_held_back_is_paid_its_average(self) -> None:
        every = paid([(averages(old=MANY, third=MANY), STRANGERS)] * 5)
        self.assertEqual(every, [{OLD: 0.2, THIRD: 0.2}] * 5)

    def test_a_newcomers_first_pay_is_held_back_and_paid_until_it_has_caught_up(self) -> None:
        others = {f"m{number}": MANY for number in range(8)}
        fresh = (averages(new=HELD_SAMPLES - 1, **others), STRANGERS)
        settled = (averages(new=MANY, **others), STRANGERS)
        pay = [one[NEW] for one in paid([fresh, fresh, settled, settled, settled, settled])]
        self.assertEqual(pay[:2], [0.0, 0.0])
        self.assertEqual(pay[2], 0.4)
        self.assertAlmostEqual(sum(pay), 1.2, delta=0.1)
        self.assertAlmostEqual(pay[-1], 0.2)

    def test_kin_that_are_found_before_they_are_paid_gain_nothing(self) -> None:
        kin = Kin((frozenset((OLD, NEW)),))
        held, found = averages(old=2, new=2), averages(old=MANY, new=MANY)
        self.assertAlmostEqual(sum(sum(one.values()) for one in paid([(held, STRANGERS), (found, kin)])), 0.2)

    def test_kin_that_are_found_late_get_nothing_until_they_had_what_one_would_have(self) -> None:
        kin = Kin((frozenset((OLD, NEW)),))
        every = paid([(averages(old=MANY, new=MANY), one) for one in (STRANGERS, STRANGERS, kin, kin, kin)])
        self.assertEqual([round(sum(one.values()), 3) for one in every], [0.4, 0.4, 0.0, 0.0, 0.2])

    def test_who_was_wrongly_paid_as_one_with_another_is_made_whole(self) -> None:
        kin = Kin((frozenset((OLD, NEW)),))
        every = paid([(averages(old=MANY, new=MANY), one) for one in (kin, kin, *(STRANGERS,) * 4)])
        self.assertAlmostEqual(sum(one[OLD] for one in every), 6 * 0.2)
        self.assertEqual(every[-1], {OLD: 0.2, NEW: 0.2})

    def test_a_known_copier_gets_nothing_and_its_author_everything(self) -> None:
        every = paid([(averages(old=MANY, new=MANY), Kin(copiers=frozenset((NEW,))))])
        self.assertEqual(every, [{OLD: 0.2, NEW: 0.0}])

    def test_while_nearly_all_are_new_nobody_is_paid_so_that_the_first_does_not_get_everything(self) -> None:
        (pay,) = paid([(averages(old=MANY, new=3, third=3), STRANGERS)])
        self.assertEqual(set(pay.values()), {0.0})

    def test_whoever_leaves_and_comes_back_starts_anew(self) -> None:
        accounts = Accounts(by_hotkey={OLD: Account(3.0, 1.0), NEW: Account(1.0, 1.0)})
        self.assertEqual(accounts.kept([NEW]).of(OLD), Account())

    def test_accounts_survive_being_written(self) -> None:
        accounts = Accounts(by_hotkey={OLD: Account(3.0, 1.0)})
        self.assertEqual(Accounts.model_validate_json(accounts.model_dump_json()), accounts)
