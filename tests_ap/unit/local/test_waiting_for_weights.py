"""The end of a run waits for the epoch that pays for it, and never for ever."""

import unittest

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import BlockNumber, Hyperparameters, Metagraph, Netuid, Neuron
from conversation_genome.local.epochs import wait_for_weights
from conversation_genome.testing.chain import RecordingChain

NETUID = Netuid(1)
BUSY, IDLE, MINER = Hotkey("busy"), Hotkey("idle"), Hotkey("miner")
RULES = Hyperparameters(tempo=10, block_seconds=0.0001, weights_rate_limit=1, weights_version=0)


class PayingChain(RecordingChain):
    """Lets a block pass at every look; those in `setting` set weights at the end of each epoch, which then pays."""

    def __init__(self, setting: set[Hotkey]) -> None:
        super().__init__(NETUID, rules=RULES)
        for hotkey in (BUSY, IDLE, MINER):
            self.register(NETUID, hotkey, stake=0.0 if hotkey == MINER else 1.0)
        self.setting = setting
        self.updates: dict[Hotkey, BlockNumber] = {}
        self.paid = False

    def metagraph(self, netuid: Netuid) -> Metagraph:
        self.advance()
        metagraph = super().metagraph(netuid)
        if metagraph.block == metagraph.epoch_ends - 1:
            self.updates |= dict.fromkeys(self.setting, metagraph.block)
        self.paid = self.paid or (bool(self.updates) and metagraph.block % RULES.tempo == 0)
        neurons = tuple(self._seen(neuron) for neuron in metagraph.neurons)
        return metagraph.model_copy(update={"neurons": neurons})

    def _seen(self, neuron: Neuron) -> Neuron:
        incentive = 1.0 if self.paid and neuron.hotkey == MINER else 0.0
        return neuron.model_copy(
            update={"incentive": incentive, "last_update": self.updates.get(neuron.hotkey, BlockNumber(0))}
        )


class WaitForWeightsTest(unittest.IsolatedAsyncioTestCase):
    async def test_it_ends_with_the_epoch_after_everybody_set_weights(self) -> None:
        chain = PayingChain({BUSY, IDLE})
        self.assertTrue(await wait_for_weights(chain, NETUID, {BUSY, IDLE}))
        self.assertEqual(chain.block() // RULES.tempo, 1)

    async def test_a_validator_without_work_is_waited_for_no_longer_than_a_whole_epoch(self) -> None:
        chain = PayingChain({BUSY})
        self.assertTrue(await wait_for_weights(chain, NETUID, {BUSY, IDLE}))
        self.assertEqual(chain.block() // RULES.tempo, 2)

    async def test_it_gives_up_when_nobody_is_ever_paid(self) -> None:
        self.assertFalse(await wait_for_weights(PayingChain(set()), NETUID, {BUSY, IDLE}))

    async def test_weights_of_an_earlier_run_do_not_count(self) -> None:
        chain = PayingChain({BUSY, IDLE})
        chain.updates = {BUSY: BlockNumber(1), IDLE: BlockNumber(1)}
        chain.paid = True
        await wait_for_weights(chain, NETUID, {BUSY, IDLE})
        self.assertGreater(min(chain.updates.values()), 1)
