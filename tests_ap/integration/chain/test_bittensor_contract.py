"""The contract of every Chain, kept by the adapter over the real SDK and the development node."""

import unittest

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Uid
from conversation_genome.chain.bittensor import BittensorChain
from tests_ap.integration.chain.sdk import NodeTestCase
from tests_ap.unit.chain import contract
from tests_ap.unit.chain.contract import SIGNERS, ChainContract


class TestBittensorAsChain(ChainContract, NodeTestCase):
    def setUp(self) -> None:
        NodeTestCase.setUp(self)
        ChainContract.setUp(self)
        self.node.advance()

    def open(self, hotkey: Hotkey | None) -> Chain:
        chain = BittensorChain(self.node.url, None if hotkey is None else SIGNERS[hotkey])
        self.addCleanup(chain.close)
        return chain

    def register(self, hotkey: Hotkey, stake: float) -> Uid:
        return Uid(self.node.register(contract.NETUID, hotkey, stake))

    def advance(self, blocks: int) -> None:
        self.node.advance(blocks)


if __name__ == "__main__":
    unittest.main()
