"""What every Chain keeps, whatever is behind it; a suite fills `open` and `advance` in."""

import math

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Endpoint, Netuid, Uid
from conversation_genome.chain.waiting import wait_for_epoch
from conversation_genome.errors import ChainError, NotRegisteredError, PermissionDeniedError, RateLimitedError
from conversation_genome.protocol.signing import Signer

NETUID = Netuid(33)
SIGNERS = {
    signer.hotkey: signer
    for signer in map(Signer.from_uri, ("//validator", "//miner", "//other", "//stranger", "//one", "//two", "//three"))
}
VALIDATOR, MINER, OTHER, STRANGER, *MORE = SIGNERS
"""Addresses of development keys, since a chain takes nothing else."""
TEMPO, RATE_LIMIT, VERSION, MAX_VALIDATORS = 10, 3, 2, 2


class ChainContract:
    """Mixed into a TestCase: a subnet with tempo 10, rate limit 3, version 2 and two permits."""

    def setUp(self) -> None:
        self.register(VALIDATOR, 100.0)
        self.register(MINER, 0.0)
        self.register(OTHER, 0.0)

    def open(self, hotkey: Hotkey | None) -> Chain:
        raise NotImplementedError

    def register(self, hotkey: Hotkey, stake: float) -> Uid:
        raise NotImplementedError

    def advance(self, blocks: int) -> None:
        raise NotImplementedError

    def test_the_first_block_is_1_and_blocks_are_counted(self) -> None:
        self.assertEqual(self.open(None).block(), 1)
        self.advance(7)
        self.assertEqual(self.open(None).block(), 8)

    def test_uids_are_given_in_order_and_kept(self) -> None:
        self.assertEqual([self.register(STRANGER, 0.0), self.register(VALIDATOR, 50.0)], [3, 0])
        self.assertEqual(self.open(None).metagraph(NETUID).by_hotkey[VALIDATOR].stake, 50.0)

    def test_a_permit_takes_stake_and_a_place_among_the_largest(self) -> None:
        for number, hotkey in enumerate(MORE):
            self.register(hotkey, 200.0 - number)
        neurons = self.open(None).metagraph(NETUID).neurons
        self.assertEqual({n.hotkey for n in neurons if n.validator_permit}, set(MORE[:MAX_VALIDATORS]))

    def test_rules_are_told(self) -> None:
        rules = self.open(None).hyperparameters(NETUID)
        self.assertEqual((rules.tempo, rules.weights_rate_limit, rules.weights_version), (TEMPO, RATE_LIMIT, VERSION))

    def test_an_endpoint_is_published_and_replaced(self) -> None:
        for port in (8091, 8092):
            self.open(MINER).serve(NETUID, Endpoint(host="127.0.0.1", port=port))
        neuron = self.open(None).metagraph(NETUID).by_hotkey[MINER]
        self.assertEqual(neuron.endpoint, Endpoint(host="127.0.0.1", port=8092))

    def test_a_stranger_cannot_serve(self) -> None:
        with self.assertRaisesRegex(NotRegisteredError, f"{STRANGER} is not registered on subnet 33"):
            self.open(STRANGER).serve(NETUID, Endpoint(host="127.0.0.1", port=1))

    def test_a_chain_without_a_hotkey_only_reads(self) -> None:
        with self.assertRaisesRegex(ChainError, "without a hotkey"):
            self.open(None).set_weights(NETUID, {MINER: 1.0}, version=VERSION)

    def test_setting_weights_is_recorded_as_the_last_update(self) -> None:
        self.advance(4)
        chain = self.open(VALIDATOR)
        before = chain.block()
        chain.set_weights(NETUID, {MINER: 3.0, OTHER: 1.0}, version=VERSION)
        neurons = chain.metagraph(NETUID).by_hotkey
        self.assertTrue(before <= neurons[VALIDATOR].last_update <= chain.block())
        self.assertEqual(neurons[MINER].last_update, 0)

    def test_weights_wait_for_the_rate_limit_and_no_longer(self) -> None:
        chain = self.open(VALIDATOR)
        chain.set_weights(NETUID, {MINER: 1.0}, version=VERSION)
        self.advance(RATE_LIMIT - 1)
        with self.assertRaisesRegex(RateLimitedError, "wait 1 blocks"):
            chain.set_weights(NETUID, {OTHER: 1.0}, version=VERSION)
        self.advance(1)
        chain.set_weights(NETUID, {OTHER: 1.0}, version=VERSION)

    def test_weights_that_were_refused_do_not_count_against_the_rate_limit(self) -> None:
        chain = self.open(VALIDATOR)
        with self.assertRaises(ChainError):
            chain.set_weights(NETUID, {MINER: -1.0}, version=VERSION)
        chain.set_weights(NETUID, {MINER: 1.0}, version=VERSION)

    def test_weights_take_a_permit(self) -> None:
        with self.assertRaisesRegex(PermissionDeniedError, f"{MINER} holds no validator permit"):
            self.open(MINER).set_weights(NETUID, {OTHER: 1.0}, version=VERSION)

    def test_weights_on_a_stranger_are_refused(self) -> None:
        with self.assertRaisesRegex(NotRegisteredError, STRANGER):
            self.open(VALIDATOR).set_weights(NETUID, {STRANGER: 1.0}, version=VERSION)

    def test_weights_of_an_old_version_are_refused(self) -> None:
        with self.assertRaisesRegex(ChainError, "version 1 are too old, the subnet asks for 2"):
            self.open(VALIDATOR).set_weights(NETUID, {MINER: 1.0}, version=VERSION - 1)

    def test_weights_that_are_no_weights_are_refused(self) -> None:
        for weights in ({}, {MINER: 0.0}, {MINER: -0.1}, {MINER: math.nan}, {MINER: math.inf}):
            with self.subTest(weights), self.assertRaises(ChainError) as caught:
                self.open(VALIDATOR).set_weights(NETUID, weights, version=VERSION)
            self.assertIs(type(caught.exception), ChainError)

    def test_a_mechanism_that_is_not_there_is_refused(self) -> None:
        with self.assertRaisesRegex(ChainError, "no mechanism 1 on subnet 33: it has 1"):
            self.open(VALIDATOR).set_weights(NETUID, {MINER: 1.0}, version=VERSION, mechanism=1)

    def test_an_epoch_is_waited_for(self) -> None:
        chain = self.open(None)
        paid = wait_for_epoch(chain, NETUID, after=0, timeout_seconds=60, sleep=lambda _: self.advance(1))
        self.assertEqual((paid.epoch, paid.block <= TEMPO + 1), (1, True))

    def test_an_epoch_that_does_not_end_is_not_waited_for_for_ever(self) -> None:
        clock = Clock(0.0)
        with self.assertRaisesRegex(ChainError, "no epoch after 0 ended on subnet 33 within 60 s"):
            wait_for_epoch(
                self.open(None), NETUID, after=0, timeout_seconds=60, clock=clock, sleep=lambda _: clock.pass_by(61)
            )

    def test_another_subnet_is_refused(self) -> None:
        with self.assertRaisesRegex(ChainError, "no subnet 34"):
            self.open(None).metagraph(Netuid(34))

    def test_the_metagraph_tells_when_the_running_epoch_ends(self) -> None:
        self.advance(TEMPO + 1)
        metagraph = self.open(None).metagraph(NETUID)
        self.assertEqual(metagraph.epoch, 1)
        self.assertTrue(metagraph.block < metagraph.epoch_ends <= metagraph.block + TEMPO)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
