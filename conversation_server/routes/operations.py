"""`/healthz`, `/readyz` and `/metrics`: for whoever watches the process."""

from fastapi import APIRouter, Response

from conversation_genome.errors import UnavailableError
from conversation_server.routes.callers import Anybody, ServerDependency
from conversation_server.routes.counting import MetricsDependency
from conversation_server.services.metrics import CONTENT_TYPE
from conversation_server.services.watching import stats_of

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
async def metrics(metrics: MetricsDependency, server: ServerDependency) -> Response:
    """Return the numbers that Prometheus reads; those of the database are missing while it does not answer."""
    stats = await stats_of(server)
    body = metrics.exposition(
        stats,
        merged=server.merger.merged,
        failures=server.merger.failures,
        searches=server.tools.index.counters,
        indices=await server.searching.verified(),
    )
    return Response(body, media_type=CONTENT_TYPE)
