"""What happens to every request around its route: an id, an origin, a bound on its body, safe headers, a safe 500."""

import re
import time
from collections.abc import Sequence
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conversation_genome.errors import EncodingError, RequestTooLargeError
from conversation_genome.process import REQUEST_ID_HEADER, request_id_from
from conversation_genome.protocol.messages import Problem
from conversation_genome.tracing import span
from conversation_server import unpacking
from conversation_server.services.addresses import Network, Origin, origin
from conversation_server.services.metrics import Metrics

_REQUEST_ID_BYTES: Final = REQUEST_ID_HEADER.encode()
MAX_BODY_BYTES: Final = 1_000_000
_LARGER: Final = (
    (re.compile(r"^PUT /v1/leases/[^/]+/ground-truth$"), 64_000_000),
    (re.compile(r"^POST /v1/submissions$"), 4_000_000),
)
_UNBOUNDED: Final = frozenset({"POST /v1/conversations", "POST /console/imports"})
"""Imports are read as streams; the one is bounded line by line, the other by what a file may have."""
_UNPACKED: Final = "POST /v1/conversations"
"""The one route that takes a packed body."""
_UNKNOWN_ROUTE: Final = "unknown"
_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})
_ENCODING: Final = b"content-encoding"
_POLICY: Final = b"content-security-policy"
_SAFE_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NOTHING_ACTIVE: Final = (_POLICY, b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
"""For what is no page; a page brings a policy of its own."""
_TLS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_log = structlog.get_logger(__name__)


class RequestEdge:
    """The outermost layer: gives a request its id, counts it, and lets no trace out."""

    def __init__(self, app: ASGIApp, metrics: Metrics, trusted: Sequence[Network] = ()) -> None:
        self._app = app
        self._metrics = metrics
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        whence = _origin(scope, self._trusted)
        scope.setdefault("state", {}).update(request_id=request_id, address=whence.address, is_tls=whence.is_tls)
        answer = _Answer(send, request_id, is_tls=whence.is_tls)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id), self._metrics.track_request():
            with span("request", _trace(scope), cgp__request_id=request_id) as current:
                try:
                    await self._app(scope, _bounded(scope, receive), answer.send)
                except Exception:  # noqa: BLE001 - the edge: logged, and a 500 that says nothing of the inside
                    _log.exception("a request failed", method=scope["method"], route=_route(scope))
                    await answer.fail()
                current.set_attribute("http.route", _route(scope))
                current.set_attribute("http.response.status_code", answer.status)
            seconds = time.perf_counter() - started
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.count_request(method, _route(scope), answer.status, seconds)
            _log.debug("request", method=method, route=_route(scope), status=answer.status, seconds=round(seconds, 4))


class _Answer:
    """What goes out, with the request's id and what keeps a browser safe in its head."""

    def __init__(self, send: Send, request_id: str, *, is_tls: bool) -> None:
        self._send = send
        self._request_id = request_id
        self._added = (*_SAFE_HEADERS, _TLS_ONLY) if is_tls else _SAFE_HEADERS
        self._has_started = False
        self.status = 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._has_started = True
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            if all(name.lower() != _POLICY for name, _ in headers):
                headers.append(_NOTHING_ACTIVE)
            message = {
                **message,
                "headers": [*headers, *self._added, (_REQUEST_ID_BYTES, self._request_id.encode())],
            }
        await self._send(message)

    async def fail(self) -> None:
        if self._has_started:
            return
        problem = Problem(
            code="internal_error",
            message=f"the server failed; its log tells why under request id {self._request_id}",
            request_id=self._request_id,
        )
        body = problem.model_dump_json().encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _bounded(scope: Scope, receive: Receive) -> Receive:
    encoding = _header(scope, _ENCODING).decode("latin-1").strip().lower()
    if encoding in unpacking.NAMES and f"{scope['method']} {scope['path']}" == _UNPACKED:
        return unpacking.Unpacked(receive)
    limit = _limit(scope)
    announced = _announced(scope)
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        if encoding not in ("", "identity"):
            raise EncodingError(
                f"the body is compressed ({encoding[:40]!r}); send it as it is, or an import of conversations by gzip"
            )
        if limit is not None and message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > limit or (received and announced > limit):
                raise RequestTooLargeError(f"the body is larger than the {limit:,} bytes that this route takes")
        return message

    return bounded


def _limit(scope: Scope) -> int | None:
    target = f"{scope['method']} {scope['path']}"
    if target in _UNBOUNDED:
        return None
    return next((limit for pattern, limit in _LARGER if pattern.match(target)), MAX_BODY_BYTES)


def _announced(scope: Scope) -> int:
    value = _header(scope, b"content-length") or b"0"
    return int(value) if value.isdigit() else 0


def _request_id(scope: Scope) -> str:
    return request_id_from(_header(scope, _REQUEST_ID_BYTES).decode("latin-1"))


def _origin(scope: Scope, trusted: Sequence[Network]) -> Origin:
    peer = scope.get("client")
    return origin(
        peer[0] if peer else "",
        scope.get("scheme", "http"),
        forwarded_for=[value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"],
        forwarded_proto=_header(scope, b"x-forwarded-proto").decode("latin-1"),
        trusted=trusted,
    )


def _trace(scope: Scope) -> dict[str, str]:
    """Return the header that names the caller's span."""
    return {"traceparent": _header(scope, b"traceparent").decode("latin-1")}


def _header(scope: Scope, name: bytes) -> bytes:
    """Return the last value of a header, empty for none."""
    found = b""
    for key, value in scope["headers"]:
        if key == name:
            found = value
    return found


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", _UNKNOWN_ROUTE))
