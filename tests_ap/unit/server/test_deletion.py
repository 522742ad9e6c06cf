"""Deleting: a conversation goes from everywhere, with a receipt, whatever happens in the middle."""

from typing import Any, ClassVar
from unittest import mock

from pyarrow import parquet
from sqlalchemy import func, select

from conversation_genome.errors import ConversationGenomeError, LeaseNotFoundError, NotFoundError
from conversation_genome.protocol.reads import ConversationState
from conversation_server.db.models import Base, QueueRow
from tests_ap.unit.server.rig import ServerCase, record, submission, tasks_of, truth_of

KEPT = frozenset(
    {"alembic_version", "nonces", "budgets", "acts", "outcomes", "api_keys", "publications", "queues", "sessions"}
)
"""Tables that hold nothing of a conversation; `queues` names its source and how far its turns reach."""
FILLED = {"conversations", "records", "leases", "ground_truths", "submissions", "agreements", "merged", "tags"}


class DeletionCase(ServerCase):
    async def rows(self) -> dict[str, int]:
        """Return how many rows each table has that tells of conversations."""
        async with self.server.read() as work:
            return {
                name: await work.session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
                if name not in KEPT
            }

    def published(self) -> list[str]:
        table = parquet.read_table(self.folder / "dataset" / "conversations")
        return sorted(table.column("id").to_pylist())

    async def restart(self) -> None:
        """End the server and start another on what it stored; what was interrupted is finished."""
        await self.life.aclose()
        await self.start()
        self.admin = self.administrator("the administrator's key")
        await self.server.deleter.finish_all()


class DeletionTest(DeletionCase):
    settings: ClassVar[dict[str, Any]] = {"server_validators_per_conversation": 2}

    async def graded_twice(self) -> None:
        await self.admin.import_records([record("first")])
        for validator in (self.alice, self.bob):
            bundle = await validator.lease()
            assert bundle is not None
            await validator.put_ground_truth(bundle.lease_id, truth_of(bundle))
            for window_id in tasks_of(bundle):
                await validator.submit(submission(bundle, window_id))
            await validator.complete(bundle.lease_id)
        while await self.server.merger.merge_next():
            pass

    async def test_nothing_of_it_stays_in_any_table_or_store(self) -> None:
        await self.graded_twice()
        before = await self.rows()
        self.assertEqual({name for name, count in before.items() if count}, FILLED)
        receipt = await self.admin.delete("first")
        self.assertEqual(receipt.places, ("database", "vector store"))
        self.assertEqual(await self.rows(), dict.fromkeys(before, 0))
        self.assertEqual(self.index.records, {})
        self.assertEqual(self.server.grader._cases, {})

    async def test_a_case_that_no_answer_came_for_is_forgotten_too(self) -> None:
        bundle = await self.leased()
        self.assertIsNotNone(self.server.grader.newest(bundle.lease_id))
        await self.admin.delete(bundle.conversation["id"])
        self.assertIsNone(self.server.grader.newest(bundle.lease_id))

    async def test_no_text_of_it_is_in_the_tables_that_stay(self) -> None:
        await self.graded_twice()
        await self.admin.delete("first")
        async with self.server.read() as work:
            for name in KEPT & set(Base.metadata.tables):
                rows = (await work.session.execute(select(Base.metadata.tables[name]))).all()
                self.assertNotIn("the weather", str(rows), name)
            sources = (await work.session.scalars(select(QueueRow.source))).all()
        self.assertEqual(list(sources), ["test"])


class PublishedTest(DeletionCase):
    async def test_the_dataset_is_written_without_it(self) -> None:
        await self.completed(record("first"), record("second"))
        await self.completed()
        await self.admin.publish()
        self.assertEqual(self.published(), ["first", "second"])
        receipt = await self.admin.delete("first")
        self.assertEqual(receipt.places, ("database", "vector store", "dataset"))
        self.assertEqual(self.published(), ["second"])

    async def test_a_deletion_that_was_interrupted_before_the_vector_store_is_finished_at_the_next_start(self) -> None:
        await self.completed()
        await self.admin.publish()
        with (
            mock.patch.object(self.index, "delete", side_effect=OSError("killed")),
            self.assertRaises(ConversationGenomeError),
        ):
            await self.admin.delete("first")
        self.assertIn("first", self.index.records)
        await self.restart()
        self.assertEqual((self.index.records, self.published()), ({}, []))
        self.assertEqual((await self.rows())["deletions"], 0)

    async def test_a_deletion_that_was_interrupted_before_the_dataset_is_finished_by_asking_again(self) -> None:
        await self.completed()
        await self.admin.publish()
        with (
            mock.patch.object(self.server.publisher, "publish", side_effect=OSError("the disk is full")),
            self.assertRaises(ConversationGenomeError),
        ):
            await self.admin.delete("first")
        self.assertEqual((await self.admin.delete("first")).places, ("database", "vector store", "dataset"))
        self.assertEqual(self.published(), [])
        with self.assertRaises(NotFoundError):
            await self.admin.delete("first")

    async def test_another_conversation_that_came_in_under_its_id_meanwhile_stays(self) -> None:
        await self.completed()
        with (
            mock.patch.object(self.index, "delete", side_effect=OSError("killed")),
            self.assertRaises(ConversationGenomeError),
        ):
            await self.admin.delete("first")
        await self.completed(record("first", lines=14))
        await self.restart()
        while await self.server.merger.merge_next():
            pass
        self.assertEqual(list(self.index.records), ["first"])
        self.assertEqual((await self.admin.conversation("first")).summary.state, ConversationState.PUBLISHED)

    async def test_a_lease_on_it_is_over(self) -> None:
        bundle = await self.leased()
        await self.admin.delete("first")
        with self.assertRaises(LeaseNotFoundError):
            await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
