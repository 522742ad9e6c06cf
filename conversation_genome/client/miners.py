"""MinerCaller: asks one miner one task. Whatever comes back, or does not, becomes a Reply; nothing a miner does raises."""

import asyncio
import ipaddress
import random
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx2

from conversation_genome.annotation import Hotkey, Outcome
from conversation_genome.client.connecting import SteadyTransport
from conversation_genome.errors import UnavailableError
from conversation_genome.process import REQUEST_ID_HEADER
from conversation_genome.protocol.messages import MAX_ANSWER_BYTES, MinerTask
from conversation_genome.protocol.signing import Signer

TASKS_PATH: Final = "/v1/tasks"
CONNECTIONS: Final = 512
"""Twice a full subnet; each is a file of this process, of which systems give 1,024 by default."""
ANSWERED: Final = frozenset({Outcome.SCORED, Outcome.MALFORMED, Outcome.TOO_LARGE})
"""Outcomes of which a miner itself is the cause: something came back that was meant for an answer."""
_KEEPALIVE_SECONDS: Final = 3.0
"""Below the 5 s after which uvicorn closes an idle connection, so that none is used that is about to go."""
_HTTP_OK: Final = 200
_RETRY_SECONDS: Final = 0.1
_chance: Final = random.Random()  # noqa: S311 - when something is tried again is no secret


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one question."""

    outcome: Outcome
    """SCORED stands for: a body arrived in time. Whether it can be graded is decided later."""
    body: bytes = b""
    detail: str = ""
    seconds: float = 0.0


class MinerCaller:
    """Sends signed tasks over one shared pool of connections, to a whole subnet at once if need be."""

    def __init__(self, signer: Signer, *, connections: int = CONNECTIONS, public_only: bool = False) -> None:
        """Keep the signer; connections open when first used.

        Args:
            signer: Who asks.
            connections: Miners that are asked at once.
            public_only: Ask nobody at an address of this machine or its neighbours: whoever registers may publish any
                address, and what answers there would be told to the miner as the reason why it failed.
        """
        self._signer = signer
        self._public_only = public_only
        self._connections = connections
        self._free = asyncio.Semaphore(connections)
        transport = SteadyTransport(
            limits=httpx2.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=_KEEPALIVE_SECONDS,
            ),
            verify=False,  # miners serve plain HTTP: no certificates are read for nothing
            trust_env=False,
        )
        self._http = httpx2.AsyncClient(transport=transport, timeout=None, trust_env=False)

    async def ask(self, hotkey: Hotkey, url: str, task: MinerTask) -> Reply:
        """Return the reply of the miner that serves at a URL, within the task's timeout; all told within twice that.

        The clock of the miner starts when there is a connection to be had: that others are being asked is not its fault.
        The request is called by the task's id, which no other miner is told: by the lease's, miners who share what
        they see could tell which of their tasks are of one conversation.

        Raises:
            UnavailableError: If no connection came free in time; that tells nothing of the miner.
        """
        if self._public_only and not _is_public(url):
            return Reply(Outcome.UNREACHABLE, detail=f"{url} is no public address: publish one that others reach")
        try:
            async with asyncio.timeout(task.timeout_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise UnavailableError(
                f"{self._connections} miners are being asked already and none has answered in {task.timeout_seconds:g} s: "
                "ask fewer at once (a validator: CGP_VALIDATOR_WINDOWS_IN_FLIGHT, CGP_VALIDATOR_CONVERSATIONS_IN_FLIGHT)"
            ) from None
        try:
            return await self._ask(hotkey, url, task)
        finally:
            self._free.release()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def _ask(self, hotkey: Hotkey, url: str, task: MinerTask) -> Reply:
        started = time.monotonic()
        try:
            async with asyncio.timeout(task.timeout_seconds):
                reply = await self._post(hotkey, url, task.model_dump_json().encode(), task.task_id)
        except TimeoutError:
            reply = Reply(Outcome.LATE, detail=f"no answer within {task.timeout_seconds:g} s")
        return Reply(reply.outcome, reply.body, reply.detail, time.monotonic() - started)

    async def _post(self, hotkey: Hotkey, url: str, body: bytes, request_id: str) -> Reply:
        """Post once, and once more, signed anew, where the connection failed before anything was answered.

        A server may close an idle connection just as it is used again (RFC 9110, section 9.2.2), or be starting.
        """
        try:
            return await self._post_once(hotkey, url, body, request_id)
        except httpx2.TransportError:
            await asyncio.sleep(_chance.uniform(0.0, _RETRY_SECONDS))
        except httpx2.InvalidURL as exc:
            return Reply(Outcome.UNREACHABLE, detail=f"{type(exc).__name__} at {url}")
        try:
            return await self._post_once(hotkey, url, body, request_id)
        except httpx2.TransportError as exc:
            return Reply(Outcome.UNREACHABLE, detail=f"{type(exc).__name__} at {url}, twice")

    async def _post_once(self, hotkey: Hotkey, url: str, body: bytes, request_id: str) -> Reply:
        headers = self._signer.headers(method="POST", path=TASKS_PATH, body=body, receiver=hotkey)
        headers |= {"content-type": "application/json", REQUEST_ID_HEADER: request_id}
        async with self._http.stream("POST", url + TASKS_PATH, content=body, headers=headers) as response:
            received = bytearray()
            try:
                async for chunk in response.aiter_raw():
                    received += chunk
                    if len(received) > MAX_ANSWER_BYTES:
                        return Reply(Outcome.TOO_LARGE, detail=f"more than {MAX_ANSWER_BYTES} bytes")
            except httpx2.TransportError as exc:  # it answered: it is not asked again
                return Reply(
                    Outcome.UNREACHABLE, detail=f"{type(exc).__name__} after {len(received)} bytes of an answer"
                )
        if response.status_code != _HTTP_OK:
            return Reply(Outcome.REFUSED, detail=f"HTTP {response.status_code}: {bytes(received[:200])!r}")
        return Reply(Outcome.SCORED, bytes(received))


def _is_public(url: str) -> bool:
    """Return whether a URL names an address on the internet; of names it cannot be known, and chains keep none."""
    try:
        address = ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (inner is None or inner.is_global)
