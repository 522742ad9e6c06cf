"""One HTTP exchange: whole answers and nothing else, bounded, over connections that are used again."""

import asyncio
import unittest
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conversation_genome.client.exchange import Exchanger, HttpReply
from conversation_genome.errors import ExchangeError, ReplyTooLargeError

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


class Peer:
    """Answers every request with the same bytes; closes the connection after it if it is told to."""

    def __init__(self, answer: bytes, *, closes: bool = False) -> None:
        self.connections = 0
        self.heads: list[bytes] = []
        self._answer = answer
        self._closes = closes

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                await reader.readexactly(4)
                writer.write(self._answer)
                await writer.drain()
                if self._closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


class ExchangeTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.exchanger = self.enterContext(Exchanger(keepalive_seconds=5.0))

    async def send(self, url: str, headers: dict[str, str] | None = None, max_bytes: int = 100) -> HttpReply:
        return await self.exchanger.send("POST", url, headers=headers or {}, body=b"ping", max_bytes=max_bytes)

    async def answer(self, raw: bytes, *, closes: bool = True) -> HttpReply:
        async with Peer(raw, closes=closes).serve() as url:
            return await self.send(url)

    async def test_a_connection_is_used_again(self) -> None:
        peer = Peer(OK)
        async with peer.serve() as url:
            for _ in range(3):
                self.assertEqual(await self.send(url), HttpReply(200, b"{}"))
            self.exchanger.close()
        self.assertEqual((peer.connections, len(peer.heads)), (1, 3))

    async def test_requests_at_the_same_time_do_not_share_a_connection(self) -> None:
        peer = Peer(OK)
        async with peer.serve() as url:
            await asyncio.gather(*(self.send(url) for _ in range(3)))
            self.exchanger.close()
        self.assertEqual(peer.connections, 3)

    async def test_path_query_and_headers_are_sent_as_they_are(self) -> None:
        peer = Peer(OK, closes=True)
        async with peer.serve() as url:
            await self.send(f"{url}/v1/a%2Fb?q=1&r=%20", {"X-Name": "value"})
        lines = peer.heads[0].split(b"\r\n")
        self.assertEqual(lines[0], b"POST /v1/a%2Fb?q=1&r=%20 HTTP/1.1")
        self.assertLessEqual({b"X-Name: value", b"content-length: 4", b"host: " + url[7:].encode()}, set(lines))

    async def test_every_way_of_ending_a_body_is_understood(self) -> None:
        for raw in (
            OK,
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n\r\n{}",
            b"HTTP/1.0 200 OK\r\n\r\n{}",
            b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        ):
            self.assertEqual(await self.answer(raw), HttpReply(200, b"{}"), raw)

    async def test_half_an_answer_is_none(self) -> None:
        for raw in (
            b"",
            b"HTTP/1.1 200 OK\r\ncontent-le",
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"SSH-2.0-OpenSSH_9.6\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        ):
            with self.assertRaises(ExchangeError, msg=raw):
                await self.answer(raw)

    async def test_a_body_or_a_head_without_end_is_cut_off(self) -> None:
        chunks = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"fff\r\n" + b"x" * 4_095 + b"\r\n"
        for raw in (
            b"HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n" + b"x" * 101,
            b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000,
            chunks + (b"fff\r\n" + b"x" * 4_095 + b"\r\n") * 20,
        ):
            with self.assertRaises(ReplyTooLargeError, msg=raw[:60]):
                await self.answer(raw)

    async def test_an_answer_too_many_is_never_taken_for_the_next_one(self) -> None:
        peer = Peer(OK + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfake")
        async with peer.serve() as url:
            replies = [await self.send(url) for _ in range(3)]
            self.exchanger.close()
        self.assertEqual([reply.body for reply in replies], [b"{}"] * 3)
        self.assertEqual(peer.connections, 3)

    async def test_what_cannot_be_sent_is_refused(self) -> None:
        for url, headers in (
            ("http://127.0.0.1:1/", {"x": "a\r\nb: c"}),
            ("http://127.0.0.1:1/", {"x": "ü"}),
            ("http://not a host/", {}),
            ("ftp://127.0.0.1/", {}),
            ("http://127.0.0.1:99999/", {}),
            ("http:///path", {}),
        ):
            with self.assertRaises(ExchangeError, msg=(url, headers)):
                await self.send(url, headers)
