"""`kill -9` while answers come in: what was acknowledged is there, and nothing is there twice."""

import asyncio

from conversation_genome.client import ConversationServerClient
from conversation_genome.errors import UnavailableError
from conversation_genome.protocol.messages import Bundle, Submission
from tests_ap.integration.server.process import ProcessCase
from tests_ap.unit.server.rig import record, submission, tasks_of, truth_of

MINERS = 40


def work_of(bundle: Bundle) -> list[Submission]:
    return [
        submission(bundle, window_id, f"miner-{number}") for number in range(MINERS) for window_id in tasks_of(bundle)
    ]


class SuddenDeathTest(ProcessCase):
    async def test_acknowledged_submissions_outlive_the_killing_of_the_server(self) -> None:
        async with self.server.admin() as admin, self.server.validator() as validator:
            await admin.import_records([record("first", lines=30)])
            bundle = await self._lease(validator)
            acknowledged: set[tuple[str, str]] = set()
            sending = asyncio.create_task(self._send(validator, work_of(bundle), acknowledged))
            while len(acknowledged) < MINERS // 2 and not sending.done():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            await asyncio.to_thread(self.server.kill)
            await sending
            self.assertLess(len(acknowledged), len(work_of(bundle)))
            self.server.start()
            await self.server.ready()
            again = await self._lease(validator)
            self.assertEqual((again.lease_id, again.attempt), (bundle.lease_id, 1))
            self.assertLessEqual(acknowledged, set(again.submitted))
            await self._finish(validator, again)
            self.assertEqual(sum((await admin.stats()).answers.values()), len(work_of(bundle)))

    async def test_a_conversation_that_was_completed_before_the_killing_is_merged_after_it(self) -> None:
        async with self.server.validator() as validator:
            async with self.server.admin() as admin:
                await admin.import_records([record(f"talk {number}") for number in range(4)])
            for _ in range(4):
                await self._finish(validator, await self._lease(validator))
            await asyncio.to_thread(self.server.kill)
            self.server.start()
            await self.server.ready()
            await self.server.published(4)

    async def _lease(self, validator: ConversationServerClient) -> Bundle:
        bundle = await validator.lease()
        assert bundle is not None
        await validator.put_ground_truth(bundle.lease_id, truth_of(bundle))
        return bundle

    async def _send(
        self, validator: ConversationServerClient, work: list[Submission], acknowledged: set[tuple[str, str]]
    ) -> None:
        for one in work:
            try:
                await validator.submit(one)
            except UnavailableError:
                return
            acknowledged.add((one.window_id, one.miner_hotkey))

    async def _finish(self, validator: ConversationServerClient, bundle: Bundle) -> None:
        for one in work_of(bundle):
            if (one.window_id, one.miner_hotkey) not in bundle.submitted:
                await validator.submit(one)
        status = await validator.complete(bundle.lease_id)
        self.assertEqual(status.state, "completed")
