"""Lane: what validators call by the thousand goes straight to its route.

FastAPI declares these routes, so that OpenAPI tells of them. Finding a route, resolving its dependencies and writing
its answer takes FastAPI longer than the route itself: here that is a look at a table, one call and one dump.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from conversation_genome.errors import ConversationGenomeError
from conversation_genome.protocol.messages import Message
from conversation_server.routes import leases, submissions
from conversation_server.routes.callers import signed_call

ENDPOINTS: Final = frozenset(
    {leases.lease_next, leases.renew, leases.put_ground_truth, leases.complete, submissions.submit}
)
"""Each takes a signed call and what its path names, and nothing else."""


@dataclass(frozen=True, slots=True)
class _Found:
    route: APIRoute
    named: Mapping[str, str]


class Lane:
    """Answers the calls of validators itself, and passes everything else on."""

    def __init__(self, app: ASGIApp, refusal: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        """Keep the application, and what an error of this project becomes."""
        self._app = app
        self._refusal = refusal
        routes = [
            (method, route)
            for router in (leases.router, submissions.router)
            for route in router.routes
            if isinstance(route, APIRoute) and route.endpoint in ENDPOINTS
            for method in route.methods or ()
        ]
        self._plain = {(method, route.path): route for method, route in routes if not route.param_convertors}
        self._named = [(method, route) for method, route in routes if route.param_convertors]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found = self._find(scope) if scope["type"] == "http" and not scope.get("root_path") else None
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = found.route
        request = Request(scope, receive)
        try:
            response = await _answer(found, request)
        except ConversationGenomeError as exc:
            response = await self._refusal(request, exc)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> _Found | None:
        method, path = scope["method"], scope["path"]
        plain = self._plain.get((method, path))
        if plain is not None:
            return _Found(plain, {})
        for its_method, route in self._named:
            if its_method == method and (match := route.path_regex.match(path)):
                return _Found(route, match.groupdict())
        return None


async def _answer(found: _Found, request: Request) -> Response:
    endpoint = cast(Callable[..., Awaitable[Any]], found.route.endpoint)
    answer = await endpoint(signed=await signed_call(request), **found.named)
    if isinstance(answer, Response):
        return answer
    status = found.route.status_code or 200
    return Response(cast(Message, answer).model_dump_json(), status_code=status, media_type="application/json")
