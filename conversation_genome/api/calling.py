"""One signed call to one miner: whatever comes back, or does not, becomes a Response; nothing a miner does raises."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import httpx2

from conversation_genome.annotation import Outcome
from conversation_genome.chain.base import Neuron
from conversation_genome.conversation import Window, WindowId
from conversation_genome.process import REQUEST_ID_HEADER
from conversation_genome.protocol.messages import MAX_ANSWER_BYTES, MinerTask
from conversation_genome.protocol.signing import Signer

TASKS_PATH: Final = "/v1/tasks"
TRIES: Final = 2
"""A miner may close an idle connection just as it is used again (RFC 9110, 9.2.2): once more, signed anew."""
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Response:
    """What came of asking one miner about one window."""

    miner: Neuron
    shown: Window
    """The window as this miner was shown it."""
    task: MinerTask
    outcome: Outcome
    """SCORED stands for: a body arrived in time. What it holds is looked at later."""
    body: bytes = b""
    detail: str = ""
    seconds: float = 0.0

    @property
    def window_id(self) -> WindowId:
        """The window that was asked about."""
        return self.shown.id


class MinerCalls:
    """Signed calls over one pool of connections."""

    def __init__(self, signer: Signer, *, at_once: int, at_once_per_miner: int) -> None:
        """Keep the signer; connections open when first used.

        Args:
            signer: Whose permit the miners look for.
            at_once: Calls in all that run at once.
            at_once_per_miner: Calls to one miner that run at once: what else it is sent would wait there.
        """
        self._signer = signer
        self._all = asyncio.Semaphore(at_once)
        self._at_once_per_miner = at_once_per_miner
        self._by_miner: dict[str, asyncio.Semaphore] = {}
        self._http = httpx2.AsyncClient(
            limits=httpx2.Limits(max_connections=at_once, keepalive_expiry=3.0), timeout=None, trust_env=False
        )

    async def call(self, miner: Neuron, shown: Window, task: MinerTask) -> Response:
        """Return what the miner answers within the task's time, which begins when it is sent."""
        own = self._by_miner.setdefault(miner.hotkey, asyncio.Semaphore(self._at_once_per_miner))
        async with own, self._all:
            began = time.monotonic()
            try:
                async with asyncio.timeout(task.timeout_seconds):
                    outcome, body, detail = await self._post(miner, task)
            except TimeoutError:
                outcome, body, detail = Outcome.LATE, b"", f"no answer within {task.timeout_seconds:g} s"
        return Response(miner, shown, task, outcome, body, detail, time.monotonic() - began)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def _post(self, miner: Neuron, task: MinerTask) -> tuple[Outcome, bytes, str]:
        if miner.endpoint is None:
            return Outcome.UNREACHABLE, b"", "it serves nowhere"
        cause = ""
        for _ in range(TRIES):
            try:
                return await self._post_once(miner, miner.endpoint.url, task)
            except (httpx2.TransportError, httpx2.InvalidURL) as exc:
                cause = f"{type(exc).__name__} at {miner.endpoint.url}"
        return Outcome.UNREACHABLE, b"", cause

    async def _post_once(self, miner: Neuron, url: str, task: MinerTask) -> tuple[Outcome, bytes, str]:
        body = task.model_dump_json().encode()
        headers = self._signer.headers(method="POST", path=TASKS_PATH, body=body, receiver=miner.hotkey)
        headers |= {"content-type": "application/json", REQUEST_ID_HEADER: task.task_id}
        received = bytearray()
        async with self._http.stream("POST", url + TASKS_PATH, content=body, headers=headers) as response:
            async for chunk in response.aiter_raw():
                received += chunk
                if len(received) > MAX_ANSWER_BYTES:
                    return Outcome.TOO_LARGE, b"", f"more than {MAX_ANSWER_BYTES} bytes"
        if response.status_code != _OK:
            return Outcome.REFUSED, b"", f"HTTP {response.status_code}: {bytes(received[:200])!r}"
        return Outcome.SCORED, bytes(received), ""
