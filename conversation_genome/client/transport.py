"""One HTTP exchange with the conversation server: its Problems become this project's errors again.

What is sent by the thousand goes through an Exchanger; streamed bodies, and a server in the same process (tests),
through httpx2, which only this module of the client imports.
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Mapping
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote, urlencode

import httpx2
from pydantic import ValidationError

from conversation_genome.client.exchange import Exchanger, HttpReply
from conversation_genome.errors import ConversationGenomeError, ExchangeError, ReplyTooLargeError, UnavailableError
from conversation_genome.protocol.messages import Message, Problem

AnyMessage = TypeVar("AnyMessage", bound=Message)

TIMEOUT_SECONDS: Final = 60.0
MAX_REPLY_BYTES: Final = 512_000_000
_NO_CONTENT: Final = 204
_SUCCESS: Final = range(200, 300)
KEEPALIVE_SECONDS: Final = 4.0
"""Below the 5 s after which the server closes an idle connection, so that none is used that is about to go."""


class Transport:
    """Sends requests to one server and reads what comes back."""

    def __init__(
        self, base_url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, asgi_app: Callable[..., Any] | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout_seconds, connect=10.0),
            limits=httpx2.Limits(max_connections=100, keepalive_expiry=KEEPALIVE_SECONDS),
            transport=httpx2.ASGITransport(app=asgi_app) if asgi_app else None,
            trust_env=False,
        )
        self._exchanger = None if asgi_app else Exchanger(keepalive_seconds=KEEPALIVE_SECONDS)
        self._timeout_seconds = timeout_seconds

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | AsyncIterable[bytes] = b"",
        headers: Callable[[], Mapping[str, str]] = dict,
        timeout_seconds: float | None = None,
    ) -> bytes | None:
        """Return the body of a success, None for 204.

        A lost connection is tried once more, with headers made anew; a streamed body is not.

        Args:
            method: The HTTP method.
            path: The target, query included, already quoted.
            body: What is sent.
            headers: Makes the headers of each try.
            timeout_seconds: Where it differs from the client's.

        Raises:
            ConversationGenomeError: Of the class that the server's Problem names.
            UnavailableError: If the server does not answer, or answers what the protocol does not know.
        """
        tries = 2 if isinstance(body, bytes) else 1
        while True:
            tries -= 1
            try:
                reply = await self._reply(method, path, body, dict(headers()), timeout_seconds or self._timeout_seconds)
            except (ExchangeError, httpx2.NetworkError, httpx2.RemoteProtocolError) as exc:
                if tries:
                    continue
                raise UnavailableError(f"{self._base_url} does not answer ({_reason(exc)}); is it running?") from exc
            except (TimeoutError, ReplyTooLargeError, httpx2.HTTPError) as exc:
                raise UnavailableError(f"{method} {self._base_url}{path} failed ({_reason(exc)})") from exc
            return _body_or_error(reply, f"{method} {self._base_url}{path}")

    async def _reply(
        self, method: str, path: str, body: bytes | AsyncIterable[bytes], headers: dict[str, str], seconds: float
    ) -> HttpReply:
        url = f"{self._base_url}{path}"
        if self._exchanger is not None and isinstance(body, bytes):
            async with asyncio.timeout(seconds):
                return await self._exchanger.send(method, url, headers=headers, body=body, max_bytes=MAX_REPLY_BYTES)
        response = await self._client.request(method, url, content=body, headers=headers, timeout=seconds)
        return HttpReply(response.status_code, response.content)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
        if self._exchanger is not None:
            self._exchanger.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def target(*segments: str, **query: str | int | None) -> str:
    """Return `/v1/...` with each segment and the query quoted; a query value of None is left out."""
    path = "/v1/" + "/".join(quote(segment, safe="") for segment in segments)
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def read(message: type[AnyMessage], body: bytes | None) -> AnyMessage:
    """Return the message that a body holds.

    Raises:
        UnavailableError: If it holds another one.
    """
    try:
        return message.model_validate_json(body or b"")
    except ValidationError as exc:
        raise UnavailableError(
            f"the server's answer is no {message.__name__}: {exc.errors()[0]['msg']}; are both of one version?"
        ) from exc


def _body_or_error(reply: HttpReply, request: str) -> bytes | None:
    if reply.status == _NO_CONTENT:
        return None
    if reply.status in _SUCCESS:
        return reply.body
    try:
        problem = Problem.model_validate_json(reply.body)
    except ValidationError:
        raise UnavailableError(f"{request} answered {reply.status} without a reason") from None
    raise error_classes().get(problem.code, UnavailableError)(problem.message)


def error_classes() -> dict[str, type[ConversationGenomeError]]:
    """Return every error class of this project by its code."""
    found: dict[str, type[ConversationGenomeError]] = {}
    waiting: list[type[ConversationGenomeError]] = [ConversationGenomeError]
    while waiting:
        error = waiting.pop()
        found[error.code] = error
        waiting.extend(error.__subclasses__())
    return found


def _reason(exc: Exception) -> str:
    return f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
