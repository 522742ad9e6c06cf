"""What the dataset is made of, as whoever may publish reads it."""

from conversation_genome.errors import AuthenticationError, InputError
from conversation_genome.record import MergedRecord
from tests_ap.unit.server.rig import ServerCase, record


class PublishedRecordsTest(ServerCase):
    async def test_every_published_record_comes_once_however_many_pages_it_takes(self) -> None:
        await self.completed(*(record(f"talk {number}") for number in range(3)))
        await self.completed()
        await self.completed()
        found = [
            MergedRecord.model_validate_json(line).conversation.id async for line in self.admin.merged_records(page=2)
        ]
        self.assertEqual(sorted(found), ["talk 0", "talk 1", "talk 2"])

    async def test_a_record_leaves_the_server_masked_and_without_labels(self) -> None:
        await self.completed()
        found = [MergedRecord.model_validate_json(line) async for line in self.admin.merged_records()]
        self.assertTrue(all(one.is_masked and not one.conversation.labels for one in found))
        self.assertEqual(len(found), 1)

    async def test_nothing_published_is_nothing(self) -> None:
        self.assertEqual([line async for line in self.admin.merged_records()], [])

    async def test_whoever_has_no_key_is_refused(self) -> None:
        async with self.administrator("") as anybody:
            with self.assertRaises(AuthenticationError):
                [line async for line in anybody.merged_records()]

    async def test_a_cursor_that_is_none_is_refused(self) -> None:
        with self.assertRaisesRegex(InputError, "no cursor"):
            await self.admin._send("GET", "/v1/publications/records?cursor=x")
