"""Who is let in, and that nobody is once the metagraph is old."""

import threading
import unittest

from structlog.testing import capture_logs

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.admission import Admission
from conversation_genome.errors import ChainError, PermissionDeniedError, StaleMetagraphError
from conversation_genome.testing.chain import RecordingChain
from tests_ap.unit.chain.contract import MINER, NETUID, STRANGER, VALIDATOR, Clock

MAX_AGE, RETRY = 60.0, 2.0


class TestAdmission(unittest.TestCase):
    def setUp(self) -> None:
        self.logs = self.enterContext(capture_logs())
        self.chain, self.clock = RecordingChain(NETUID), Clock(0.0)
        self.chain.register(NETUID, VALIDATOR, 100.0)
        self.chain.register(NETUID, MINER, 0.0)
        self.admission = Admission(self.chain, NETUID, max_age_seconds=MAX_AGE, clock=self.clock, retry_seconds=RETRY)

    def admit(self, hotkey: Hotkey, *, needs_permit: bool = True, min_stake: float = 0.0) -> Hotkey:
        return self.admission.admit(hotkey, needs_permit=needs_permit, min_stake=min_stake).hotkey

    def test_a_validator_with_permit_and_stake_is_let_in(self) -> None:
        self.admission.refresh()
        self.assertEqual(self.admit(VALIDATOR, min_stake=100.0), VALIDATOR)

    def test_those_who_lack_something_are_told_what(self) -> None:
        self.admission.refresh()
        with self.assertRaisesRegex(PermissionDeniedError, f"{STRANGER} is not registered on subnet 33"):
            self.admit(STRANGER)
        with self.assertRaisesRegex(PermissionDeniedError, f"{MINER} holds no validator permit"):
            self.admit(MINER)
        with self.assertRaisesRegex(PermissionDeniedError, "stake of 100, less than the 100.5"):
            self.admit(VALIDATOR, min_stake=100.5)

    def test_a_miner_is_let_in_where_no_permit_is_asked_for(self) -> None:
        self.admission.refresh()
        self.assertEqual(self.admit(MINER, needs_permit=False), MINER)

    def test_before_the_chain_was_ever_read_nobody_is_let_in(self) -> None:
        self.chain.failure = ChainError("down")
        with self.assertRaisesRegex(StaleMetagraphError, "never read"):
            self.admit(VALIDATOR)

    def test_an_old_copy_lets_nobody_in(self) -> None:
        self.admission.refresh()
        self.chain.failure = ChainError("down")
        self.clock.now = MAX_AGE
        self.assertEqual(self.admit(VALIDATOR), VALIDATOR)
        self.clock.now = MAX_AGE + 1
        with self.assertRaisesRegex(StaleMetagraphError, "61 s old, older than 60 s"):
            self.admit(VALIDATOR)

    def test_a_chain_that_comes_back_ends_the_staleness(self) -> None:
        self.admission.refresh()
        self.clock.now = MAX_AGE + 1
        self.assertEqual(self.admit(VALIDATOR), VALIDATOR)

    def test_a_hotkey_that_registered_since_is_found(self) -> None:
        self.admission.refresh()
        self.chain.register(NETUID, STRANGER, 5.0)
        self.clock.now += RETRY
        self.assertEqual(self.admit(STRANGER), STRANGER)

    def test_strangers_cannot_make_the_chain_be_read_again_and_again(self) -> None:
        self.admission.refresh()
        self.clock.now += RETRY
        for _ in range(20):
            with self.assertRaises(PermissionDeniedError):
                self.admit(STRANGER)
        self.assertEqual(self.chain.calls.count(("metagraph", NETUID)), 2)

    def test_a_failed_refresh_keeps_the_last_good_copy(self) -> None:
        before = self.admission.refresh()
        self.chain.failure = ChainError("down")
        with self.assertRaisesRegex(ChainError, "down"):
            self.admission.refresh()
        self.assertEqual(self.admission.metagraph(), before)

    def test_a_permit_that_was_lost_ends_with_the_next_refresh(self) -> None:
        self.admission.refresh()
        self.chain.register(NETUID, VALIDATOR, 0.0)
        self.admission.refresh()
        with self.assertRaisesRegex(PermissionDeniedError, "no validator permit"):
            self.admit(VALIDATOR)

    def test_the_copy_is_refreshed_beside_the_calls_also_after_a_failure(self) -> None:
        read_again = threading.Event()

        def metagraph(netuid: int) -> object:
            self.chain.calls.append(("metagraph", netuid))
            if len(self.chain.calls) == 1:
                raise ChainError("down")
            read_again.set()
            return self.chain._metagraph(netuid)

        self.chain.metagraph = metagraph
        self.addCleanup(self.admission.stop)
        self.admission.start(0.01)
        self.assertTrue(read_again.wait(5))
        self.assertEqual([line["reason"] for line in self.logs], ["down"])
