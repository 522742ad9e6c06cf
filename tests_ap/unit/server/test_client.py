"""The client: a lost connection is tried once more with a fresh signature; what it cannot read it says."""

import asyncio
import unittest
from collections.abc import Callable

from conversation_genome.client import AdminClient, ConversationServerClient
from conversation_genome.client.transport import target
from conversation_genome.errors import AuthenticationError, UnavailableError
from conversation_genome.process import bound_socket
from tests_ap.unit.server.rig import ALICE, SERVER

Answer = Callable[[int, dict[str, str]], bytes | None]
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class FaultyServer:
    """Answers raw bytes; None closes the connection without a word."""

    def __init__(self, answer: Answer) -> None:
        self.nonces: list[str] = []
        self._answer = answer

    async def __aenter__(self) -> str:
        listener = bound_socket("127.0.0.1", 0)
        self._server = await asyncio.start_server(self._serve, sock=listener)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n"))}
        await reader.readexactly(int(headers.get("content-length", "0")))
        self.nonces.append(headers.get("x-bittensor-nonce", ""))
        answer = self._answer(len(self.nonces), headers)
        if answer is not None:
            writer.write(answer)
            await writer.drain()
        writer.close()


def answer_of(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (status, len(body), body)


class ClientTest(unittest.IsolatedAsyncioTestCase):
    async def lease(self, url: str) -> object:
        async with ConversationServerClient(url, ALICE, SERVER.hotkey, timeout_seconds=5.0) as client:
            return await client.lease()

    async def test_a_lost_connection_is_tried_once_more_and_signed_anew(self) -> None:
        server = FaultyServer(lambda number, _: None if number == 1 else NO_CONTENT)
        async with server as url:
            self.assertIsNone(await self.lease(url))
        self.assertEqual(len(set(server.nonces)), 2)

    async def test_a_connection_that_is_lost_twice_is_given_up(self) -> None:
        server = FaultyServer(lambda *_: None)
        async with server as url:
            with self.assertRaisesRegex(UnavailableError, "does not answer"):
                await self.lease(url)
        self.assertEqual(len(server.nonces), 2)

    async def test_a_server_that_is_not_there_is_unavailable(self) -> None:
        with bound_socket("127.0.0.1", 0) as free:
            url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with self.assertRaisesRegex(UnavailableError, "is it running"):
            await self.lease(url)
        async with AdminClient(url) as admin:
            self.assertFalse(await admin.is_ready())

    async def test_an_answer_of_something_else_is_unavailable(self) -> None:
        for answer in (answer_of(200, b"<html>"), answer_of(200, b"{}"), answer_of(502, b"Bad Gateway")):
            async with FaultyServer(lambda *_, answer=answer: answer) as url:
                with self.assertRaises(UnavailableError):
                    await self.lease(url)

    async def test_a_problem_becomes_the_error_that_it_names(self) -> None:
        body = b'{"code": "not_authenticated", "message": "who are you?", "request_id": null}'
        async with FaultyServer(lambda *_: answer_of(401, body)) as url:
            with self.assertRaisesRegex(AuthenticationError, "who are you"):
                await self.lease(url)

    async def test_a_problem_of_an_unknown_kind_is_unavailable(self) -> None:
        body = b'{"code": "from the future", "message": "later", "request_id": null}'
        async with FaultyServer(lambda *_: answer_of(418, body)) as url:
            with self.assertRaisesRegex(UnavailableError, "later"):
                await self.lease(url)

    def test_ids_and_queries_are_quoted(self) -> None:
        self.assertEqual(target("conversations", "a/b?c #ü"), "/v1/conversations/a%2Fb%3Fc%20%23%C3%BC")
        self.assertEqual(target("search", q="a b&c", limit=3, cursor=None), "/v1/search?q=a+b%26c&limit=3")
