"""Asks one miner one task. Whatever comes back, or does not, becomes a Reply; nothing a miner does raises."""

import asyncio
import time
from dataclasses import dataclass

import httpx2

from conversation_genome.annotation import Hotkey, Outcome
from conversation_genome.chain.base import Endpoint
from conversation_genome.process import REQUEST_ID_HEADER
from conversation_genome.protocol.messages import MAX_ANSWER_BYTES, MinerTask
from conversation_genome.protocol.signing import Signer

TASKS_PATH = "/v1/tasks"
_HTTP_OK = 200
# A server may close an idle connection just as it is used again: one retry, signed anew (reference: RFC 9110, 9.2.2).
_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one question."""

    outcome: Outcome
    """SCORED stands for: a body arrived in time. Whether it can be graded is decided later."""
    body: bytes = b""
    detail: str = ""
    seconds: float = 0.0


class MinerCaller:
    """Sends signed tasks over one shared connection pool."""

    def __init__(self, signer: Signer, *, connections: int = 512) -> None:
        """Keep the signer; connections open when first used."""
        self._signer = signer
        self._http = httpx2.AsyncClient(
            limits=httpx2.Limits(max_connections=connections, keepalive_expiry=3.0), timeout=None, trust_env=False
        )

    async def ask(self, hotkey: Hotkey, endpoint: Endpoint, task: MinerTask) -> Reply:
        """Return the miner's reply within the task's timeout.

        The request is called by the task's id, which no other miner is told: by the lease's, miners who share what
        they see could tell which of their tasks are of one conversation.
        """
        started = time.monotonic()
        try:
            async with asyncio.timeout(task.timeout_seconds):
                reply = await self._post(hotkey, endpoint, task.model_dump_json().encode(), task.task_id)
        except TimeoutError:
            reply = Reply(Outcome.LATE, detail=f"no answer within {task.timeout_seconds:g} s")
        return Reply(reply.outcome, reply.body, reply.detail, time.monotonic() - started)

    async def _post(self, hotkey: Hotkey, endpoint: Endpoint, body: bytes, request_id: str) -> Reply:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._post_once(hotkey, endpoint, body, request_id)
            except (httpx2.TransportError, httpx2.InvalidURL) as exc:
                if attempt == _ATTEMPTS:
                    return Reply(Outcome.UNREACHABLE, detail=f"{type(exc).__name__} at {endpoint.url}")
        raise AssertionError("unreachable: the last attempt returns")

    async def _post_once(self, hotkey: Hotkey, endpoint: Endpoint, body: bytes, request_id: str) -> Reply:
        headers = self._signer.headers(method="POST", path=TASKS_PATH, body=body, receiver=hotkey)
        headers |= {"content-type": "application/json", REQUEST_ID_HEADER: request_id}
        async with self._http.stream("POST", endpoint.url + TASKS_PATH, content=body, headers=headers) as response:
            received = bytearray()
            async for chunk in response.aiter_raw():
                received += chunk
                if len(received) > MAX_ANSWER_BYTES:
                    return Reply(Outcome.TOO_LARGE, detail=f"more than {MAX_ANSWER_BYTES} bytes")
        if response.status_code != _HTTP_OK:
            return Reply(Outcome.REFUSED, detail=f"HTTP {response.status_code}: {bytes(received[:200])!r}")
        return Reply(Outcome.SCORED, bytes(received))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()
