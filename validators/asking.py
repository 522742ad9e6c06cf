"""Asks one miner one task. Whatever comes back, or does not, becomes a Reply; nothing a miner does raises."""

import asyncio
import time
from dataclasses import dataclass

from conversation_genome.annotation import Hotkey, Outcome
from conversation_genome.chain.base import Endpoint
from conversation_genome.client.exchange import Exchanger
from conversation_genome.errors import ExchangeError, ReplyTooLargeError
from conversation_genome.protocol.messages import MAX_ANSWER_BYTES, MinerTask
from conversation_genome.protocol.signing import Signer

TASKS_PATH = "/v1/tasks"
KEEPALIVE_SECONDS = 3.0
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
    """Sends signed tasks over connections that are kept."""

    def __init__(self, signer: Signer) -> None:
        """Keep the signer; connections open when first used."""
        self._signer = signer
        self._http = Exchanger(keepalive_seconds=KEEPALIVE_SECONDS)

    async def ask(self, hotkey: Hotkey, endpoint: Endpoint, task: MinerTask) -> Reply:
        """Return the miner's reply within the task's timeout."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(task.timeout_seconds):
                reply = await self._post(hotkey, endpoint, task.model_dump_json().encode())
        except TimeoutError:
            reply = Reply(Outcome.LATE, detail=f"no answer within {task.timeout_seconds:g} s")
        return Reply(reply.outcome, reply.body, reply.detail, time.monotonic() - started)

    async def _post(self, hotkey: Hotkey, endpoint: Endpoint, body: bytes) -> Reply:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._post_once(hotkey, endpoint, body)
            except ReplyTooLargeError:
                return Reply(Outcome.TOO_LARGE, detail=f"more than {MAX_ANSWER_BYTES} bytes")
            except ExchangeError as exc:
                if attempt == _ATTEMPTS:
                    return Reply(Outcome.UNREACHABLE, detail=f"{str(exc)[:200]} at {endpoint.url}")
        raise AssertionError("unreachable: the last attempt returns")

    async def _post_once(self, hotkey: Hotkey, endpoint: Endpoint, body: bytes) -> Reply:
        headers = self._signer.headers(method="POST", path=TASKS_PATH, body=body, receiver=hotkey)
        headers["content-type"] = "application/json"
        url = endpoint.url + TASKS_PATH
        answer = await self._http.send("POST", url, headers=headers, body=body, max_bytes=MAX_ANSWER_BYTES)
        if answer.status != _HTTP_OK:
            return Reply(Outcome.REFUSED, detail=f"HTTP {answer.status}: {answer.body[:200]!r}")
        return Reply(Outcome.SCORED, answer.body)

    async def aclose(self) -> None:
        """Close every connection."""
        self._http.close()
