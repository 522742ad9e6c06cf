"""What is done with a lease when its conversation fails, and by which metagraph scoring goes on."""

import unittest

from structlog.testing import capture_logs

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Netuid
from conversation_genome.errors import (
    ChainError,
    ChainUnavailableError,
    ConversationTooShortError,
    LeaseExpiredError,
    LlmQuotaError,
    LlmRefusalError,
    LlmUnreachableError,
    NobodyAnswersError,
    RuntimeChangedError,
    StateUnwritableError,
    StepOverdueError,
    UnavailableError,
)
from conversation_genome.testing.chain import RecordingChain
from validators.loop import LeaseFate, after_failure
from validators.neighbours import MAX_AGE_SECONDS, Neighbours

NETUID = Netuid(1)


class Fates(unittest.TestCase):
    def test_only_what_the_conversation_is_the_cause_of_is_held_against_it(self) -> None:
        fates = {
            LeaseFate.KEEP: (
                UnavailableError,
                StateUnwritableError,
                ChainError,
                ChainUnavailableError,
                RuntimeChangedError,
            ),
            LeaseFate.RELEASE: (NobodyAnswersError, LlmUnreachableError, LlmQuotaError),
            LeaseFate.BLAME: (LlmRefusalError, ConversationTooShortError, StepOverdueError, ZeroDivisionError),
            LeaseFate.LOST: (LeaseExpiredError,),
        }
        for fate, failures in fates.items():
            for failure in failures:
                self.assertIs(after_failure(failure("why")), fate, failure)


class NeighboursTest(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 0.0
        self.chain = RecordingChain(NETUID, Hotkey("me"))
        self.chain.register(NETUID, Hotkey("me"))
        self.neighbours = Neighbours(self.chain, NETUID, clock=lambda: self.now)

    def test_while_the_chain_is_away_scoring_goes_on_by_the_last_metagraph(self) -> None:
        before = self.neighbours.metagraph()
        self.chain.failure = RuntimeChangedError("a storage item is gone")
        with capture_logs() as lines:
            self.assertEqual(self.neighbours.metagraph(), before)
        self.assertEqual(lines[0]["event"], "chain cannot be read; scoring goes on")

    def test_after_six_hours_it_does_not(self) -> None:
        self.neighbours.metagraph()
        self.chain.failure, self.now = ChainUnavailableError("away"), MAX_AGE_SECONDS + 1
        with self.assertRaises(ChainUnavailableError):
            self.neighbours.metagraph()

    def test_without_a_copy_it_waits(self) -> None:
        self.chain.failure = ChainUnavailableError("away")
        with self.assertRaises(ChainUnavailableError):
            self.neighbours.metagraph()


if __name__ == "__main__":
    unittest.main()
