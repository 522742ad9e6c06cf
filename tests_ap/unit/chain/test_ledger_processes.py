"""Several processes on one ledger: epochs are settled exactly once, whatever is read and written meanwhile."""

import multiprocessing
import sqlite3
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.errors import RateLimitedError
from tests_ap.unit.chain.contract import NETUID

PROCESSES = 4
BLOCK_SECONDS = 0.01
TEMPO = 2
SECONDS = 0.8


def _use(path: Path, name: str, seconds: float) -> tuple[int, int, int]:
    """Read without pause and set weights when it is allowed; returns (readings, weights set, epochs seen backwards)."""
    readings = settings = backwards = last = 0
    with closing(LocalLedger(path, Hotkey(name))) as ledger:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            epoch = ledger.metagraph(NETUID).epoch
            backwards += epoch < last
            last, readings = epoch, readings + 1
            try:
                ledger.set_weights(NETUID, {Hotkey("miner"): 1.0}, version=0)
                settings += 1
            except RateLimitedError:
                pass
    return readings, settings, backwards


class TestLedgerProcesses(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "ledger.sqlite"

    def test_epochs_are_settled_exactly_once_while_four_processes_read_and_write(self) -> None:
        with closing(self.create()) as ledger:
            ledger.register(NETUID, Hotkey("miner"), 0.0)
            for number in range(PROCESSES):
                ledger.register(NETUID, Hotkey(f"validator {number}"), 1.0)
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            work = [(self.path, f"validator {number}", SECONDS) for number in range(PROCESSES)]
            results = pool.starmap(_use, work)
        self.assertTrue(all(readings and settings for readings, settings, _ in results), results)
        self.assertEqual(sum(backwards for _, _, backwards in results), 0)
        self.check_settlements()

    def check_settlements(self) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            rows = connection.execute("SELECT epoch, epochs FROM settlements ORDER BY epoch").fetchall()
            epoch, epoch_block = connection.execute("SELECT epoch, epoch_block FROM subnets").fetchone()
        self.assertGreater(len(rows), 5)
        ends = [0, *(last for last, _ in rows)]
        self.assertEqual([last - count for last, count in rows], ends[:-1], "an epoch was left out or settled twice")
        self.assertEqual((epoch, epoch_block), (ends[-1], 1 + epoch * TEMPO))

    def test_many_threads_create_and_register_at_once(self) -> None:
        def work(number: int) -> None:
            with closing(self.create()) as ledger:
                ledger.register(NETUID, Hotkey(f"miner {number}"), 0.0)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        with closing(LocalLedger(self.path)) as ledger:
            self.assertEqual([neuron.uid for neuron in ledger.metagraph(NETUID).neurons], list(range(8)))

    def create(self) -> LocalLedger:
        return LocalLedger.create(
            self.path, netuid=NETUID, tempo=TEMPO, block_seconds=BLOCK_SECONDS, weights_rate_limit=3
        )
