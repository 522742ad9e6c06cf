"""What the local ledger adds to the contract: epochs, replaced hotkeys, the file itself."""

import sqlite3
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.errors import ChainError
from tests_ap.unit.chain.contract import MINER, NETUID, OTHER, VALIDATOR, Clock

TEMPO = 10
SECOND = Hotkey("second validator")


class LedgerTestCase(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path, self.clock = Path(folder.name) / "deep" / "ledger.sqlite", Clock()
        self.ledger = self.create()
        for hotkey, stake in ((VALIDATOR, 60.0), (SECOND, 40.0), (MINER, 0.0), (OTHER, 0.0)):
            self.ledger.register(NETUID, hotkey, stake)

    def create(self, **rules: float) -> LocalLedger:
        ledger = LocalLedger.create(self.path, netuid=NETUID, **{"tempo": TEMPO} | rules, clock=self.clock)
        self.addCleanup(ledger.close)
        return ledger

    def set_weights(self, hotkey: Hotkey, weights: dict[Hotkey, float]) -> None:
        ledger = LocalLedger(self.path, hotkey, clock=self.clock)
        self.addCleanup(ledger.close)
        ledger.set_weights(NETUID, weights, version=0)

    def incentives(self) -> dict[Hotkey, float]:
        return {n.hotkey: n.incentive for n in self.ledger.metagraph(NETUID).neurons if n.incentive}

    def advance(self, blocks: int) -> None:
        self.clock.now += blocks


class TestEpochs(LedgerTestCase):
    def test_weights_pay_at_the_end_of_the_epoch_and_not_before(self) -> None:
        self.set_weights(VALIDATOR, {MINER: 3.0, OTHER: 1.0})
        self.advance(TEMPO - 1)
        self.assertEqual(self.incentives(), {})
        self.advance(1)
        self.assertEqual(self.incentives(), {MINER: 0.75, OTHER: 0.25})

    def test_weights_that_come_after_an_epoch_do_not_change_what_it_paid(self) -> None:
        self.set_weights(VALIDATOR, {MINER: 1.0})
        self.advance(TEMPO)
        self.set_weights(VALIDATOR, {OTHER: 1.0})
        self.assertEqual(self.incentives(), {MINER: 1.0})
        self.advance(TEMPO)
        self.assertEqual(self.incentives(), {OTHER: 1.0})

    def test_what_half_of_the_stake_does_not_support_pays_nothing(self) -> None:
        self.set_weights(VALIDATOR, {MINER: 1.0})
        self.set_weights(SECOND, {OTHER: 1.0})
        self.advance(TEMPO)
        self.assertEqual(self.incentives(), {MINER: 1.0})

    def test_validators_that_agree_share_the_dividends_by_stake(self) -> None:
        for validator in (VALIDATOR, SECOND):
            self.set_weights(validator, {MINER: 1.0, OTHER: 1.0})
        self.advance(TEMPO)
        neurons = self.ledger.metagraph(NETUID).by_hotkey
        self.assertAlmostEqual(neurons[VALIDATOR].dividends, 0.6)
        self.assertAlmostEqual(neurons[SECOND].dividends, 0.4)

    def test_weight_that_a_validator_gives_itself_does_not_count(self) -> None:
        self.set_weights(VALIDATOR, {VALIDATOR: 9.0, MINER: 1.0})
        self.advance(TEMPO)
        self.assertEqual(self.incentives(), {MINER: 1.0})

    def test_a_validator_that_lost_its_permit_no_longer_votes(self) -> None:
        self.set_weights(VALIDATOR, {MINER: 1.0})
        self.ledger.register(NETUID, VALIDATOR, 0.0)
        self.advance(TEMPO)
        self.assertEqual(self.incentives(), {})

    def test_many_missed_epochs_are_settled_at_once(self) -> None:
        self.set_weights(VALIDATOR, {MINER: 1.0})
        self.advance(1_000_000 * TEMPO + 3)
        metagraph = self.ledger.metagraph(NETUID)
        self.assertEqual((metagraph.epoch, metagraph.epoch_ends - metagraph.block), (1_000_000, TEMPO - 3))
        self.assertEqual(self.settlements(), [(1_000_000, 1_000_000)])

    def test_a_clock_that_is_set_back_settles_nothing_twice(self) -> None:
        self.advance(2 * TEMPO)
        self.ledger.metagraph(NETUID)
        self.advance(-2 * TEMPO)
        self.assertEqual(self.ledger.metagraph(NETUID).epoch, 2)
        self.advance(2 * TEMPO)
        self.assertEqual(self.ledger.metagraph(NETUID).epoch, 2)

    def test_the_weights_that_stand_can_be_read(self) -> None:
        self.set_weights(VALIDATOR, {MINER: 3.0, OTHER: 1.0, SECOND: 0.0})
        self.assertEqual(self.ledger.weights(NETUID), {VALIDATOR: {MINER: 0.75, OTHER: 0.25}})

    def settlements(self) -> list[tuple[int, int]]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute("SELECT epoch, epochs FROM settlements ORDER BY epoch").fetchall()

    def test_whoever_reads_while_another_one_writes_sees_the_epochs_that_have_passed_and_does_not_wait(self) -> None:
        self.set_weights(VALIDATOR, {MINER: 3.0, OTHER: 1.0})
        self.advance(2 * TEMPO)
        ledger = LocalLedger(self.path, VALIDATOR, clock=self.clock)
        self.addCleanup(ledger.close)
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with ThreadPoolExecutor() as threads:
                writing = threads.submit(ledger.set_weights, NETUID, {MINER: 1.0}, version=0)
                started = time.monotonic()
                seen = [ledger.metagraph(NETUID) for _ in range(20)]
                self.assertLess(time.monotonic() - started, 15.0)  # a writer waits for thirty
                self.assertFalse(writing.done())
                self.assertEqual(self.settlements(), [])
                other.execute("ROLLBACK")
        self.assertEqual({one.epoch for one in seen}, {2})
        self.assertEqual(self.settlements(), [(2, 2)])
        stored = self.ledger.metagraph(NETUID)
        self.assertEqual(seen[0].epoch_ends, stored.epoch_ends)
        self.assertEqual([one.incentive for one in seen[0].neurons], [one.incentive for one in stored.neurons])
        self.assertGreater(seen[0].by_hotkey[MINER].incentive, 0.5)


class TestReplacedHotkeys(LedgerTestCase):
    def test_a_full_subnet_replaces_who_earned_least_and_the_new_one_starts_anew(self) -> None:
        self.create(max_neurons=4)
        self.set_weights(VALIDATOR, {MINER: 1.0, OTHER: 3.0})
        self.advance(TEMPO)
        self.assertEqual(self.ledger.register(NETUID, Hotkey("new"), 0.0), 2)
        metagraph = self.ledger.metagraph(NETUID)
        self.assertNotIn(MINER, metagraph.by_hotkey)
        new = metagraph.by_hotkey[Hotkey("new")]
        self.assertEqual((new.incentive, new.last_update, new.endpoint), (0.0, 0, None))

    def test_weights_on_a_replaced_hotkey_do_not_pass_to_the_new_one(self) -> None:
        self.create(max_neurons=4)
        self.set_weights(VALIDATOR, {MINER: 1.0, OTHER: 3.0})
        self.ledger.register(NETUID, Hotkey("new"), 0.0)
        self.assertEqual(self.ledger.weights(NETUID), {VALIDATOR: {OTHER: 0.75}})
        self.advance(TEMPO)
        self.assertEqual(self.incentives(), {OTHER: 1.0})

    def test_validators_are_not_replaced(self) -> None:
        self.create(max_neurons=4)
        for hotkey in (MINER, OTHER):
            self.ledger.register(NETUID, hotkey, 1.0)
        with self.assertRaisesRegex(ChainError, "full: all of its 4 neurons"):
            self.ledger.register(NETUID, Hotkey("new"), 5.0)


class TestTheFile(LedgerTestCase):
    def test_creating_again_keeps_everything(self) -> None:
        self.set_weights(VALIDATOR, {MINER: 1.0})
        self.advance(TEMPO + 3)
        before = self.ledger.metagraph(NETUID)
        self.assertEqual(self.create().metagraph(NETUID), before)

    def test_another_pace_goes_on_from_the_same_block(self) -> None:
        self.advance(25)
        self.create(block_seconds=5.0)
        self.assertEqual(self.ledger.block(), 26)
        self.advance(5)
        self.assertEqual(self.ledger.block(), 27)

    def test_another_tempo_settles_what_was_due_by_the_old_one(self) -> None:
        self.advance(3 * TEMPO)
        metagraph = self.create(tempo=30).metagraph(NETUID)
        self.assertEqual((metagraph.epoch, metagraph.epoch_ends - metagraph.block), (3, 30))

    def test_two_subnets_live_in_one_file(self) -> None:
        other = LocalLedger.create(self.path, netuid=34, tempo=5, clock=self.clock)
        self.addCleanup(other.close)
        other.register(34, MINER, 0.0)
        self.assertEqual([len(other.metagraph(netuid).neurons) for netuid in (NETUID, 34)], [4, 1])

    def test_a_ledger_that_is_not_there_is_named_with_the_remedy(self) -> None:
        with self.assertRaisesRegex(ChainError, r"no ledger at .*absent.sqlite.*cgp local up.*CGP_LEDGER_PATH"):
            LocalLedger(self.path.with_name("absent.sqlite"))

    def test_a_ledger_that_is_deleted_under_its_user_is_missed_and_nothing_is_written_to_what_is_gone(self) -> None:
        validators = LocalLedger(self.path, VALIDATOR, clock=self.clock)
        self.addCleanup(validators.close)
        self.path.unlink()
        for use in (validators.block, lambda: validators.set_weights(NETUID, {MINER: 1.0}, version=0)):
            with self.assertRaisesRegex(ChainError, r"there is no ledger at .*: `cgp local up` makes one"):
                use()
        self.assertFalse(self.path.exists())

    def test_a_ledger_that_takes_the_place_of_a_deleted_one_is_gone_on_with(self) -> None:
        for suffixes in (("",), ("", "-wal", "-shm")):
            with self.subTest(suffixes):
                for suffix in suffixes:
                    self.path.with_name(self.path.name + suffix).unlink()
                with self.assertRaises(ChainError):
                    self.ledger.block()
                with closing(LocalLedger.create(self.path, netuid=NETUID, tempo=TEMPO + 1, clock=self.clock)) as other:
                    other.register(NETUID, OTHER)
                    self.assertEqual(self.ledger.hyperparameters(NETUID).tempo, TEMPO + 1)
                    self.assertEqual([one.hotkey for one in self.ledger.metagraph(NETUID).neurons], [OTHER])
                    self.ledger.register(NETUID, MINER)
                    self.assertEqual(len(other.metagraph(NETUID).neurons), 2)

    def test_a_file_that_is_no_ledger_is_refused(self) -> None:
        self.path.with_name("other").write_text("not a database, but long enough to be read as one" * 40)
        with self.assertRaisesRegex(ChainError, "cannot be used: file is not a database"):
            LocalLedger(self.path.with_name("other"))

    def test_stake_must_be_a_number(self) -> None:
        for stake in (-1.0, float("nan"), float("inf")):
            with self.subTest(stake), self.assertRaises(ChainError):
                self.ledger.register(NETUID, MINER, stake)
