"""The server over real sockets: the whole way, an orderly end, and a killing that loses nothing."""

import asyncio

from conversation_genome.annotation import GroundTruth
from conversation_genome.client import ConversationServerClient
from conversation_genome.protocol.messages import Bundle
from tests_ap.integration.server.process import ProcessCase
from tests_ap.unit.server.rig import record, submission, tasks_of, truth_of


async def all_leases(validator: ConversationServerClient) -> list[Bundle]:
    held: list[Bundle] = []
    while (bundle := await validator.lease(holding=[one.lease_id for one in held])) is not None:
        held.append(bundle)
    return held


class ServerProcessTest(ProcessCase):
    async def test_a_conversation_goes_the_whole_way_and_is_found_by_meaning(self) -> None:
        async with self.server.admin() as admin, self.server.validator() as validator:
            await admin.import_records([record("first"), record("second")])
            for bundle in await all_leases(validator):
                await self._grade(validator, bundle)
            await self.server.published(2)
            hits = (await admin.search("cheddar")).hits
            self.assertEqual({hit.conversation_id for hit in hits}, {"first", "second"})
            self.assertEqual((await admin.publish()).conversations, 2)

    async def _grade(self, validator: ConversationServerClient, bundle: Bundle) -> None:
        truth: GroundTruth = truth_of(bundle)
        await validator.put_ground_truth(bundle.lease_id, truth)
        for window_id in tasks_of(bundle):
            await validator.submit(submission(bundle, window_id))
        await validator.complete(bundle.lease_id)

    async def test_sigterm_ends_it_with_exit_code_0_and_no_trace(self) -> None:
        self.assertEqual(await asyncio.to_thread(self.server.stop), 0)
        self.assertNotIn("Traceback", self.server.log())

    async def test_it_ends_when_whoever_started_it_is_gone(self) -> None:
        process = self.server.process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        self.assertEqual(await asyncio.to_thread(process.wait, 15), 0)
