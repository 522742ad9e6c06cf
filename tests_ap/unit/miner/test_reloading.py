"""Settings that are read again: what can be taken is taken, what cannot is named, and a fault changes nothing."""

import unittest
from typing import Any

from structlog.testing import capture_logs

from conversation_genome.errors import SettingsError
from conversation_genome.protocol.signing import MemoryNonceStore, Signer
from conversation_genome.settings import MinerSettings
from miner.honest import Honest
from miner.reloading import TAKEN, Reloading
from miner.service import MinerService
from tests_ap.environment import settings_of
from tests_ap.examples import ready_embedder
from tests_ap.unit.miner.tasks import a_task
from tests_ap.unit.miner.test_honest import LongestWords


def read(**given: Any) -> MinerSettings:
    with settings_of():
        return MinerSettings(**given)


class ReloadingTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.logs = self.enterContext(capture_logs())
        self.behaviour = Honest(LongestWords(), ready_embedder(), max_tags=3, concurrency=4)
        self.service = MinerService(
            Signer.from_uri("//Miner").hotkey,
            admission=None,  # nobody asks
            nonces=MemoryNonceStore(),
            behaviour=self.behaviour,
            min_stake=0.0,
        )
        self.addCleanup(self.service.close)
        self.wanted: MinerSettings | Exception = read()
        self.reloading = Reloading(read(), self.reread, service=self.service, behaviour=self.behaviour)

    def reread(self) -> MinerSettings:
        if isinstance(self.wanted, Exception):
            raise self.wanted
        return self.wanted

    async def test_engine_tags_concurrency_queue_and_stake_are_taken(self) -> None:
        self.wanted = read(
            miner_engine="extractive-light", miner_max_tags=2, miner_concurrency=9, miner_queue=7, miner_min_stake=5.0
        )
        await self.reloading.reload()
        answer = self.behaviour.answer(a_task())
        self.assertEqual((answer.engine, len(answer.tags) <= 2), ("extractive-light/4", True))
        self.assertEqual((self.service.queue.concurrency, self.service.queue.room), (9, 7))
        self.assertEqual(self.service._min_stake, 5.0)
        self.assertEqual(self.reloading.settings, self.wanted)

    async def test_what_takes_a_restart_stays_and_is_named(self) -> None:
        self.wanted = read(miner_port=9999, netuid=138, miner_max_tags=5)
        await self.reloading.reload()
        self.assertEqual((self.reloading.settings.miner_port, self.reloading.settings.miner_max_tags), (8091, 5))
        (line,) = self.logs
        self.assertEqual(
            (line["taken"], line["take_a_restart"]), (["CGP_MINER_MAX_TAGS"], ["CGP_MINER_PORT", "CGP_NETUID"])
        )

    async def test_settings_that_are_faulty_change_nothing(self) -> None:
        self.wanted = SettingsError("CGP_MINER_MAX_TAGS is '0'")
        await self.reloading.reload()
        self.assertEqual(self.reloading.settings, read())
        self.assertEqual(
            [(line["log_level"], line["reason"]) for line in self.logs], [("error", "CGP_MINER_MAX_TAGS is '0'")]
        )

    async def test_an_engine_that_cannot_be_had_leaves_the_old_one_at_work(self) -> None:
        self.wanted = read(miner_engine="openai", miner_max_tags=1)
        await self.reloading.reload()
        self.assertEqual(len(self.behaviour.answer(a_task()).tags), 3)
        self.assertEqual(self.reloading.settings.miner_engine, "extractive")

    def test_every_setting_that_is_taken_is_one(self) -> None:
        self.assertLessEqual(TAKEN, set(MinerSettings.model_fields))


if __name__ == "__main__":
    unittest.main()
