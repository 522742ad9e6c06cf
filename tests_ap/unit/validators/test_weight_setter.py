"""Weights: once an epoch, near its end, from what miners earned; none when nobody earned anything."""

import tempfile
import unittest
from pathlib import Path

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Netuid
from conversation_genome.errors import ChainError, SettingsError
from conversation_genome.scoring.copies import CopyEvidence, Statement, compare
from conversation_genome.testing.chain import DEFAULT_RULES, RecordingChain
from validators.store import load_state
from validators.weight_setter import WeightSetter

NETUID = Netuid(1)
VALIDATOR, GOOD, POOR = Hotkey("validator"), Hotkey("good"), Hotkey("poor")


class WeightSetterTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "state.json"
        self.chain = RecordingChain(NETUID, VALIDATOR)
        self.chain.register(NETUID, VALIDATOR, stake=100.0)
        self.chain.register(NETUID, GOOD)
        self.chain.register(NETUID, POOR)
        self.setter = self.new_setter()

    def new_setter(self, held_windows: int = 0) -> WeightSetter:
        return WeightSetter(self.chain, NETUID, alpha=0.1, state_path=self.path, held_windows=held_windows)

    def go_to_the_tail(self) -> None:
        metagraph = self.chain.metagraph(NETUID)
        self.chain.advance(metagraph.epoch_ends - metagraph.block - 1)

    def test_whoever_earned_more_weighs_more(self) -> None:
        self.setter.reward({GOOD: 0.75, POOR: 0.25})
        self.go_to_the_tail()
        self.assertTrue(self.setter.set_when_due())
        weights = self.chain.weights[VALIDATOR]
        self.assertAlmostEqual(weights[GOOD], 3 * weights[POOR])

    def test_nothing_is_set_in_the_first_half_of_an_epoch(self) -> None:
        self.setter.reward({GOOD: 1.0})
        self.assertFalse(self.setter.set_when_due())
        self.assertEqual(self.chain.weights, {})

    def test_an_epoch_gets_weights_once(self) -> None:
        self.setter.reward({GOOD: 1.0})
        self.go_to_the_tail()
        self.assertTrue(self.setter.set_when_due())
        self.assertFalse(self.setter.set_when_due())

    def test_after_an_epoch_without_weights_they_are_set_at_once_in_the_next_one(self) -> None:
        self.setter.reward({GOOD: 1.0})
        self.go_to_the_tail()
        self.assertTrue(self.setter.set_when_due())
        self.chain.advance(1)
        self.assertFalse(self.setter.set_when_due(), "an epoch that begins is not due")
        self.chain.advance(20)
        self.assertTrue(self.setter.set_when_due())

    def test_validators_do_not_all_send_in_one_block(self) -> None:
        blocks = set()
        for name in range(12):
            chain = RecordingChain(NETUID, VALIDATOR, rules=DEFAULT_RULES.model_copy(update={"tempo": 360}))
            chain.register(NETUID, VALIDATOR, stake=100.0)
            chain.register(NETUID, GOOD)
            path = self.path.with_name(f"{name}.json")
            setter = WeightSetter(
                chain, NETUID, alpha=0.1, state_path=path, held_windows=0, hotkey=Hotkey(f"validator {name}")
            )
            setter.reward({GOOD: 1.0})
            while not setter.set_when_due():
                chain.advance(1)
            blocks.add(chain.block())
        self.assertGreater(len(blocks), 6)
        self.assertTrue(all(180 <= block <= 253 for block in blocks), blocks)

    def test_a_pass_in_which_nobody_earned_anything_sets_no_weights(self) -> None:
        self.setter.reward({GOOD: 0.0, POOR: 0.0})
        self.go_to_the_tail()
        self.assertFalse(self.setter.set_when_due())
        self.assertEqual(self.chain.weights, {})

    def test_a_hotkey_that_left_gets_no_weight_and_is_forgotten(self) -> None:
        self.setter.reward({GOOD: 0.5, Hotkey("gone"): 0.5})
        self.go_to_the_tail()
        self.setter.set_when_due()
        self.assertEqual(set(self.chain.weights[VALIDATOR]), {GOOD})
        self.assertEqual(set(self.setter.state.averages.by_hotkey), {GOOD})

    def test_a_refusal_of_the_chain_is_tried_again_in_the_same_epoch(self) -> None:
        self.setter.reward({GOOD: 1.0})
        self.go_to_the_tail()
        set_weights = self.chain.set_weights
        self.chain.set_weights = _refuse  # type: ignore[method-assign]
        self.assertFalse(self.setter.set_when_due())
        self.chain.set_weights = set_weights  # type: ignore[method-assign]
        self.assertTrue(self.setter.set_when_due())

    def test_a_validator_without_a_permit_is_told_and_goes_on(self) -> None:
        self.setter.reward({GOOD: 1.0})
        self.chain.register(NETUID, VALIDATOR, stake=0.0)
        self.go_to_the_tail()
        self.assertFalse(self.setter.set_when_due())
        self.assertEqual(self.chain.weights, {})

    def test_a_newcomers_pay_is_held_back_and_follows_once_it_is_known(self) -> None:
        setter = self.new_setter(held_windows=3)
        for _ in range(10):
            setter.reward({GOOD: 0.5})
        self.next_tail(setter)
        setter.reward({POOR: 0.5})
        self.next_tail(setter)
        self.assertEqual(set(self.chain.weights[VALIDATOR]), {GOOD})
        for _ in range(2):
            setter.reward({POOR: 0.5})
        self.next_tail(setter)
        weights, averages = self.chain.weights[VALIDATOR], setter.state.averages.settled()
        self.assertGreater(weights[POOR] / weights[GOOD], 1.4 * averages[POOR] / averages[GOOD])

    def test_while_all_are_new_no_weights_are_set_and_the_epoch_counts_once(self) -> None:
        setter = self.new_setter(held_windows=3)
        setter.reward({GOOD: 0.5})
        self.go_to_the_tail()
        self.assertFalse(setter.set_when_due())
        self.assertFalse(setter.set_when_due())
        self.assertEqual(self.chain.weights, {})
        self.assertAlmostEqual(setter.state.accounts.of(GOOD).earned, setter.state.averages.by_hotkey[GOOD].settled)

    def test_those_whose_answers_were_copies_are_asked_together_until_it_is_settled(self) -> None:
        self.assertEqual(self.setter.suspects(), {})
        self.setter.remember_copies([copied_window(POOR, GOOD)])
        self.assertEqual(self.setter.suspects(), {GOOD: (POOR,), POOR: (GOOD,)})
        self.setter.remember_copies([copied_window(POOR, GOOD)] * 30)
        self.assertEqual(self.setter.suspects(), {})

    def test_a_suspicion_is_dropped_when_windows_speak_against_it(self) -> None:
        self.setter.remember_copies([copied_window(POOR, GOOD), *[honest_window(POOR, GOOD)] * 30])
        self.assertEqual(self.setter.suspects(), {})

    def test_a_known_copier_gets_no_weight_and_its_author_all(self) -> None:
        self.setter.reward({GOOD: 0.5, POOR: 0.5})
        self.setter.remember_copies([copied_window(POOR, GOOD)] * 12)
        self.go_to_the_tail()
        self.assertTrue(self.setter.set_when_due())
        self.assertEqual(self.chain.weights[VALIDATOR], {GOOD: 1.0})

    def next_tail(self, setter: WeightSetter) -> None:
        metagraph = self.chain.metagraph(NETUID)
        self.chain.advance(metagraph.epoch_ends - metagraph.block + 19)
        setter.set_when_due()

    def test_averages_survive_a_restart(self) -> None:
        self.setter.reward({GOOD: 0.6})
        self.setter.save()
        self.assertEqual(self.new_setter().state, self.setter.state)

    def test_a_state_that_cannot_be_read_is_named_and_not_overwritten(self) -> None:
        self.path.write_text("{half", "utf-8")
        with self.assertRaisesRegex(SettingsError, "a validator that starts on it repairs it"):
            load_state(self.path)
        self.assertEqual(self.path.read_text("utf-8"), "{half")


LINES = {0: "The orchid thief hid plants.", 1: "Customs smelled moss.", 2: "A fungus feeds the seedling."}


def copied_window(copier: Hotkey, author: Hotkey) -> CopyEvidence:
    """Return a window in which one names what only the other was shown."""
    tags = ("orchid thief", "customs", "fungus")
    return compare(
        LINES, {author: Statement(frozenset((0, 1, 2)), tags), copier: Statement(frozenset((0, 1)), tags, seconds=1.0)}
    )


def honest_window(one: Hotkey, other: Hotkey) -> CopyEvidence:
    """Return a window in which each names what it was shown."""
    return compare(
        LINES,
        {
            one: Statement(frozenset((0, 1)), ("orchid thief", "customs")),
            other: Statement(frozenset((1, 2)), ("customs", "fungus")),
        },
    )


def _refuse(*_: object, **__: object) -> None:
    raise ChainError("the chain is away")
