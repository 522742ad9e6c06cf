"""The whole way of a conversation: import, lease, ground truth, submissions, completion, search, dataset."""

from pyarrow import parquet

from conversation_genome.protocol.reads import ConversationState
from tests_ap.unit.server.rig import ServerCase, record


class WholeWayTest(ServerCase):
    async def test_a_conversation_is_imported_graded_merged_found_and_published(self) -> None:
        await self.completed(record("first"))
        detail = await self.admin.conversation("first")
        self.assertEqual(detail.summary.state, ConversationState.PUBLISHED)
        self.assertIn("cheese", [tag.text for tag in detail.tags])
        self.assertIsNotNone(detail.quality)
        hits = await self.admin.search("cheese")
        self.assertEqual([hit.conversation_id for hit in hits.hits], ["first"])
        publication = await self.admin.publish()
        self.assertEqual(publication.conversations, 1)
        table = parquet.read_table(self.folder / "dataset" / "conversations")
        self.assertEqual(table.column("id").to_pylist(), ["first"])

    async def test_the_better_miner_is_paid(self) -> None:
        await self.completed(record("first"))
        miners = (await self.admin.miners()).miners
        self.assertEqual([miner.hotkey for miner in miners], ["miner-0", "miner-1"])
        self.assertGreater(miners[0].mean_score, miners[1].mean_score)
        self.assertAlmostEqual(miners[0].reward_share + miners[1].reward_share, 1.0)
