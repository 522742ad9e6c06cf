"""Eight processes whose clocks jump take leases from one database: no attempt is granted twice, none is completed twice."""

import asyncio
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from sqlalchemy import Connection, func, select

from conversation_server.db import conversations
from conversation_server.db.database import Database
from conversation_server.db.models import LeaseRow
from conversation_server.db.upgrade import upgrade_database
from tests_ap.environment import ROOT
from tests_ap.postgres import new_database

PROCESSES = 8
CONVERSATIONS = 120


class EightProcessesTest(unittest.IsolatedAsyncioTestCase):
    def database_url(self) -> str:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        return f"sqlite+aiosqlite:///{Path(folder)}/server.sqlite"

    async def asyncSetUp(self) -> None:
        self.url = self.database_url()
        self.database = Database(self.url)
        self.addAsyncCleanup(self.database.close)
        await upgrade_database(self.database)
        await self.database.transact(_fill, is_write=True)

    async def test_no_conversation_ever_has_two_holders(self) -> None:
        lines = await asyncio.gather(*(self._hammer(number) for number in range(PROCESSES)))
        events = Counter(line for lines_of_one in lines for line in lines_of_one)
        granted = [line for line in events if line.startswith("granted")]
        completed = Counter(line.split()[1] for line in events if line.startswith("completed"))
        self.assertEqual(set(events.values()), {1}, "an attempt was granted or completed twice")
        self.assertEqual(len(completed), CONVERSATIONS)
        self.assertEqual(set(completed.values()), {1}, "a conversation was completed twice")
        self.assertGreater(len(granted), CONVERSATIONS, "no lease ran out: the test tested nothing")
        async with self.database.read() as session:
            states = dict((await session.execute(select(LeaseRow.state, func.count()).group_by(LeaseRow.state))).all())
        self.assertEqual(states, {"completed": CONVERSATIONS, "expired": len(granted) - CONVERSATIONS})

    async def _hammer(self, number: int) -> list[str]:
        ahead = (number - PROCESSES / 2) / 10
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests_ap.integration.server.hammer", self.url, str(ahead), f"holder-{number}"),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        self.assertEqual(process.returncode, 0)
        return output.decode().splitlines()


class EightProcessesOnPostgreSQLTest(EightProcessesTest):
    def database_url(self) -> str:
        return new_database()


def _fill(connection: Connection) -> None:
    for number in range(CONVERSATIONS):
        row = {
            "id": f"talk {number}",
            "content_hash": f"hash {number}",
            "source": f"source {number % 3}",
            "lines": 10,
            "participants": 2,
            "windows": 3,
            "tasks": 1,
            "state": "waiting",
            "imported_at": 0.0,
            "available_at": 0.0,
        }
        record = {"body": "{}", "labels": "{}", "windows": "[]"}
        conversations.add(connection, conversations.Incoming(row, record))
