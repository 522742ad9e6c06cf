"""The service: who may ask, what is refused and how, and that tasks are bounded."""

import asyncio
import json
import threading
import unittest
from typing import Any
from unittest.mock import patch

import httpx2
from structlog.testing import capture_logs

from conversation_genome.annotation import Tag
from conversation_genome.chain.admission import Admission
from conversation_genome.errors import ChainError, InputError
from conversation_genome.protocol.messages import MAX_TASK_BYTES, MinerAnswer, MinerTask, Problem
from conversation_genome.protocol.signing import MemoryNonceStore, Signer
from conversation_genome.testing.chain import RecordingChain
from miner import service
from miner.service import MinerService
from tests_ap.unit.miner.tasks import a_task

NETUID = 33
MINER, VALIDATOR, STRANGER = (Signer.from_uri(f"//{name}") for name in ("Miner", "Validator", "Stranger"))
PATH = "/v1/tasks"


class Echo:
    """Answers at once, or when the test says so."""

    concurrency = 1

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.begun: list[str] = []
        self.has_begun = threading.Event()
        self.failure: Exception | None = None

    def answer(self, task: MinerTask) -> MinerAnswer | bytes:
        self.begun.append(task.task_id)
        self.has_begun.set()
        self.may_answer.wait(5)
        if self.failure is not None:
            raise self.failure
        return (
            b"[{}]" if task.task_id == "bytes" else MinerAnswer(task_id=task.task_id, tags=(Tag(text="a"),), engine="e")
        )

    def close(self) -> None:
        self.may_answer.set()


class TestService(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.logs = self.enterContext(capture_logs())
        self.chain = RecordingChain(NETUID)
        self.chain.register(NETUID, MINER.hotkey)
        self.chain.register(NETUID, VALIDATOR.hotkey, 10.0)
        admission = Admission(self.chain, NETUID, max_age_seconds=60)
        admission.refresh()
        self.behaviour = Echo()
        self.service = MinerService(
            MINER.hotkey, admission=admission, nonces=MemoryNonceStore(), behaviour=self.behaviour, min_stake=10.0
        )
        self.addCleanup(self.service.close)
        transport = httpx2.ASGITransport(self.service.app())
        self.client = await self.enterAsyncContext(httpx2.AsyncClient(transport=transport, base_url="http://miner"))

    async def ask(self, task: MinerTask | bytes, *, signer: Signer = VALIDATOR, **signed: Any) -> httpx2.Response:
        body = task if isinstance(task, bytes) else task.model_dump_json().encode()
        headers = signer.headers(**{"method": "POST", "path": PATH, "body": body, "receiver": MINER.hotkey} | signed)
        return await self.client.post(PATH, content=body, headers=headers)

    def check(self, response: httpx2.Response, status: int, code: str, words: str) -> None:
        problem = Problem.model_validate_json(response.content)
        self.assertEqual((response.status_code, problem.code), (status, code), problem.message)
        self.assertRegex(problem.message, words)
        self.assertTrue(problem.request_id)

    async def test_a_task_is_answered_and_logged(self) -> None:
        response = await self.ask(a_task())
        self.assertEqual((response.status_code, response.headers["content-type"]), (200, "application/json"))
        self.assertEqual(MinerAnswer.model_validate_json(response.content).task_id, "task-1")
        self.assertEqual([(line["event"], line["validator"]) for line in self.logs], [("Mined 1 tags", 1)])

    async def test_bytes_are_sent_as_they_are(self) -> None:
        self.assertEqual((await self.ask(a_task(task_id="bytes"))).content, b"[{}]")

    async def test_health_needs_no_signature(self) -> None:
        self.assertEqual((await self.client.get("/healthz")).json()["hotkey"], MINER.hotkey)

    async def test_who_cannot_prove_who_they_are_gets_401(self) -> None:
        self.check(await self.client.post(PATH, content=b"{}"), 401, "not_authenticated", "X-Bittensor-Version")
        self.check(await self.ask(a_task(), body=b"other"), 401, "not_authenticated", "does not verify")
        self.check(await self.ask(a_task(), receiver=STRANGER.hotkey), 401, "not_authenticated", "different receiving")
        self.check(await self.ask(a_task(), path=PATH + "?x=1"), 401, "not_authenticated", "does not verify")

    async def test_a_query_is_part_of_what_is_signed(self) -> None:
        body, path = a_task().model_dump_json().encode(), PATH + "?a=%20b&c"
        headers = VALIDATOR.headers(method="POST", path=path, body=body, receiver=MINER.hotkey)
        self.assertEqual((await self.client.post(path, content=body, headers=headers)).status_code, 200)

    async def test_who_may_not_ask_gets_403(self) -> None:
        self.check(await self.ask(a_task(), signer=STRANGER), 403, "permission_denied", "not registered")
        self.check(await self.ask(a_task(), signer=MINER), 403, "permission_denied", "no validator permit")

    async def test_too_little_stake_gets_403(self) -> None:
        self.chain.register(NETUID, STRANGER.hotkey, 9.0)
        self.service._admission.refresh()
        self.check(await self.ask(a_task(), signer=STRANGER), 403, "permission_denied", "stake of 9, less than the 10")

    async def test_a_stale_metagraph_lets_nobody_in(self) -> None:
        self.service._admission = Admission(self.chain, NETUID, max_age_seconds=60)
        self.chain.failure = ChainError("down")
        response = await self.ask(a_task())
        self.check(response, 503, "stale_metagraph", "nobody is let in")
        self.assertEqual(response.headers["retry-after"], "5")

    async def test_what_is_no_task_gets_422(self) -> None:
        good = a_task().model_dump(mode="json")
        cases = {
            b"{": "the body: Invalid JSON",
            json.dumps(good | {"protocol_version": 2}).encode(): "protocol_version: .*protocol version 1",
            json.dumps(good | {"source": "x"}).encode(): "source: Extra inputs",
            json.dumps(good | {"lines": [[2, "x"]]}).encode(): "lines.0 names speaker 2, but there are 2",
            json.dumps(good | {"timeout_seconds": float("nan")}).encode(): "timeout_seconds",
        }
        for body, words in cases.items():
            self.check(await self.ask(body), 422, "bad_input", words)
        self.assertEqual(self.behaviour.begun, [])

    async def test_what_the_behaviour_cannot_read_gets_422(self) -> None:
        self.behaviour.failure = InputError("there is no task type 'juggling'")
        self.check(await self.ask(a_task()), 422, "bad_input", "juggling")

    async def test_a_body_that_is_too_large_is_refused_before_anything_else(self) -> None:
        large = b" " * (MAX_TASK_BYTES + 1)
        self.check(await self.client.post(PATH, content=large), 413, "task_too_large", "4000001 bytes")

        async def pieces() -> Any:
            for _ in range(5):
                yield b" " * 1_000_000

        self.check(await self.client.post(PATH, content=pieces()), 413, "task_too_large", "more than the 4000000")

    async def test_a_body_that_does_not_arrive_is_not_waited_for(self) -> None:
        async def pieces() -> Any:
            yield b"{"
            await asyncio.sleep(5)

        with patch.object(service, "BODY_SECONDS", 0.05):
            self.check(await self.client.post(PATH, content=pieces()), 408, "task_too_slow", "within 0.05 s")

    async def test_a_failure_costs_one_task_and_tells_no_details(self) -> None:
        self.behaviour.failure = RuntimeError("secret")
        self.check(await self.ask(a_task()), 500, "conversation_genome_error", "^the miner failed on this task$")
        self.behaviour.failure = None
        self.assertEqual((await self.ask(a_task())).status_code, 200)
        self.assertEqual([line["log_level"] for line in self.logs], ["error", "info"])

    async def test_tasks_wait_their_turn_and_are_not_begun_when_it_comes_too_late(self) -> None:
        self.behaviour.may_answer.clear()
        first = asyncio.create_task(self.ask(a_task(task_id="first", timeout_seconds=60)))
        await asyncio.to_thread(self.behaviour.has_begun.wait, 5)
        second = asyncio.create_task(self.ask(a_task(task_id="second", timeout_seconds=0.05)))
        await asyncio.sleep(0.15)
        self.behaviour.may_answer.set()
        self.assertEqual((await first).status_code, 200)
        self.check(await second, 503, "unavailable", "waited longer than its 0.05 s")
        self.assertEqual(self.behaviour.begun, ["first"])

    async def test_more_tasks_than_may_wait_are_turned_away(self) -> None:
        self.service.reload(min_stake=10.0, room=0)
        self.behaviour.may_answer.clear()
        first = asyncio.create_task(self.ask(a_task()))
        await asyncio.to_thread(self.behaviour.has_begun.wait, 5)
        self.check(await self.ask(a_task()), 503, "busy", "0 tasks wait already, of validators with as much stake")
        self.behaviour.may_answer.set()
        self.assertEqual((await first).status_code, 200)

    async def test_a_request_is_taken_once(self) -> None:
        body = a_task().model_dump_json().encode()
        headers = VALIDATOR.headers(method="POST", path=PATH, body=body, receiver=MINER.hotkey)
        first, second = [await self.client.post(PATH, content=body, headers=headers) for _ in range(2)]
        self.assertEqual(first.status_code, 200)
        self.check(second, 401, "not_authenticated", "already accepted")
