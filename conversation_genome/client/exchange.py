"""One HTTP/1.1 exchange with somebody who may be hostile: everything that is received counts against a bound.

A general client's layers cost more than the exchange itself: here a request is one write, and what comes back
goes through llhttp (httptools, the only module that imports it). Connections are kept and used again.
"""

import asyncio
import ssl
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self, cast
from urllib.parse import SplitResult, urlsplit

import httptools

from conversation_genome.errors import ExchangeError, ReplyTooLargeError

MAX_HEAD_BYTES: Final = 65_536
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LAST_INTERIM: Final = 199
_DELIMITERS: Final = (b"content-length", b"transfer-encoding")

Place = tuple[bool, str, int]
"""(with TLS, host, port)."""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What came back."""

    status: int
    body: bytes


class Exchanger:
    """Sends requests over kept connections; for one event loop."""

    def __init__(self, *, keepalive_seconds: float) -> None:
        """Open nothing yet.

        Args:
            keepalive_seconds: How long an idle connection is used again; less than the other side keeps it.
        """
        self._keepalive_seconds = keepalive_seconds
        self._idle: defaultdict[Place, deque[tuple[float, _Connection]]] = defaultdict(deque)

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, max_bytes: int
    ) -> HttpReply:
        """Return the answer to one request; the caller bounds the time.

        Args:
            method: The HTTP method.
            url: With scheme and host; the path and the query as they are sent.
            headers: Beside host and content-length.
            body: What is sent.
            max_bytes: Of the answer's body.

        Raises:
            ExchangeError: If there is no whole answer.
            ReplyTooLargeError: If its body is larger than `max_bytes`.
        """
        place, head = _request(method, url, headers, len(body))
        connection = self._kept(place) or await _Connection.open(place)
        try:
            reply = await connection.exchange(head + body, max_bytes + MAX_HEAD_BYTES)
        except BaseException:
            connection.close()
            raise
        if connection.may_be_kept:
            self._idle[place].append((time.monotonic() + self._keepalive_seconds, connection))
        else:
            connection.close()
        if len(reply.body) > max_bytes:
            raise ReplyTooLargeError(f"the answer has more than {max_bytes} bytes")
        return reply

    def _kept(self, place: Place) -> "_Connection | None":
        """Return the connection that was used last, if it is fresh; close those that are not."""
        idle, now = self._idle[place], time.monotonic()
        while idle and (idle[0][0] < now or not idle[0][1].may_be_kept):
            idle.popleft()[1].close()
        return idle.pop()[1] if idle and idle[-1][1].may_be_kept else None

    def close(self) -> None:
        """Close every idle connection."""
        for idle in self._idle.values():
            for _, connection in idle:
                connection.close()
        self._idle.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Connection(asyncio.Protocol):
    """One connection: asyncio calls its first four methods, llhttp the `on_` ones."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._reply: asyncio.Future[HttpReply] | None = None
        self._body = bytearray()
        self._left = 0
        self._is_delimited = False
        self._has_head = False
        self.may_be_kept = True

    @classmethod
    async def open(cls, place: Place) -> Self:
        """Connect.

        Raises:
            ExchangeError: If that fails.
        """
        is_secure, host, port = place
        context = ssl.create_default_context() if is_secure else None
        try:
            _, connection = await asyncio.get_running_loop().create_connection(cls, host, port, ssl=context)
        except (OSError, UnicodeError, ValueError) as exc:
            raise ExchangeError(f"{type(exc).__name__}: {exc}") from exc
        return connection

    async def exchange(self, request: bytes, max_bytes: int) -> HttpReply:
        """Send a request and return what comes back."""
        assert self._transport is not None, "open() connects before it returns"
        self._parser, self._body, self._left = httptools.HttpResponseParser(self), bytearray(), max_bytes
        self._has_head = False
        self._is_delimited = False
        self._reply = asyncio.get_running_loop().create_future()
        if not self.may_be_kept:
            raise ExchangeError("the connection is closed")
        self._transport.write(request)
        return await self._reply

    def close(self) -> None:
        """Let go of the connection."""
        self.may_be_kept = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        """Read on, within the bound."""
        self._left -= len(data)
        if self._parser is None or self._reply is None or self._reply.done():
            self.close()  # nobody asked
            return
        if self._left < 0:
            self._fail(ReplyTooLargeError("the answer is too large"))
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            self._fail(ExchangeError(f"no HTTP: {exc}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """End a body that only the connection's end delimits; anything else is broken off."""
        self.may_be_kept = False
        if self._has_head and not self._is_delimited and exc is None:
            self.on_message_complete()
        self._fail(ExchangeError(f"the connection was closed ({exc or 'without a whole answer'})"))

    def on_message_begin(self) -> None:
        """Begin an answer; one too many makes the connection useless."""
        self._body, self._has_head, self._is_delimited = bytearray(), False, False
        if self._reply is None or self._reply.done():
            self.may_be_kept = False

    def on_header(self, name: bytes, _value: bytes) -> None:
        """See whether the answer says where it ends; otherwise the connection's end does."""
        self._is_delimited = self._is_delimited or name.lower() in _DELIMITERS

    def on_headers_complete(self) -> None:
        """See whether the connection can be used again after this answer."""
        assert self._parser is not None
        self._has_head = True
        self.may_be_kept = self.may_be_kept and self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        """Gather the body."""
        self._body += data

    def on_message_complete(self) -> None:
        """Hand the answer on; an interim one (1xx) is passed over."""
        assert self._parser is not None
        status = self._parser.get_status_code()
        if status > _LAST_INTERIM and self._reply is not None and not self._reply.done():
            self._reply.set_result(HttpReply(status, bytes(self._body)))

    def _fail(self, error: Exception) -> None:
        self.may_be_kept = False
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)
        if self._transport is not None:
            self._transport.abort()


def _request(method: str, url: str, headers: Mapping[str, str], size_bytes: int) -> tuple[Place, bytes]:
    """Return where a request goes and its head.

    Raises:
        ExchangeError: If the URL is none, or a header holds what a header cannot hold.
    """
    parts = _split(url)
    place = (parts.scheme == "https", parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme])
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"host: {parts.netloc.rpartition('@')[2]}", f"content-length: {size_bytes}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if any(character in line for line in lines for character in "\r\n\0"):
        raise ExchangeError("a line break in a header")
    try:
        return place, ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")
    except UnicodeEncodeError as exc:
        raise ExchangeError(f"not ASCII: {exc.object[exc.start : exc.end]!r}") from exc


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError as exc:
        raise ExchangeError(f"{url!r} is no URL: {exc}") from exc
    if not is_usable or any(character.isspace() for character in url):
        raise ExchangeError(f"{url!r} is no URL")
    return parts
