"""While the database is away every route says so, and when to try again; when it is back nothing has to be restarted."""

import sqlite3
from contextlib import closing
from pathlib import Path
from unittest import mock

import httpx2

from conversation_genome.errors import UnavailableError
from conversation_genome.protocol.messages import LeaseRequest
from conversation_server.db import sqlite_driver
from tests_ap import postgres
from tests_ap.unit.server.rig import ALICE, KEY, SERVER, URL, OnPostgreSQL, ServerCase, record

READS = ("/v1/stats", "/v1/conversations", "/v1/conversations/first", "/v1/tags", "/v1/miners", "/v1/publications")


class OutageCase(ServerCase):
    async def ask(self, method: str, path: str, body: bytes = b"", *, is_signed: bool = False) -> httpx2.Response:
        headers = {"authorization": f"Bearer {KEY}"}
        if is_signed:
            headers = ALICE.headers(method=method, path=path, body=body, receiver=SERVER.hotkey)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url=URL) as client:
            return await client.request(method, path, content=body, headers=headers)

    async def lease(self) -> httpx2.Response:
        return await self.ask("POST", "/v1/leases", LeaseRequest().model_dump_json().encode(), is_signed=True)

    def check_away(self, response: httpx2.Response) -> None:
        self.assertEqual((response.status_code, response.json()["code"]), (503, "database_away"), response.text)
        self.assertGreaterEqual(int(response.headers["retry-after"]), 1)
        self.assertEqual(response.json()["message"], "the database cannot be used now; try again in a while")


class OutageOfPostgreSQLTest(OnPostgreSQL, OutageCase):
    async def test_while_it_is_stopped_routes_say_so_and_go_on_when_it_is_back(self) -> None:
        await self.admin.import_records([record("first")])
        postgres.stop_server()
        try:
            for path in READS:
                self.check_away(await self.ask("GET", path))
            self.check_away(await self.lease())
            self.check_away(await self.ask("POST", "/v1/conversations", b'{"id": "second"}'))
            self.assertEqual((await self.ask("GET", "/healthz")).status_code, 200)
            self.assertEqual((await self.ask("GET", "/readyz")).status_code, 503)
            self.assertEqual((await self.ask("GET", "/console/login")).status_code, 200)
        finally:
            postgres.start_server()
        for path in READS:
            self.assertEqual((await self.ask("GET", path)).status_code, 200, path)
        self.assertEqual((await self.lease()).status_code, 201)


class OutageOfSQLiteTest(OutageCase):
    @property
    def file(self) -> Path:
        return self.folder / "server.sqlite"

    async def asyncSetUp(self) -> None:
        pragmas = tuple(each.replace("15000", "50") for each in sqlite_driver._PRAGMAS)
        self.enterContext(mock.patch.object(sqlite_driver, "_PRAGMAS", pragmas))
        await super().asyncSetUp()
        await self.admin.import_records([record("first")])

    async def test_while_somebody_else_writes_for_long_a_lease_is_refused_and_reading_goes_on(self) -> None:
        with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.check_away(await self.lease())
            self.assertEqual((await self.ask("GET", "/v1/stats")).status_code, 200)
            other.execute("ROLLBACK")
        self.assertEqual((await self.lease()).status_code, 201)

    async def test_nothing_is_written_to_a_file_that_was_taken_away(self) -> None:
        away = self.file.rename(self.folder / "away.sqlite")
        with self.assertRaisesRegex(UnavailableError, "is gone; put it back"):
            await self.alice.lease()
        away.rename(self.file)
        self.assertIsNotNone(await self.alice.lease())

    async def test_nothing_is_written_while_another_file_lies_in_its_place(self) -> None:
        away = self.file.rename(self.folder / "away.sqlite")
        self.file.write_bytes(away.read_bytes())
        with self.assertRaisesRegex(UnavailableError, "another file lies in the place"):
            await self.alice.lease()
        away.replace(self.file)
        self.assertIsNotNone(await self.alice.lease())
