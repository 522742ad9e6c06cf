"""The unpatched SDK against the development node: what it reads, what it sends, what it is refused."""

import threading
import time
import unittest

from bittensor import calls, storage
from bittensor.intents import ServeAxon, SetWeights
from bittensor.result import ChainError, ErrorCode, RpcConnectionError

from tests_ap.devnet.extrinsics import InvalidTransactionError, checked
from tests_ap.integration.chain.sdk import NETUID, RATE_LIMIT, TEMPO, VERSION, NodeTestCase, key

VALIDATOR, MINER, NEWCOMER, COLD = key("validator"), key("miner"), key("newcomer"), key("Alice")


class TestDevelopmentNode(NodeTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.node.register(NETUID, VALIDATOR.ss58_address, 100.0)
        self.node.register(NETUID, MINER.ss58_address)
        self.node.advance()
        self.client = self.connect()

    def set_weights(self, weights: dict[int, float], version: int = VERSION, mechanism: int = 0) -> object:
        intent = SetWeights(netuid=NETUID, weights=weights, version_key=version, mechid=mechanism)
        return self.client.execute(intent, VALIDATOR)

    def metagraph(self) -> dict[str, list]:
        return self.client.read("metagraph", netuid=NETUID)

    def test_a_hotkey_registers_and_is_in_the_metagraph(self) -> None:
        call = calls.SubtensorModule.burned_register(netuid=NETUID, hotkey=NEWCOMER.ss58_address)
        self.assertTrue(self.client.submit_call(call, COLD, signer="coldkey").success)
        self.assertEqual(self.metagraph()["hotkeys"][2], NEWCOMER.ss58_address)

    def test_a_hotkey_registers_once(self) -> None:
        call = calls.SubtensorModule.burned_register(netuid=NETUID, hotkey=MINER.ss58_address)
        result = self.client.submit_call(call, COLD, signer="coldkey")
        self.assertEqual((result.success, result.error.name), (False, "HotKeyAlreadyRegisteredInSubNet"))

    def test_an_endpoint_is_served(self) -> None:
        self.assertTrue(self.client.execute(ServeAxon(netuid=NETUID, ip="127.0.0.1", port=8091), MINER).success)
        axon = self.metagraph()["axons"][1]
        self.assertEqual((axon["ip"], axon["port"]), (0x7F000001, 8091))

    def test_weights_are_paid_at_the_end_of_the_epoch(self) -> None:
        self.assertTrue(self.set_weights({1: 1.0}).success)
        self.assertEqual(self.metagraph()["incentives"], [0, 0])
        self.node.advance(TEMPO)
        self.assertEqual((self.metagraph()["incentives"], self.metagraph()["dividends"]), ([0, 65_535], [65_535, 0]))

    def test_the_rate_limit_is_met_and_passes(self) -> None:
        self.set_weights({1: 1.0})
        with self.assertRaises(ChainError) as caught:
            self.set_weights({1: 1.0})
        self.assertIs(caught.exception.code, ErrorCode.RATE_LIMITED)
        self.node.advance(RATE_LIMIT)
        self.assertTrue(self.set_weights({1: 1.0}).success)

    def test_the_node_keeps_the_rate_limit_by_itself(self) -> None:
        self.set_weights({1: 1.0})
        call = calls.SubtensorModule.set_weights(netuid=NETUID, dests=[1], weights=[1], version_key=VERSION)
        self.assertEqual(self.client.submit_call(call, VALIDATOR, signer="hotkey").error.name, "SettingWeightsTooFast")

    def test_an_old_version_key_is_refused(self) -> None:
        self.assertEqual(self.set_weights({1: 1.0}, version=VERSION - 1).error.name, "IncorrectWeightVersionKey")

    def test_a_stake_below_the_threshold_is_refused(self) -> None:
        self.node.change(lambda subnets: subnets.put("StakeThreshold", 10**15))
        self.assertEqual(self.set_weights({1: 1.0}).error.name, "NotEnoughStakeToSetWeights")

    def test_a_miner_without_a_permit_is_refused(self) -> None:
        intent = SetWeights(netuid=NETUID, weights={0: 1.0}, version_key=VERSION)
        self.assertEqual(self.client.execute(intent, MINER).error.name, "NeuronNoValidatorPermit")

    def test_a_mechanism_has_its_own_weights_and_its_own_rate_limit(self) -> None:
        self.node.change(lambda subnets: subnets.put("MechanismCountCurrent", NETUID, 2))
        self.node.register(NETUID, NEWCOMER.ss58_address)
        self.assertTrue(self.set_weights({1: 1.0}).success)
        self.assertTrue(self.set_weights({1: 1.0}, mechanism=1).success)
        self.assertEqual(self.set_weights({1: 1.0}, mechanism=2).error.name, "MechanismDoesNotExist")

    def test_a_commit_is_taken_while_commit_reveal_is_on(self) -> None:
        self.node.change(lambda subnets: subnets.put("CommitRevealWeightsEnabled", NETUID, True))
        self.assertTrue(self.set_weights({1: 1.0}).success)
        self.assertEqual(self.node.blocks.subnets.commits, [(NETUID, 0, VALIDATOR.ss58_address)])

    def test_the_owner_alone_changes_the_rules(self) -> None:
        for signer, error in ((VALIDATOR, "NotSubnetOwner"), (COLD, None)):
            call = calls.AdminUtils.sudo_set_weights_version_key(netuid=NETUID, weights_version_key=9)
            result = self.client.submit_call(call, signer, signer="coldkey")
            self.assertEqual(result.error.name if result.error else None, error)
        self.assertEqual(self.client.query(storage.SubtensorModule.WeightsVersionKey, [NETUID]), 9)

    def test_a_full_subnet_replaces_a_hotkey_and_old_weights_do_not_pay_the_new_one(self) -> None:
        self.set_weights({1: 1.0})
        self.node.change(lambda subnets: subnets.put("MaxAllowedUids", NETUID, 2))
        self.node.register(NETUID, NEWCOMER.ss58_address)
        self.node.advance(TEMPO)
        self.assertEqual(self.metagraph()["hotkeys"][1], NEWCOMER.ss58_address)
        self.assertEqual(self.metagraph()["incentives"], [0, 0])

    def test_the_sdk_waits_for_an_epoch(self) -> None:
        waited = []
        waiting = threading.Thread(target=lambda: waited.append(self.client.wait_for_epoch(NETUID, timeout=10)))
        waiting.start()
        while waiting.is_alive():
            self.node.advance()
            time.sleep(0.01)
        self.assertEqual(waited[0].block, TEMPO)

    def test_a_reading_pinned_to_a_block_yields_what_stood_then(self) -> None:
        self.set_weights({1: 1.0})
        then = self.client.query(storage.SubtensorModule.LastUpdate, [NETUID], block=1)
        self.assertEqual((then[0], self.metagraph()["last_update"][0]), (0, 2))

    def test_after_an_outage_the_next_call_connects_again(self) -> None:
        self.assertEqual(self.client.block, 1)
        self.node.stop()
        with self.assertRaises(RpcConnectionError):
            _ = self.client.block
        self.node.start()
        self.assertEqual(self.client.block, 1)

    def test_a_forged_extrinsic_does_not_enter_the_pool(self) -> None:
        self.set_weights({1: 1.0})
        data = bytearray(self.node.blocks.head.extrinsics[0].data)
        data[-1] ^= 1
        blocks = self.node.blocks
        with self.assertRaisesRegex(InvalidTransactionError, "bad signature"):
            checked(bytes(data), blocks.state.codec, block=2, hash_of=lambda number: blocks.sealed[number].hash)

    def test_250_miners_are_read_in_one_metagraph(self) -> None:
        for number in range(250):
            self.node.register(NETUID, key(f"miner {number}").ss58_address)
        self.assertEqual(len(set(self.metagraph()["hotkeys"])), 252)


if __name__ == "__main__":
    unittest.main()
