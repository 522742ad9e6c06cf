"""Whatever a miner does with a question becomes a Reply."""

import asyncio
import unittest
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from unittest.mock import patch

import httpx2

from conversation_genome.annotation import Hotkey, Outcome
from conversation_genome.chain.base import Endpoint
from conversation_genome.client.miners import TASKS_PATH, MinerCaller, Reply
from conversation_genome.errors import UnavailableError
from conversation_genome.protocol.messages import MAX_ANSWER_BYTES, MinerTask
from conversation_genome.protocol.signing import MemoryNonceStore, Signer, verify

MINER = Hotkey("5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty")
Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]


def task(timeout_seconds: float = 5.0) -> MinerTask:
    return MinerTask(
        task_id="t",
        task_type="conversation_tagging",
        participants=("SPEAKER_0",),
        lines=((0, "hello"),),
        timeout_seconds=timeout_seconds,
    )


def respond(status: str, body: bytes) -> Answering:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    return answer


@asynccontextmanager
async def miner(answer: Answering) -> AsyncIterator[Endpoint]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):  # the test is over
            await answer(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Endpoint(host="127.0.0.1", port=server.sockets[0].getsockname()[1])


class MinerCallerTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.caller = MinerCaller(Signer.from_uri("//Alice"))
        self.addAsyncCleanup(self.caller.aclose)

    async def ask(self, answer: Answering, question: MinerTask | None = None) -> Reply:
        async with miner(answer) as endpoint:
            return await self.caller.ask(MINER, endpoint.url, question or task())

    async def test_a_connection_that_is_closed_while_it_is_made_is_a_miner_out_of_reach(self) -> None:
        gone = AttributeError("'NoneType' object has no attribute 'getpeername'")  # what httpcore2 was seen to raise
        with patch.object(httpx2.AsyncHTTPTransport, "handle_async_request", side_effect=gone):
            reply = await self.ask(respond("200 OK", b"{}"))
        self.assertEqual((reply.outcome, reply.detail.split(" at ")[0]), (Outcome.UNREACHABLE, "ConnectError"))

    async def test_on_a_public_network_nobody_is_asked_within_this_machine_or_beside_it(self) -> None:
        told = []

        async def inside(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told.append(await reader.read(1))
            writer.close()

        caller = MinerCaller(Signer.from_uri("//Alice"), public_only=True)
        self.addAsyncCleanup(caller.aclose)
        async with miner(inside) as endpoint:
            port = endpoint.port
            for host in (
                "127.0.0.1",
                "10.0.0.7",
                "169.254.169.254",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "[fd00::1]",
                "localhost",
            ):
                reply = await caller.ask(MINER, f"http://{host}:{port}", task())
                self.assertEqual((reply.outcome, reply.body), (Outcome.UNREACHABLE, b""), host)
                self.assertIn("no public address", reply.detail)
        self.assertEqual(told, [])

    async def test_on_a_public_network_public_addresses_are_asked(self) -> None:
        caller = MinerCaller(Signer.from_uri("//Alice"), public_only=True)
        self.addAsyncCleanup(caller.aclose)
        asked = []

        async def refuse(_: object, request: httpx2.Request) -> httpx2.Response:
            asked.append(request.url.host)
            raise httpx2.ConnectError("refused")

        with patch.object(httpx2.AsyncHTTPTransport, "handle_async_request", refuse):
            for host in ("8.8.8.8", "[2606:4700::1]"):
                await caller.ask(MINER, f"http://{host}:8091", task())
        self.assertEqual(set(asked), {"8.8.8.8", "2606:4700::1"})

    async def test_a_body_in_time_is_handed_on_as_it_is(self) -> None:
        reply = await self.ask(respond("200 OK", b'{"tags": []}'))
        self.assertEqual((reply.outcome, reply.body), (Outcome.SCORED, b'{"tags": []}'))

    async def test_a_miner_that_stays_silent_is_late(self) -> None:
        async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        reply = await self.ask(silence, task(timeout_seconds=0.2))
        self.assertEqual(reply.outcome, Outcome.LATE)
        self.assertIn("0.2 s", reply.detail)

    async def test_a_miner_that_drips_its_answer_is_late_too(self) -> None:
        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
            for _ in range(100):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)

        self.assertEqual((await self.ask(drip, task(timeout_seconds=0.3))).outcome, Outcome.LATE)

    async def test_an_answer_without_end_is_cut_off(self) -> None:
        reply = await self.ask(respond("200 OK", b"x" * (MAX_ANSWER_BYTES + 1)))
        self.assertEqual((reply.outcome, reply.body), (Outcome.TOO_LARGE, b""))

    async def test_an_error_of_the_miner_is_a_refusal_with_its_words(self) -> None:
        reply = await self.ask(respond("403 Forbidden", b"no permit"))
        self.assertEqual(reply.outcome, Outcome.REFUSED)
        self.assertIn("403", reply.detail)
        self.assertIn("no permit", reply.detail)

    async def test_a_miner_that_talks_nonsense_is_unreachable(self) -> None:
        self.assertEqual((await self.ask(respond("", b""))).outcome, Outcome.UNREACHABLE)

    async def test_a_port_where_nobody_listens_is_unreachable(self) -> None:
        async with miner(respond("200 OK", b"")) as endpoint:
            pass
        self.assertEqual((await self.caller.ask(MINER, endpoint.url, task())).outcome, Outcome.UNREACHABLE)

    async def test_an_endpoint_that_is_no_host_is_unreachable(self) -> None:
        nowhere = Endpoint(host="not a host/..", port=1)
        self.assertEqual((await self.caller.ask(MINER, nowhere.url, task())).outcome, Outcome.UNREACHABLE)

    async def test_the_question_is_signed_for_this_miner(self) -> None:
        seen: dict[str, str] = {}
        bodies: list[bytes] = []

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            for line in head.split("\r\n")[1:-2]:
                name, _, value = line.partition(": ")
                seen[name.lower()] = value
            bodies.append(await reader.readexactly(int(seen["content-length"])))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
            writer.close()

        await self.ask(listen)
        caller = verify(seen, bodies[0], method="POST", path=TASKS_PATH, receiver=MINER, nonces=MemoryNonceStore())
        self.assertEqual(caller, Signer.from_uri("//Alice").hotkey)

    async def test_a_connection_that_is_dropped_once_is_tried_again_with_a_new_signature(self) -> None:
        nonces: list[str] = []

        async def drop_the_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            nonces.append(next(line for line in head.split("\r\n") if line.startswith("x-bittensor-nonce")))
            if len(nonces) > 1:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
            writer.close()

        self.assertEqual((await self.ask(drop_the_first)).outcome, Outcome.SCORED)
        self.assertEqual(len(set(nonces)), 2)

    async def test_an_answer_that_broke_off_in_the_middle_is_not_asked_for_again(self) -> None:
        asked = 0

        async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal asked
            asked += 1
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
            await writer.drain()
            writer.close()

        reply = await self.ask(break_off)
        self.assertEqual((reply.outcome, asked), (Outcome.UNREACHABLE, 1))
        self.assertIn("after 1 bytes of an answer", reply.detail)

    async def test_a_connection_that_fails_twice_is_tried_no_third_time(self) -> None:
        asked = 0

        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal asked
            asked += 1
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

        self.assertEqual((await self.ask(hang_up)).outcome, Outcome.UNREACHABLE)
        self.assertEqual(asked, 2)

    async def test_that_others_are_being_asked_is_not_held_against_a_miner(self) -> None:
        caller = MinerCaller(Signer.from_uri("//Alice"), connections=1)
        self.addAsyncCleanup(caller.aclose)

        async def take_a_while(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.2)
            await respond("200 OK", b"{}")(reader, writer)  # type: ignore[misc]

        async with miner(take_a_while) as endpoint:
            asked = [caller.ask(MINER, endpoint.url, task(timeout_seconds=0.35)) for _ in range(2)]
            replies = await asyncio.gather(*asked)
        self.assertEqual([reply.outcome for reply in replies], [Outcome.SCORED] * 2)

    async def test_where_no_connection_comes_free_nothing_is_said_of_the_miner(self) -> None:
        caller = MinerCaller(Signer.from_uri("//Alice"), connections=1)
        self.addAsyncCleanup(caller.aclose)

        async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        async with miner(silence) as endpoint:
            long, short = task(timeout_seconds=0.5), task(timeout_seconds=0.1)
            first = asyncio.create_task(caller.ask(MINER, endpoint.url, long))
            await asyncio.sleep(0.05)
            with self.assertRaisesRegex(UnavailableError, "1 miners are being asked already"):
                await caller.ask(MINER, endpoint.url, short)
            self.assertEqual((await first).outcome, Outcome.LATE)
