"""Merging: tried again when it fails, given up in the end, and never in the way of others."""

import asyncio

from conversation_genome.protocol.reads import ConversationState
from tests_ap.unit.server.rig import ServerCase, record


class MergingTest(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        assert self.server._merging is not None
        self.server._merging.cancel()  # each merge is made by the test

    async def test_a_conversation_that_cannot_be_merged_is_tried_again_later(self) -> None:
        self.index.broken = True
        await self.completed(record("first"))
        waiting = (await self.admin.conversations()).conversations[0]
        self.assertEqual(waiting.state, ConversationState.COMPLETED)
        self.assertRegex(waiting.detail, "1 of 5.*the disk is full")
        self.index.broken = False
        self.clock.now += 60.0
        self.assertTrue(await self.server.merger.merge_next())
        after = (await self.admin.conversations()).conversations[0]
        self.assertEqual((after.state, after.detail), (ConversationState.PUBLISHED, ""))

    async def test_it_is_given_up_after_five_failures_and_holds_nothing_up(self) -> None:
        self.index.broken = True
        await self.completed(record("first"), record("second"))
        for _ in range(4):
            self.clock.now += 1_000.0
            await self.server.merger.merge_next()
        self.assertEqual((await self.admin.conversations()).conversations[0].state, ConversationState.FAILED)
        self.index.broken = False
        await self.completed()
        self.assertEqual(list(self.index.records), ["second"])

    async def test_it_ends_when_it_is_told_to_also_in_the_moment_in_which_it_is_woken(self) -> None:
        for turns in range(6):
            merging = asyncio.create_task(self.server.merger.run())
            await asyncio.sleep(0.05)
            self.server.merger.wake()
            for _ in range(turns):
                await asyncio.sleep(0)
            merging.cancel()
            await asyncio.wait([merging], timeout=5.0)
            self.assertTrue(merging.cancelled(), f"after {turns} turns of the loop")

    async def test_a_conversation_deleted_while_it_is_merged_does_not_stay_searchable(self) -> None:
        await self.completed(record("first"))
        graded = None
        async with self.server.write() as work:
            row = await work.reading.row("first")
            await work.session.execute(type(row).__table__.update().values(state="completed"))
        graded = await self.server.merger._next()
        assert graded is not None
        merged, agreements = self.server.merger._merge(graded)
        await self.admin.delete("first")
        self.index.upsert(merged)
        await self.server.merger._publish(graded, merged, agreements)
        self.assertEqual(self.index.records, {})
