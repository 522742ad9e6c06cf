"""What the adapter does in each fault of the chain; docs/reference/chain.md tells it to the operator."""

import asyncio
import unittest
from collections.abc import Mapping

from bittensor.result import ChainError as SdkError
from structlog.testing import capture_logs

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Endpoint, Netuid
from conversation_genome.chain.bittensor import BittensorChain
from conversation_genome.chain.bittensor.adapter import ERA_BLOCKS
from conversation_genome.chain.bittensor.connection import Connection, refusal
from conversation_genome.chain.waiting import wait_for_epoch
from conversation_genome.errors import (
    ChainError,
    ChainUnavailableError,
    NotRegisteredError,
    PermissionDeniedError,
    RateLimitedError,
    RuntimeChangedError,
    StaleMetagraphError,
    WeightsPendingError,
)
from tests_ap.devnet.metadata import in_step_with_the_sdk, recorded
from tests_ap.devnet.node import DevelopmentNode
from tests_ap.integration.chain.sdk import NETUID, RATE_LIMIT, TEMPO, VERSION, NodeTestCase
from tests_ap.unit.chain.contract import MINER, OTHER, SIGNERS, STRANGER, VALIDATOR

SUBNET = Netuid(NETUID)
ALL_OF_IT = 65_535


class AdapterTestCase(NodeTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.logs = self.enterContext(capture_logs())
        self.prepare(self.node)
        self.chain = self.open(self.node.url)

    def prepare(self, node: DevelopmentNode) -> None:
        node.register(NETUID, VALIDATOR, 100.0)
        node.register(NETUID, MINER)
        node.register(NETUID, OTHER)
        node.advance()

    def open(self, url: str, hotkey: Hotkey = VALIDATOR, **options: object) -> BittensorChain:
        chain = BittensorChain(url, SIGNERS[hotkey], **options)
        self.addCleanup(chain.close)
        return chain

    def set_weights(self, weights: Mapping[Hotkey, float] | None = None, mechanism: int = 0) -> None:
        self.chain.set_weights(SUBNET, weights or {MINER: 1.0}, version=VERSION, mechanism=mechanism)

    def weights(self, mechanism: int = 0) -> list[tuple[int, int]]:
        """Return (uid, u16) pairs that stand for the validator on chain."""
        return list(self.node.blocks.subnets.get("Weights", NETUID + 4096 * mechanism, 0))

    def rule(self, item: str, value: object) -> None:
        self.node.change(lambda subnets: subnets.put(item, NETUID, value))


class TestOutages(AdapterTestCase):
    def test_readings_fail_as_unavailable_and_resume_when_the_node_is_back(self) -> None:
        before = self.chain.metagraph(SUBNET)
        self.node.stop()
        for read in (self.chain.block, lambda: self.chain.metagraph(SUBNET)):
            with self.assertRaises(ChainUnavailableError):
                read()
        self.node.start()
        self.assertEqual(self.chain.metagraph(SUBNET), before)

    def test_a_node_that_was_down_at_first_is_found_later(self) -> None:
        self.node.stop()
        with self.assertRaises(ChainUnavailableError):
            self.chain.block()
        self.node.start()
        self.assertEqual(self.chain.block(), 1)

    def test_the_fallback_endpoint_answers_in_place_of_the_first(self) -> None:
        other = self.start_node()
        self.prepare(other)
        other.advance(5)
        chain = self.open(self.node.url, fallback_endpoints=[other.url])
        self.assertEqual(chain.block(), 1)
        self.node.stop()
        self.assertEqual(chain.block(), 6)

    def test_an_endpoint_that_takes_calls_and_is_silent_is_left_for_the_next_one(self) -> None:
        other = self.start_node()
        connection = Connection(self.node.url, [other.url])
        self.addCleanup(connection.close)
        self.assertEqual(connection.call(lambda client: client.block()), 1)
        self.node.is_silent = True
        with self.assertRaisesRegex(ChainUnavailableError, "no answer within 0.2 s"):
            connection.call(lambda client: client.block(), seconds=0.2)
        self.assertEqual(connection.call(lambda client: client.block()), 0)

    def test_an_epoch_is_waited_for_over_an_outage(self) -> None:
        self.node.stop()
        pauses = []

        def sleep(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 2:
                self.node.start()
            if len(pauses) >= 2:
                self.node.advance()

        self.assertEqual(wait_for_epoch(self.chain, SUBNET, after=0, timeout_seconds=60, sleep=sleep).block, TEMPO)

    def test_a_node_that_does_not_answer_costs_no_more_than_the_deadline(self) -> None:
        connection = Connection(self.node.url)
        self.addCleanup(connection.close)
        with self.assertRaisesRegex(ChainUnavailableError, r"no answer within 0.05 s"):
            connection.call(lambda _: asyncio.sleep(60), seconds=0.05)


class TestLostSubmissions(AdapterTestCase):
    def test_weights_whose_receipt_was_lost_are_found_and_not_sent_again(self) -> None:
        self.node.is_losing_receipts = True
        self.set_weights()
        self.assertEqual((self.weights(), self.node.submissions), ([(1, ALL_OF_IT)], 1))

    def test_weights_that_were_lost_are_sent_again_only_when_they_can_no_longer_come(self) -> None:
        self.node.is_losing_submissions = True
        for _ in range(2):
            with self.assertRaisesRegex(WeightsPendingError, "nothing is sent before"):
                self.set_weights()
        self.assertEqual(self.node.submissions, 1)
        self.node.is_losing_submissions = False
        self.node.advance(ERA_BLOCKS)
        with self.assertRaises(WeightsPendingError):
            self.set_weights()
        self.node.advance()
        self.set_weights()
        self.assertEqual((self.weights(), self.node.submissions), ([(1, ALL_OF_IT)], 2))

    def test_weights_that_arrive_while_the_node_is_away_are_found_when_it_is_back(self) -> None:
        self.node.seals_at_once = False
        self.node.is_losing_receipts = True
        with self.assertRaises(WeightsPendingError):
            self.set_weights()
        self.node.stop()
        with self.assertRaises(ChainUnavailableError):
            self.set_weights()
        self.node.advance()
        self.node.start()
        self.set_weights({OTHER: 1.0})
        self.assertEqual((self.weights(), self.node.submissions), ([(1, ALL_OF_IT)], 1))

    def test_one_mechanism_that_waits_does_not_hold_up_the_other(self) -> None:
        self.rule("MechanismCountCurrent", 2)
        self.node.is_losing_submissions = True
        with self.assertRaises(WeightsPendingError):
            self.set_weights()
        self.node.is_losing_submissions = False
        self.node.change(lambda subnets: subnets.put("LastUpdate", NETUID + 4096, [0, 0, 0]))
        self.set_weights({OTHER: 1.0}, mechanism=1)
        self.assertEqual((self.weights(), self.weights(1)), ([], [(2, ALL_OF_IT)]))


class TestWhatIsNotSent(AdapterTestCase):
    def tearDown(self) -> None:
        self.assertEqual((self.node.submissions, self.weights()), (0, []))

    def test_no_weights_are_set_on_a_chain_that_stands_still(self) -> None:
        self.node.blocks.clock_lag_seconds = 400.0
        self.node.advance()
        with self.assertRaisesRegex(StaleMetagraphError, r"the last block, 2, is 40\d s old, older than 300 s"):
            self.set_weights()

    def test_an_all_zero_pass_sets_no_weights(self) -> None:
        with self.assertRaisesRegex(ChainError, "every weight is zero"):
            self.set_weights({MINER: 0.0, OTHER: 0.0})

    def test_a_hotkey_that_was_replaced_gets_no_weight_and_neither_does_its_successor(self) -> None:
        self.rule("MaxAllowedUids", 3)
        self.node.register(NETUID, STRANGER)
        with self.assertRaisesRegex(NotRegisteredError, MINER):
            self.set_weights({MINER: 1.0, OTHER: 1.0})

    def test_too_few_weights_are_refused_before_the_call(self) -> None:
        self.rule("MinAllowedWeights", 2)
        with self.assertRaisesRegex(ChainError, "1 hotkeys are weighted, the subnet asks for at least 2"):
            self.set_weights()

    def test_too_large_a_weight_is_refused_before_the_call(self) -> None:
        self.rule("MaxWeightsLimit", ALL_OF_IT // 2)
        with self.assertRaisesRegex(ChainError, r"0.7500 of the weights, the subnet allows 0.5000"):
            self.set_weights({MINER: 3.0, OTHER: 1.0})

    def test_too_little_stake_for_the_whole_chain_is_refused_before_the_call(self) -> None:
        self.node.change(lambda subnets: subnets.put("StakeThreshold", 101 * 10**9))
        with self.assertRaisesRegex(PermissionDeniedError, "a stake of 100, the chain asks for 101"):
            self.set_weights()

    def test_an_endpoint_that_is_a_name_is_refused_with_the_remedy(self) -> None:
        with self.assertRaisesRegex(ChainError, "'example.org' is no IP address.*CGP_MINER_EXTERNAL_HOST"):
            self.open(self.node.url, MINER).serve(SUBNET, Endpoint(host="example.org", port=8091))


class TestRuntimes(AdapterTestCase):
    def test_a_runtime_that_lacks_what_the_sdk_reads_leaves_readings_and_the_old_weights(self) -> None:
        self.node = self.start_node(metadata=recorded())
        self.prepare(self.node)
        self.node.change(lambda subnets: subnets.put("Weights", NETUID, 0, [(2, 7)]))
        self.chain = self.open(self.node.url)
        self.assertEqual(len(self.chain.metagraph(SUBNET).neurons), 3)
        with self.assertRaisesRegex(RuntimeChangedError, "SubnetEpochConsensus.*scores go on, weights stay"):
            self.set_weights()
        self.assertEqual((self.weights(), self.node.submissions), ([(2, 7)], 0))

    def test_an_upgrade_that_takes_away_what_is_read_leaves_readings_and_the_old_weights(self) -> None:
        self.set_weights()
        self.node.upgrade(recorded())
        self.node.advance(RATE_LIMIT)
        self.assertEqual(self.chain.metagraph(SUBNET).block, 3 + RATE_LIMIT)
        with self.assertRaises(RuntimeChangedError):
            self.set_weights({OTHER: 1.0})
        self.assertEqual((self.weights(), self.node.submissions), ([(1, ALL_OF_IT)], 1))

    def test_weights_that_were_signed_for_the_runtime_before_are_refused_and_not_left_open(self) -> None:
        self.chain.block()
        self.node.upgrade(in_step_with_the_sdk())
        with self.assertRaisesRegex(ChainError, "the chain refuses .BadProof."):
            self.set_weights()
        self.open(self.node.url).set_weights(SUBNET, {MINER: 1.0}, version=VERSION)
        self.assertEqual((self.weights(), self.node.submissions), ([(1, ALL_OF_IT)], 2))


class TestWhatIsSent(AdapterTestCase):
    def test_weights_keep_their_proportions(self) -> None:
        self.set_weights({MINER: 3.0, OTHER: 1.0})
        self.assertEqual(self.weights(), [(1, ALL_OF_IT), (2, round(ALL_OF_IT / 3))])

    def test_where_weights_are_hidden_a_commit_is_sent_and_counts_for_the_rate_limit(self) -> None:
        self.rule("CommitRevealWeightsEnabled", True)
        self.set_weights()
        self.assertEqual(self.node.blocks.subnets.commits, [(NETUID, 0, VALIDATOR)])
        with self.assertRaises(RateLimitedError):
            self.set_weights()

    def test_each_mechanism_has_its_own_rate_limit(self) -> None:
        self.rule("MechanismCountCurrent", 2)
        self.node.change(lambda subnets: subnets.put("LastUpdate", NETUID + 4096, [0, 0, 0]))
        self.set_weights()
        self.set_weights({OTHER: 1.0}, mechanism=1)
        self.assertEqual((self.weights(), self.weights(1)), ([(1, ALL_OF_IT)], [(2, ALL_OF_IT)]))
        self.node.advance(RATE_LIMIT - 1)
        with self.assertRaises(RateLimitedError):
            self.set_weights(mechanism=1)

    def test_a_share_is_burned_by_weighting_the_owner(self) -> None:
        self.rule("SubnetOwnerHotkey", OTHER)
        self.chain = self.open(self.node.url, burn_rate=0.25)
        self.set_weights()
        self.assertEqual(self.weights(), [(1, ALL_OF_IT), (2, round(ALL_OF_IT / 3))])

    def test_nothing_is_burned_where_the_owner_is_not_registered(self) -> None:
        self.rule("SubnetOwnerHotkey", STRANGER)
        self.chain = self.open(self.node.url, burn_rate=0.25)
        self.set_weights()
        self.assertEqual(self.weights(), [(1, ALL_OF_IT)])

    def test_an_endpoint_that_is_published_already_is_not_published_again(self) -> None:
        chain = self.open(self.node.url, MINER)
        for host in ("127.0.0.1", "127.0.0.1", "[::1]"):
            chain.serve(SUBNET, Endpoint(host=host, port=8091))
        self.assertEqual(self.node.submissions, 2)
        self.assertEqual(chain.metagraph(SUBNET).by_hotkey[MINER].endpoint, Endpoint(host="[::1]", port=8091))


class TestRefusals(unittest.TestCase):
    def test_what_the_chain_refuses_after_the_call_has_the_type_of_its_cause(self) -> None:
        for name, kind in (
            ("SettingWeightsTooFast", RateLimitedError),
            ("HotKeyNotRegisteredInSubNet", NotRegisteredError),
            ("NeuronNoValidatorPermit", PermissionDeniedError),
            ("IncorrectWeightVersionKey", ChainError),
            ("WeightVecLengthIsLow", ChainError),
        ):
            with self.subTest(name):
                self.assertIs(type(refusal(SdkError("no", name))), kind)
                self.assertIn(name, str(refusal(SdkError("no", name))))


if __name__ == "__main__":
    unittest.main()
