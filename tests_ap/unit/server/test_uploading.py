"""An import whose connection is lost goes on; one that finds nobody ends at once."""

import asyncio
import unittest
from collections.abc import Iterable, Mapping
from typing import Any
from unittest import mock

from conversation_genome.client import AdminClient, uploading
from conversation_genome.client.uploading import upload
from conversation_genome.conversation import Conversation
from conversation_genome.errors import UnavailableError
from conversation_genome.protocol.messages import ImportReport
from tests_ap.unit.server.rig import KEY, URL, ServerCase, record

TALKS = [Conversation.from_record(record(f"talk {number}")) for number in range(5)]


class Forgetful(AdminClient):
    """Loses the connection after the server stored what it was sent, so many times."""

    losses = 0

    async def import_records(self, records: Iterable[Mapping[str, Any] | bytes]) -> ImportReport:
        report = await super().import_records(records)
        if self.losses:
            self.losses -= 1
            raise UnavailableError("the server disconnected without sending a response")
        return report


class UploadTest(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.enterContext(mock.patch.object(uploading, "WAITS_SECONDS", (0.0, 0.0)))
        self.client = Forgetful(URL, KEY, asgi_app=self.app)
        self.addAsyncCleanup(self.client.aclose)

    async def uploaded(self) -> tuple[int, int]:
        """Return how many were imported, and how many were there before."""
        sent = [one async for one in upload(self.client, TALKS)]
        return sum(one.imported for one in sent), sum(one.present for one in sent)

    async def test_the_first_batch_too_is_tried_again_and_nothing_is_stored_twice(self) -> None:
        self.client.losses = 1
        self.assertEqual(await self.uploaded(), (0, len(TALKS)))
        self.assertEqual(sum((await self.admin.stats()).conversations.values()), len(TALKS))

    async def test_a_server_that_stays_away_ends_it(self) -> None:
        self.client.losses = 99
        never = mock.patch.object(self.client, "known_content", return_value=frozenset())
        with never, self.assertRaises(UnavailableError):
            await self.uploaded()
        self.assertEqual(self.client.losses, 99 - 3)

    async def test_where_nobody_listens_it_ends_at_once(self) -> None:
        self.enterContext(mock.patch.object(uploading, "WAITS_SECONDS", (1e6,)))
        async with AdminClient("http://127.0.0.1:9", KEY) as nobody, asyncio.timeout(60):
            with self.assertRaisesRegex(UnavailableError, "is it running"):
                async for _ in upload(nobody, TALKS):
                    pass


if __name__ == "__main__":
    unittest.main()
