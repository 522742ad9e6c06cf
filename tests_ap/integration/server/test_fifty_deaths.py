"""The server is killed fifty times at random moments under load: nothing acknowledged is lost, nothing granted twice."""

import asyncio
import random
import sys
import tempfile
import unittest
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.client import AdminClient, ConversationServerClient
from conversation_genome.errors import UnavailableError
from conversation_genome.process import bound_socket
from conversation_genome.protocol.messages import Bundle
from conversation_server.db.database import Database
from conversation_server.db.models import ConversationRow, LeaseRow, SubmissionRow
from tests_ap.environment import ROOT
from tests_ap.postgres import new_database
from tests_ap.unit.server.rig import ALICE, BOB, KEY, NETUID, SERVER, record, submission, tasks_of, truth_of

DEATHS = 50
MINERS = 6
AHEAD = 12
"""Conversations that are imported before they are needed."""
SEED = 20261120
Result = TypeVar("Result")


class FiftyDeathsTest(unittest.IsolatedAsyncioTestCase):
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder}/server.sqlite"

    async def asyncSetUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        ledger = LocalLedger.create(self.folder / "ledger.sqlite", netuid=NETUID)
        for validator in (ALICE, BOB):
            ledger.register(NETUID, validator.hotkey, stake=100.0)
        with bound_socket("127.0.0.1", 0) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_at = self.database_url()
        self.submitted: set[tuple[str, str, str]] = set()
        self.completed: list[str] = []
        self.granted: dict[str, set[str]] = {}
        self.answered = asyncio.Event()
        self.is_over = False

    async def test_nothing_acknowledged_is_lost_and_nothing_is_granted_twice(self) -> None:
        server = await self._server()
        work = [asyncio.create_task(self._import())]
        work += [asyncio.create_task(self._validate(who)) for who in (ALICE, BOB)]
        chance = random.Random(SEED)
        for _ in range(DEATHS):
            if chance.random() < 0.9:  # else it dies while it starts
                await self._work_goes_on()
            await asyncio.sleep(chance.uniform(0.0, 0.2))
            await self._kill(server)
        self.is_over = True
        await asyncio.gather(*work)
        await self._check()

    async def _server(self) -> asyncio.subprocess.Process:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests_ap.integration.server.mortal"),
            *(str(self.folder), self.database_at, str(self.port)),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self.addAsyncCleanup(self._end, server)
        assert server.stdout is not None
        self.assertEqual(await server.stdout.readline(), b"started\n")
        return server

    async def _end(self, server: asyncio.subprocess.Process) -> None:
        assert server.stdin is not None
        server.stdin.close()
        await server.wait()

    async def _work_goes_on(self) -> None:
        self.answered.clear()
        await self.answered.wait()

    async def _kill(self, server: asyncio.subprocess.Process) -> None:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"\n")
        self.assertEqual(await server.stdout.readline(), b"started\n")

    async def _import(self) -> None:
        """Keep more conversations waiting than validators can take."""
        number = 0
        async with AdminClient(self.url, KEY) as admin:
            while not self.is_over:
                if number < len(self.completed) + AHEAD:
                    await self._acknowledged(lambda: admin.import_records([record(f"talk {number}", lines=30)]))  # noqa: B023
                    number += 1
                await asyncio.sleep(0.01)

    async def _validate(self, who: object) -> None:
        async with ConversationServerClient(self.url, who, SERVER.hotkey) as validator:  # type: ignore[arg-type]
            while not self.is_over:
                bundle = await self._acknowledged(validator.lease)
                if bundle is not None:
                    self.granted.setdefault(str(bundle.conversation["id"]), set()).add(bundle.lease_id)
                    await self._grade(validator, bundle)

    async def _grade(self, validator: ConversationServerClient, bundle: Bundle) -> None:
        await self._acknowledged(lambda: validator.put_ground_truth(bundle.lease_id, truth_of(bundle)))
        answers = [submission(bundle, window, f"miner-{n}") for n in range(MINERS) for window in tasks_of(bundle)]
        for answer in answers:
            await self._acknowledged(lambda: validator.submit(answer))  # noqa: B023
            self.submitted.add((bundle.lease_id, answer.window_id, answer.miner_hotkey))
            self.answered.set()
        await self._acknowledged(lambda: validator.complete(bundle.lease_id))
        self.completed.append(bundle.lease_id)

    async def _acknowledged(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Ask until there is an answer, as a validator does; the answer is the acknowledgement."""
        while True:
            try:
                result = await call()
            except UnavailableError:
                await asyncio.sleep(0.01)
            else:
                return result

    async def _check(self) -> None:
        database = Database(self.database_at)
        self.addAsyncCleanup(database.close)
        async with database.read() as session:
            stored = Counter(
                (row.lease, row.window_id, row.miner_hotkey) for row in await session.scalars(select(SubmissionRow))
            )
            leases = {row.id: row for row in await session.scalars(select(LeaseRow))}
            attempts = {row.id: row.attempts for row in await session.scalars(select(ConversationRow))}
        self.assertGreater(len(self.submitted), DEATHS // 2, "there was no load")
        self.assertEqual(self.submitted - stored.keys(), set(), "acknowledged, and lost")
        self.assertEqual(set(stored.values()), {1})
        self.assertEqual({leases[one].state for one in self.completed}, {"completed"})
        self.assertEqual({name: len(ids) for name, ids in self.granted.items() if len(ids) != 1}, {}, "granted twice")
        self.assertEqual({name: count for name, count in attempts.items() if count > 1}, {}, "granted twice")


class FiftyDeathsOnPostgreSQLTest(FiftyDeathsTest):
    def database_url(self) -> str:
        return new_database()
