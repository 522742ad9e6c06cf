"""`/healthz`, `/readyz` and `/metrics`: for whoever watches the process."""

from typing import cast

from fastapi import APIRouter, Request, Response

from conversation_genome.errors import UnavailableError
from conversation_server.routes.callers import Anybody, ServerDependency
from conversation_server.services.metrics import CONTENT_TYPE, Metrics

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def health() -> dict[str, str]:
    """Say that the process is alive."""
    return {"status": "alive"}


@router.get("/readyz")
async def readiness(server: ServerDependency) -> dict[str, str]:
    """Say that the server can work, and which hotkey it answers to."""
    if not await server.is_ready():
        raise UnavailableError("the database or the merging is not ready")
    return {"status": "ready", "hotkey": server.hotkey}


@router.get(
    "/metrics",
    dependencies=[Anybody],
    response_class=Response,
    responses={200: {"description": "In the format of Prometheus.", "content": {"text/plain": {}}}},
)
async def metrics(request: Request, server: ServerDependency) -> Response:
    """Return the numbers that Prometheus reads."""
    stats = await server.stats()
    merger = server.merger
    body = cast(Metrics, request.app.state.metrics).exposition(stats, merged=merger.merged, failures=merger.failures)
    return Response(body, media_type=CONTENT_TYPE)
