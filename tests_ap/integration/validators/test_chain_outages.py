"""The chain goes away, breaks or changes: scoring goes on, the weights that stand stay, and none are set blindly."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from structlog.testing import capture_logs

from conversation_genome.chain.base import Netuid
from conversation_genome.chain.bittensor import BittensorChain
from tests_ap.devnet.metadata import recorded
from tests_ap.integration.chain.sdk import NETUID as NODE_NETUID
from tests_ap.integration.chain.sdk import TEMPO, VERSION, NodeTestCase
from tests_ap.integration.validators.rig import FaultCase
from tests_ap.unit.chain.contract import MINER, OTHER, SIGNERS, VALIDATOR
from tests_ap.unit.server.rig import record
from validators.metrics import ValidatorMetrics
from validators.weight_setter import WeightSetter


class LedgerOutages(FaultCase):
    """A validator on the local ledger's file."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.good, self.poor = await self.miners(6, 1)

    async def graded(self, count: int) -> None:
        """Let one more conversation be graded."""
        await self.admin.import_records([record(f"talk {count}")])
        await self.until_published(count)

    async def test_a_ledger_that_is_locked_is_waited_for(self) -> None:
        await self.start_validator()
        with closing(sqlite3.connect(self.folder / "ledger.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await self.graded(1)
            self.assertEqual(self.weights(), {})
            other.execute("ROLLBACK")
        await self.until_weighed()
        self.assertGreater(self.weights()[self.good.hotkey], self.weights().get(self.poor.hotkey, 0.0))

    async def test_a_ledger_that_is_damaged_stops_no_scoring_and_is_reported(self) -> None:
        await self.start_validator()
        await self.graded(1)
        await self.until_weighed()
        with closing(sqlite3.connect(self.folder / "ledger.sqlite")) as other, other:
            other.execute("ALTER TABLE subnets RENAME TO lost")
        line = await self.until_logged("chain cannot be read; old weights stay")
        self.assertIn("no such table", line["reason"])
        await self.graded(2)
        self.assertTrue(self.logged("chain cannot be read; scoring goes on"))
        with closing(sqlite3.connect(self.folder / "ledger.sqlite")) as other, other:
            other.execute("ALTER TABLE lost RENAME TO subnets")
        self.log.clear()
        await self.until_logged("weights set")


class NodeOutages(NodeTestCase):
    """A weight setter on a node, through the real SDK."""

    def setUp(self) -> None:
        super().setUp()
        self.logs = self.enterContext(capture_logs())
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for hotkey, stake in ((VALIDATOR, 100.0), (MINER, 0.0), (OTHER, 0.0)):
            self.node.register(NODE_NETUID, hotkey, stake)
        self.node.advance()
        self.metrics = ValidatorMetrics()
        self.setter = self.new_setter()
        self.setter.reward({MINER: 0.75, OTHER: 0.25})

    def new_setter(self) -> WeightSetter:
        """Return a setter as a process that starts now has it."""
        chain = BittensorChain(self.node.url, SIGNERS[VALIDATOR])
        self.addCleanup(chain.close)
        setter = WeightSetter(
            chain,
            Netuid(NODE_NETUID),
            alpha=0.1,
            state_path=self.folder / "state.json",
            held_windows=0,
            hotkey=VALIDATOR,
            metrics=self.metrics,
        )
        self.addCleanup(setter.memory.close)
        return setter

    def go_to_the_tail(self) -> None:
        graph = self.setter._chain.metagraph(Netuid(NODE_NETUID))
        self.node.advance(graph.epoch_ends - graph.block - 1)

    def weights(self) -> list[tuple[int, int]]:
        """Return (uid, u16) pairs that stand for the validator on chain."""
        return list(self.node.blocks.subnets.get("Weights", NODE_NETUID, 0))

    def refused(self, code: str) -> float:
        """Return how often weights were refused with a code."""
        return self.metrics.registry.get_sample_value("cgp_validator_weights_refused_total", {"code": code}) or 0.0

    def test_a_node_that_is_down_is_asked_again_and_gets_the_weights_once(self) -> None:
        self.go_to_the_tail()
        self.node.stop()
        self.assertFalse(self.setter.set_when_due())
        self.assertEqual(self.refused("chain_unavailable"), 1)
        self.node.start()
        self.assertTrue(self.setter.set_when_due())
        self.assertFalse(self.setter.set_when_due())
        self.assertEqual((len(self.weights()), self.node.submissions), (2, 1))

    def test_a_runtime_that_lacks_a_storage_item_leaves_the_old_weights_and_the_averages(self) -> None:
        self.go_to_the_tail()
        self.assertTrue(self.setter.set_when_due())
        before, averages = self.weights(), self.setter.state.averages
        self.node.upgrade(recorded())
        self.node.advance(TEMPO)
        self.assertFalse(self.setter.set_when_due())
        self.assertEqual(self.refused("runtime_changed"), 1)
        self.assertEqual((self.weights(), self.setter.state.averages), (before, averages))

    def test_weights_whose_receipt_was_lost_are_booked_once_and_not_sent_again(self) -> None:
        self.go_to_the_tail()
        self.node.is_losing_submissions = True
        self.assertFalse(self.setter.set_when_due())
        self.node.is_losing_submissions = False
        self.assertFalse(self.setter.set_when_due())
        self.assertEqual((self.refused("weights_pending"), self.node.submissions), (2, 1))
        self.assertIsNotNone(self.setter.state.weighing)

    def test_a_process_that_was_killed_after_it_sent_finds_its_weights_on_chain(self) -> None:
        self.go_to_the_tail()
        state = self.setter.memory.weighed
        self.setter.memory.weighed = lambda **_: (_ for _ in ()).throw(SystemExit)  # type: ignore[method-assign]
        with self.assertRaises(SystemExit):
            self.setter.set_when_due()
        self.setter.memory.weighed = state  # type: ignore[method-assign]
        self.setter.memory.close()
        again = self.new_setter()
        self.assertTrue(again.set_when_due())
        self.assertEqual((len(self.weights()), self.node.submissions), (2, 1))
        self.assertEqual({one.paid == one.earned for one in again.state.accounts.by_hotkey.values()}, {True})

    def test_no_weights_are_set_on_a_chain_that_stands_still(self) -> None:
        self.node.blocks.clock_lag_seconds = 400.0
        self.go_to_the_tail()
        self.assertFalse(self.setter.set_when_due())
        self.assertEqual((self.refused("stale_metagraph"), self.weights()), (1, []))

    def test_a_version_key_that_was_raised_leaves_the_old_weights(self) -> None:
        self.node.change(lambda subnets: subnets.put("WeightsVersionKey", NODE_NETUID, 10**9 + VERSION))
        self.go_to_the_tail()
        self.assertFalse(self.setter.set_when_due())
        self.assertEqual((self.refused("chain_error"), self.node.submissions), (1, 0))


del NodeTestCase  # whose tests are run where it is from
