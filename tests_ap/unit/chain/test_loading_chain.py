"""Which chain the settings mean."""

import tempfile
import unittest
from pathlib import Path

from conversation_genome.chain.bittensor import BittensorChain
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.chain.loading import load_chain
from conversation_genome.errors import ChainError, ChainUnavailableError
from conversation_genome.protocol.signing import Signer
from conversation_genome.settings import MinerSettings
from tests_ap.unit.chain.contract import NETUID


class TestLoadingChain(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "ledger.sqlite"
        self.signer = Signer.from_uri("//Alice")

    def test_local_is_the_ledger_and_acts_as_the_signer(self) -> None:
        subnet = LocalLedger.create(self.path, netuid=NETUID)
        self.addCleanup(subnet.close)
        subnet.register(NETUID, self.signer.hotkey, 1.0)
        chain = load_chain(MinerSettings(ledger_path=self.path), self.signer)
        self.addCleanup(chain.close)
        chain.set_weights(NETUID, {self.signer.hotkey: 1.0}, version=0)
        self.assertEqual(subnet.weights(NETUID), {self.signer.hotkey: {self.signer.hotkey: 1.0}})

    def test_an_address_is_a_bittensor_network_that_is_not_connected_before_it_is_asked(self) -> None:
        settings = MinerSettings(
            subtensor_network="ws://127.0.0.1:1", subtensor_fallback_endpoints="ws://127.0.0.1:2, ws://127.0.0.1:3"
        )
        chain = load_chain(settings, self.signer)
        self.addCleanup(chain.close)
        self.assertIsInstance(chain, BittensorChain)
        with self.assertRaisesRegex(ChainUnavailableError, r"cannot be reached at 'ws://127.0.0.1:1'.*FALLBACK"):
            chain.block()

    def test_a_network_that_nobody_knows_is_refused_with_the_remedy(self) -> None:
        with self.assertRaisesRegex(ChainError, r"CGP_SUBTENSOR_NETWORK='moon' is no network.*finney.*`local`"):
            load_chain(MinerSettings(subtensor_network="moon"), self.signer)
