"""One HTTP exchange with the conversation server: its Problems become this project's errors again."""

from collections.abc import AsyncIterable, Callable, Mapping
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote, urlencode

import httpx2
from pydantic import ValidationError

from conversation_genome.client.connecting import SteadyTransport
from conversation_genome.errors import ConversationGenomeError, TooManyRequestsError, UnavailableError
from conversation_genome.protocol.messages import Message, Problem

AnyMessage = TypeVar("AnyMessage", bound=Message)

TIMEOUT_SECONDS: Final = 60.0
KEEPALIVE_SECONDS: Final = 4.0
"""Below the 5 s after which the server closes an idle connection, so that none is used that is about to go."""


class Transport:
    """Sends requests to one server and reads what comes back."""

    def __init__(
        self, base_url: str, *, timeout_seconds: float = TIMEOUT_SECONDS, asgi_app: Callable[..., Any] | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        limits = httpx2.Limits(max_connections=100, keepalive_expiry=KEEPALIVE_SECONDS)
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout_seconds, connect=10.0),
            transport=httpx2.ASGITransport(app=asgi_app)
            if asgi_app
            else SteadyTransport(limits=limits, trust_env=False),
            trust_env=False,
        )

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
                response = await self._client.request(
                    method,
                    f"{self._base_url}{path}",
                    content=body,
                    headers=dict(headers()),
                    timeout=timeout_seconds if timeout_seconds is not None else httpx2.USE_CLIENT_DEFAULT,
                )
            except (httpx2.NetworkError, httpx2.RemoteProtocolError) as exc:
                if tries:
                    continue
                raise UnavailableError(f"{self._base_url} does not answer ({_reason(exc)}); is it running?") from exc
            except httpx2.HTTPError as exc:
                raise UnavailableError(f"{method} {self._base_url}{path} failed ({_reason(exc)})") from exc
            return _body_or_error(response)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

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


def _body_or_error(response: httpx2.Response) -> bytes | None:
    if response.status_code == httpx2.codes.NO_CONTENT:
        return None
    if response.is_success:
        return response.content
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        raise UnavailableError(
            f"{response.request.method} {response.request.url} answered {response.status_code} without a reason"
        ) from None
    error = error_classes().get(problem.code, UnavailableError)(problem.message)
    if isinstance(error, TooManyRequestsError):
        wait = response.headers.get("retry-after", "")
        error.retry_after_seconds = float(wait) if wait.isdecimal() else 0.0
    raise error


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
