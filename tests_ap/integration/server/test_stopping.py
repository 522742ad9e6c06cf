"""A server that is told to stop ends what it was asked before, takes nothing new, and is gone in bounded time."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx2
import orjson

from conversation_genome.client import AdminClient
from conversation_genome.errors import UnavailableError
from conversation_server.__main__ import STOP_SECONDS
from tests_ap.integration.server.process import KEY, ProcessCase
from tests_ap.unit.server.rig import record


class StoppingTest(ProcessCase):
    async def signal(self) -> None:
        assert self.server.process is not None
        self.server.process.terminate()

    async def exit_code(self) -> int:
        assert self.server.process is not None
        return await asyncio.to_thread(self.server.process.wait, 30)

    async def import_slowly(self, begun: asyncio.Event, go_on: asyncio.Event) -> httpx2.Response:
        async def body() -> AsyncIterator[bytes]:
            yield orjson.dumps(record("before the signal")) + b"\n"
            begun.set()
            await go_on.wait()
            yield orjson.dumps(record("after the signal")) + b"\n"

        headers = {"authorization": f"Bearer {KEY}", "content-type": "application/x-ndjson"}
        async with httpx2.AsyncClient(trust_env=False, timeout=30.0) as client:
            return await client.post(f"{self.server.url}/v1/conversations", content=body(), headers=headers)

    async def refused(self) -> None:
        """Wait until the server takes no connection any more."""
        async with AdminClient(self.server.url) as client:
            while await client.is_ready():  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.02)

    async def test_a_request_that_was_begun_is_answered_whole_and_no_new_one_is_taken(self) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()
        request = asyncio.create_task(self.import_slowly(begun, go_on))
        await begun.wait()
        await asyncio.sleep(0.2)
        await self.signal()
        await self.refused()
        go_on.set()
        response = await request
        self.assertEqual((response.status_code, response.json()["imported"]), (200, 2))
        self.assertEqual(await self.exit_code(), 0)
        self.assertNotIn("Traceback", self.server.log())

    async def test_a_request_that_never_ends_holds_the_server_up_for_a_bounded_time_only(self) -> None:
        begun = asyncio.Event()
        request = asyncio.create_task(self.import_slowly(begun, asyncio.Event()))
        await begun.wait()
        await asyncio.sleep(0.2)
        started = time.monotonic()
        await self.signal()
        self.assertEqual(await self.exit_code(), 0)
        self.assertGreaterEqual(time.monotonic() - started, STOP_SECONDS - 0.5)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)

    async def test_what_was_acknowledged_under_load_is_there_after_a_restart_and_the_rest_was_refused_cleanly(
        self,
    ) -> None:
        acknowledged: set[str] = set()

        async def work(client: int) -> None:
            async with self.server.admin() as admin:
                for number in range(1_000):
                    name = f"{client}-{number}"
                    try:
                        report = await admin.import_records([record(name)])
                    except UnavailableError as exc:
                        self.assertIn("does not answer", str(exc))
                        return
                    self.assertEqual(report.imported, 1)
                    acknowledged.add(name)

        jobs = [asyncio.create_task(work(client)) for client in range(8)]
        while len(acknowledged) < 24:  # noqa: ASYNC110 - it is a number
            await asyncio.sleep(0.02)
        await self.signal()
        await asyncio.gather(*jobs)
        self.assertEqual(await self.exit_code(), 0)
        self.assertNotIn("Traceback", self.server.log())
        self.server.close()
        self.server.start()
        await self.server.ready()
        async with self.server.admin() as admin:
            found = {one.id for one in (await admin.conversations(limit=500)).conversations}
        self.assertLessEqual(acknowledged, found)
