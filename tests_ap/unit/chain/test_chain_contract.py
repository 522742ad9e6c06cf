"""The Chain contract, on the local ledger and on the double."""

import tempfile
import unittest
from pathlib import Path

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Hyperparameters, Uid
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.testing.chain import RecordingChain
from tests_ap.unit.chain.contract import (
    MAX_VALIDATORS,
    NETUID,
    RATE_LIMIT,
    TEMPO,
    VERSION,
    ChainContract,
    Clock,
)

BLOCK_SECONDS = 12.0


class TestLocalLedgerAsChain(ChainContract, unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path, self.clock = Path(folder.name) / "ledger.sqlite", Clock()
        self.subnet = LocalLedger.create(
            self.path,
            netuid=NETUID,
            tempo=TEMPO,
            block_seconds=BLOCK_SECONDS,
            weights_rate_limit=RATE_LIMIT,
            weights_version=VERSION,
            max_validators=MAX_VALIDATORS,
            clock=self.clock,
        )
        self.addCleanup(self.subnet.close)
        super().setUp()

    def open(self, hotkey: Hotkey | None) -> Chain:
        ledger = LocalLedger(self.path, hotkey, clock=self.clock)
        self.addCleanup(ledger.close)
        return ledger

    def register(self, hotkey: Hotkey, stake: float) -> Uid:
        return self.subnet.register(NETUID, hotkey, stake)

    def advance(self, blocks: int) -> None:
        self.clock.now += blocks * BLOCK_SECONDS


class TestRecordingChainAsChain(ChainContract, unittest.TestCase):
    def setUp(self) -> None:
        rules = Hyperparameters(
            tempo=TEMPO, block_seconds=BLOCK_SECONDS, weights_rate_limit=RATE_LIMIT, weights_version=VERSION
        )
        self.chain = RecordingChain(NETUID, rules=rules, max_validators=MAX_VALIDATORS)
        super().setUp()

    def open(self, hotkey: Hotkey | None) -> Chain:
        self.chain.hotkey = hotkey
        return self.chain

    def register(self, hotkey: Hotkey, stake: float) -> Uid:
        return self.chain.register(NETUID, hotkey, stake)

    def advance(self, blocks: int) -> None:
        self.chain.advance(blocks)
