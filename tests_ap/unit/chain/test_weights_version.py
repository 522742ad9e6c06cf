"""The version of a validator's weights is that of its program, so that an owner can shut old ones out."""

import tempfile
import unittest
from pathlib import Path

from structlog.testing import capture_logs

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Netuid
from conversation_genome.chain.rules import WEIGHTS_VERSION, weights_version_of
from conversation_genome.testing.chain import DEFAULT_RULES, RecordingChain
from validators.weight_setter import WeightSetter

NETUID = Netuid(1)
VALIDATOR, MINER = Hotkey("validator"), Hotkey("miner")


class WeightsVersion(unittest.TestCase):
    def set_weights(self, **rules: object) -> tuple[RecordingChain, list[dict[str, object]]]:
        """Return the chain after a validator that has something to set met these rules, and what it logged."""
        chain = RecordingChain(NETUID, VALIDATOR, rules=DEFAULT_RULES.model_copy(update=rules))
        chain.register(NETUID, VALIDATOR, stake=100.0)
        chain.register(NETUID, MINER)
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        setter = WeightSetter(chain, NETUID, alpha=0.1, state_path=folder / "state.json", held_windows=0)
        setter.reward({MINER: 1.0})
        chain.advance(DEFAULT_RULES.tempo - 2)
        with capture_logs() as logs:
            setter.set_when_due()
        return chain, logs

    def test_a_later_release_has_a_larger_number(self) -> None:
        releases = ["0.1.0", "0.1.1", "0.2.0", "0.10.0", "1.0.0", "1.0.10", "2.3.4"]
        numbers = [weights_version_of(release) for release in releases]
        self.assertEqual((numbers, numbers[-1]), (sorted(set(numbers)), 12_003_004))

    def test_every_release_is_above_those_of_the_original_so_that_an_owner_can_shut_these_out_and_let_ours_in(
        self,
    ) -> None:
        the_originals_last = 1000 * 99 + 10 * 999 + 999  # its formula, with room for years of its releases
        self.assertGreater(weights_version_of("0.0.0"), the_originals_last)
        chain, _ = self.set_weights(weights_version=2365)
        self.assertEqual(chain.weights, {VALIDATOR: {MINER: 1.0}})

    def test_weights_are_sent_as_this_programs_version(self) -> None:
        chain, _ = self.set_weights(weights_version=WEIGHTS_VERSION)
        self.assertEqual(chain.calls[-1], ("set_weights", NETUID, {MINER: 1.0}, WEIGHTS_VERSION))
        self.assertEqual(chain.weights, {VALIDATOR: {MINER: 1.0}})

    def test_a_validator_that_the_owner_shut_out_sets_nothing_and_says_so(self) -> None:
        chain, logs = self.set_weights(weights_version=WEIGHTS_VERSION + 1)
        self.assertEqual(chain.weights, {})
        self.assertRegex(str(logs[-1]["reason"]), f"asks for {WEIGHTS_VERSION + 1}: update this validator")

    def test_a_validator_below_the_stake_threshold_sets_nothing_and_says_so(self) -> None:
        chain, logs = self.set_weights(stake_threshold=100.5)
        self.assertEqual(chain.weights, {})
        self.assertRegex(str(logs[-1]["reason"]), "a stake of 100, the chain asks for 100.5")


if __name__ == "__main__":
    unittest.main()
