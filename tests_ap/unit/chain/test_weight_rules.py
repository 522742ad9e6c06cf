"""Properties of the rules for permits and weights."""

import math
import unittest

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.chain.base import BlockNumber, Hyperparameters, Metagraph, Neuron, Uid
from conversation_genome.chain.rules import accepted_weights, permitted, with_burn
from conversation_genome.errors import ChainError, RateLimitedError
from tests_ap.unit.chain.contract import NETUID, VALIDATOR

RULES = Hyperparameters(tempo=10, block_seconds=1.0, weights_rate_limit=7, weights_version=0)
STAKES = st.dictionaries(st.integers(0, 255).map(Uid), st.floats(0, 1e9), max_size=12)


def _metagraph(*, block: int = 100, last_update: int = 0) -> Metagraph:
    validator = Neuron(
        uid=Uid(0),
        hotkey=VALIDATOR,
        stake=1.0,
        validator_permit=True,
        endpoint=None,
        incentive=0,
        dividends=0,
        last_update=BlockNumber(last_update),
    )
    miners = [validator.model_copy(update={"uid": uid, "hotkey": f"miner {uid}"}) for uid in range(1, 6)]
    return Metagraph(netuid=NETUID, block=block, epoch=0, epoch_ends=block + 1, neurons=(validator, *miners))


class TestWeightRules(unittest.TestCase):
    @given(STAKES, st.integers(0, 12))
    def test_permits_go_to_the_largest_stakes_above_zero(self, stakes: dict[Uid, float], limit: int) -> None:
        chosen = permitted(stakes, limit)
        left = set(stakes) - chosen
        self.assertEqual(len(chosen), min(limit, sum(stake > 0 for stake in stakes.values())))
        self.assertTrue(all(stakes[uid] > 0 for uid in chosen))
        if chosen and left:
            self.assertGreaterEqual(min(stakes[uid] for uid in chosen), max(stakes[uid] for uid in left))

    @given(st.lists(st.floats(0, 1.7e308), min_size=1, max_size=5).filter(any))
    def test_accepted_weights_sum_to_1_and_keep_their_order(self, values: list[float]) -> None:
        weights = {f"miner {uid}": value for uid, value in enumerate(values, start=1)}
        accepted = accepted_weights(_metagraph(), RULES, VALIDATOR, weights, version=0)
        self.assertAlmostEqual(math.fsum(accepted.values()), 1.0)
        ranked = sorted(accepted, key=lambda hotkey: weights[hotkey])
        self.assertEqual([accepted[hotkey] for hotkey in ranked], sorted(accepted.values()))

    @given(st.lists(st.floats(0, 1e6), min_size=1, max_size=5), st.floats(0, 1))
    def test_burning_moves_its_share_to_the_owner_and_no_weight_is_made_or_lost(
        self, values: list[float], rate: float
    ) -> None:
        weights = {f"miner {uid}": value for uid, value in enumerate(values)}
        burning = with_burn(weights, "owner", rate)
        total = math.fsum(values)
        self.assertAlmostEqual(math.fsum(burning.values()), total, places=4)
        self.assertAlmostEqual(burning.get("owner", 0.0), rate * total, places=4)

    def test_an_all_zero_pass_burns_nothing_either(self) -> None:
        burning = with_burn({"miner 1": 0.0}, "miner 2", 0.9)
        with self.assertRaisesRegex(ChainError, "every weight is zero"):
            accepted_weights(_metagraph(), RULES, VALIDATOR, burning, version=0)

    def test_a_validator_that_weights_itself_alone_is_exempt_from_the_rules_for_shares(self) -> None:
        rules = RULES.model_copy(update={"min_weights": 3, "max_weight": 0.5})
        self.assertEqual(
            accepted_weights(_metagraph(), rules, VALIDATOR, {VALIDATOR: 2.0}, version=0), {VALIDATOR: 1.0}
        )

    def test_a_small_subnet_is_not_asked_for_more_weights_than_it_has_hotkeys(self) -> None:
        rules = RULES.model_copy(update={"min_weights": 1_024})
        weights = {neuron.hotkey: 1.0 for neuron in _metagraph().neurons}
        self.assertEqual(len(accepted_weights(_metagraph(), rules, VALIDATOR, weights, version=0)), 6)

    @given(st.integers(1, 50), st.integers(0, 20))
    def test_weights_are_taken_from_the_block_on_that_the_rate_limit_names(self, last_update: int, later: int) -> None:
        metagraph = _metagraph(block=last_update + later, last_update=last_update)
        if later >= RULES.weights_rate_limit:
            accepted_weights(metagraph, RULES, VALIDATOR, {"miner 1": 1.0}, version=0)
        else:
            with self.assertRaisesRegex(RateLimitedError, f"wait {RULES.weights_rate_limit - later} blocks"):
                accepted_weights(metagraph, RULES, VALIDATOR, {"miner 1": 1.0}, version=0)
