"""`/healthz` says that the process lives, `/readyz` that it can work; the numbers are given in any case."""

import asyncio

import httpx2
from sqlalchemy import Connection, text

from tests_ap.postgres import drop_database
from tests_ap.unit.server.rig import URL, OnPostgreSQL, ServerCase, record


class ReadinessTest(ServerCase):
    async def get(self, path: str) -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url=URL) as client:
            return await client.get(path)

    async def lose_the_database(self) -> None:
        """Take away the tables that it works on: a file that is open cannot be lost."""

        def take_away(connection: Connection) -> None:
            for table in ("conversations", "alembic_version"):
                connection.execute(text(f"ALTER TABLE {table} RENAME TO lost_{table}"))

        await self.server.database.transact(take_away, is_write=True)

    async def test_a_server_that_works_is_ready(self) -> None:
        response = await self.get("/readyz")
        self.assertEqual((response.status_code, response.json()["status"]), (200, "ready"))

    async def test_a_server_without_its_database_is_alive_and_not_ready(self) -> None:
        await self.lose_the_database()
        response = await self.get("/readyz")
        self.assertEqual((response.status_code, response.json()["code"]), (503, "unavailable"))
        self.assertEqual((await self.get("/healthz")).status_code, 200)

    async def test_a_server_whose_merging_ended_is_not_ready(self) -> None:
        assert self.server._merging is not None
        self.server._merging.cancel()
        await asyncio.wait([self.server._merging])
        self.assertEqual((await self.get("/readyz")).status_code, 503)

    async def test_the_numbers_are_given_without_the_database_and_say_so(self) -> None:
        await self.admin.import_records([record("first")])
        page = (await self.get("/metrics")).text
        self.assertIn("cgp_database_up 1.0", page)
        self.assertIn('cgp_conversations{state="waiting"} 1.0', page)
        await self.lose_the_database()
        page = (await self.get("/metrics")).text
        self.assertIn("cgp_database_up 0.0", page)
        self.assertNotIn("cgp_conversations{", page)
        self.assertIn('cgp_imported_conversations_total{result="imported"} 1.0', page)


class ReadinessOnPostgreSQLTest(OnPostgreSQL, ReadinessTest):
    async def lose_the_database(self) -> None:
        """Drop it, with every connection to it."""
        drop_database(self.url)
