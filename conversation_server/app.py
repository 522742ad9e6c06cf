"""create_app: the server as an ASGI application, put together from parts that are passed in.

The one table of HTTP statuses is here.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from conversation_genome import errors
from conversation_genome.annotation import Hotkey
from conversation_genome.chain.admission import Admission
from conversation_genome.embedding.base import Embedder
from conversation_genome.protocol.messages import Problem
from conversation_genome.settings import ServerSettings, networks_of
from conversation_genome.tasks.base import TaskType
from conversation_genome.tasks.registry import task_type as registered_task_type
from conversation_server.middleware import RequestEdge
from conversation_server.routes import audit, conversations, keys, leases, operations, publications, reads, submissions
from conversation_server.routes.lane import Lane
from conversation_server.services.metrics import Metrics
from conversation_server.services.server import Server
from conversation_server.services.tools import SearchIndex, Tools
from conversation_server.services.uploading import Uploads, remove_abandoned
from conversation_server.web import router as console

RETRY_SECONDS: Final = 5
"""After which a caller may try again whom the server cannot serve now."""
API_VERSION: Final = "1"
"""Of the API: which version of the server answers is nobody's business."""
STATUS: Final[dict[type[errors.ConversationGenomeError], int]] = {
    errors.InputError: 422,
    errors.RequestTooLargeError: 413,
    errors.EncodingError: 415,
    errors.AnswerError: 422,
    errors.AuthenticationError: 401,
    errors.PermissionDeniedError: 403,
    errors.TooManyRequestsError: 429,
    errors.NotFoundError: 404,
    errors.LeaseError: 409,
    errors.LeaseNotFoundError: 404,
    errors.ChainError: 503,
    errors.ModelUnavailableError: 503,
    errors.UnavailableError: 503,
    errors.ConversationGenomeError: 500,
}
"""The status of an error is that of the nearest class above it."""
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": "Refused; the message says why."}
    for status in sorted({*STATUS.values(), 400} - {500})
}
"""What OpenAPI is told of every route: a failure is a Problem, whatever its status."""


def create_app(
    settings: ServerSettings,
    *,
    hotkey: Hotkey,
    admission: Admission,
    embedder: Embedder,
    index: SearchIndex,
    task_type: Callable[[str], TaskType] = registered_task_type,
    clock: Callable[[], float] = time.time,
) -> FastAPI:
    """Return the server; its tables are brought up to date when it starts.

    Args:
        settings: How it is to behave.
        hotkey: Its own hotkey: only requests that are signed for it are accepted.
        admission: Which validators may call.
        embedder: Makes the vectors for scoring, merging and search.
        index: The vector store.
        task_type: Finds a task type by its name.
        clock: Seconds since 1970.
    """
    tools = Tools(settings=settings, embedder=embedder, index=index, task_type=task_type, clock=clock)
    server = Server(tools, hotkey=hotkey, admission=admission)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await server.start()
        await asyncio.to_thread(remove_abandoned)
        try:
            yield
        finally:
            await app.state.uploads.stop()
            await server.stop()

    app = FastAPI(
        title="Conversation Genome server",
        version=API_VERSION,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.state.server = server
    app.state.metrics = Metrics()
    app.state.uploads = Uploads()
    for module in (leases, submissions, conversations, reads, publications, keys, audit, operations):
        app.include_router(module.router, responses=PROBLEMS)
    app.include_router(console.router)
    app.add_exception_handler(errors.ConversationGenomeError, _known_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_middleware(Lane, refusal=_known_error)
    app.add_middleware(RequestEdge, metrics=app.state.metrics, trusted=networks_of(settings.server_trusted_proxies))
    return app


def status_of(error: type[BaseException]) -> int:
    """Return the HTTP status of an error class."""
    return next(STATUS[parent] for parent in error.__mro__ if parent in STATUS)


async def _known_error(request: Request, exc: Exception) -> Response:
    code = getattr(exc, "code", errors.ConversationGenomeError.code)
    response = _problem(request, status_of(type(exc)), code, str(exc))
    if isinstance(exc, errors.TooManyRequestsError):
        response.headers["retry-after"] = str(max(1, math.ceil(exc.retry_after_seconds)))
    elif response.status_code == 503:
        response.headers["retry-after"] = str(RETRY_SECONDS)
    return response


async def _bad_request(request: Request, exc: Exception) -> Response:
    faults = exc.errors() if isinstance(exc, RequestValidationError) else []
    message = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
    return _problem(request, 422, errors.InputError.code, message[:1_000] or "the request cannot be read")


async def _no_route(request: Request, exc: Exception) -> Response:
    if isinstance(exc.__cause__, errors.ConversationGenomeError):  # FastAPI hides what stopped it reading a body
        return await _known_error(request, exc.__cause__)
    status = exc.status_code if isinstance(exc, HTTPException) else 404
    if status not in (404, 405):
        return _problem(request, status, errors.InputError.code, "the body cannot be read")
    code = errors.NotFoundError.code if status == 404 else errors.InputError.code
    return _problem(request, status, code, f"there is no {request.method} {request.url.path[:300]}")


def _problem(request: Request, status: int, code: str, message: str) -> Response:
    if console.is_console(request):
        return console.problem_page(request, status, message)
    problem = Problem(code=code, message=message, request_id=getattr(request.state, "request_id", None))
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    if status == 413:
        headers["connection"] = "close"
    return JSONResponse(problem.model_dump(), status_code=status, headers=headers)
