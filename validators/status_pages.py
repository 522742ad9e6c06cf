"""`GET /healthz` and `GET /metrics` of a validator: for its operator, on an address of the operator's choice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from conversation_genome import __version__
from conversation_genome.annotation import Hotkey
from conversation_genome.role import serve_beside
from validators.metrics import ValidatorMetrics


def status_app(metrics: ValidatorMetrics, hotkey: Hotkey) -> FastAPI:
    """Return the two pages."""
    app = FastAPI(title="Validator", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "role": "validator", "hotkey": hotkey, "version": __version__}

    @app.get("/metrics")
    async def read_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


@asynccontextmanager
async def serve_status(host: str, port: int, metrics: ValidatorMetrics, hotkey: Hotkey) -> AsyncIterator[None]:
    """Serve the pages while the block runs.

    Raises:
        SettingsError: If the address cannot be listened on.
    """
    async with serve_beside(status_app(metrics, hotkey), host, port):
        yield
