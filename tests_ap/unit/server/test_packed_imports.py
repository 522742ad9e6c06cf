"""An import may come packed with gzip; what it unpacks to is bounded while it is unpacked."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator

import httpx2
import orjson

from conversation_server.unpacking import ALWAYS_BYTES, MAX_RATIO
from tests_ap.unit.server.rig import KEY, URL, ServerCase, record


def lines(*names: str) -> bytes:
    return b"".join(orjson.dumps(record(name)) + b"\n" for name in names)


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


class PackedImportTest(ServerCase):
    async def send(self, body: bytes, *, size: int = 1_000, encoding: str = "gzip") -> httpx2.Response:
        headers = {"authorization": f"Bearer {KEY}", "content-encoding": encoding}
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url=URL) as client:
            return await client.post("/v1/conversations", content=pieces(body, size), headers=headers)

    async def names(self) -> list[str]:
        return [one.id for one in (await self.admin.conversations()).conversations]

    async def test_what_is_packed_goes_in_wherever_the_stream_is_cut(self) -> None:
        for number, (size, encoding) in enumerate(((1, "gzip"), (7, "X-GZIP"), (100_000, "gzip"))):
            response = await self.send(gzip.compress(lines(f"talk {number}")), size=size, encoding=encoding)
            self.assertEqual((response.status_code, response.json()["imported"]), (200, 1), response.text)
        self.assertEqual(await self.names(), ["talk 0", "talk 1", "talk 2"])

    async def test_several_members_are_one_body(self) -> None:
        response = await self.send(gzip.compress(lines("first")) + gzip.compress(lines("second")), size=64)
        self.assertEqual(response.json()["imported"], 2)

    async def test_an_empty_body_imports_nothing(self) -> None:
        self.assertEqual((await self.send(b"")).json()["imported"], 0)
        self.assertEqual((await self.send(gzip.compress(b""))).json()["imported"], 0)

    async def test_a_body_that_is_cut_off_or_no_gzip_is_named(self) -> None:
        whole = gzip.compress(lines("first"))
        for body, fault in ((whole[:-20], "ends in its middle"), (b"no gzip at all", "is no gzip"), (whole + b"x", "")):
            response = await self.send(body)
            self.assertEqual((response.status_code, response.json()["code"]), (422, "bad_input"), response.text)
            self.assertIn(fault, response.json()["message"])

    async def test_a_bomb_is_refused_and_never_lies_in_memory(self) -> None:
        bomb = gzip.compress(b"\n" * 300_000_000)
        self.assertGreater(300_000_000, ALWAYS_BYTES + MAX_RATIO * len(bomb))
        tracemalloc.start()
        try:
            response = await self.send(bomb, size=65_536)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        self.assertEqual((response.status_code, response.json()["code"]), (413, "request_too_large"), response.text)
        self.assertLess(peak, 20_000_000)
