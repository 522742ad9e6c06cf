"""What a miner counts. No label tells who asked or what about.

The only module of the miner that imports prometheus_client.
"""

from typing import Final

from fastapi import FastAPI, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from conversation_genome import __version__

_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class MinerMetrics:
    """Counters of one miner, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.tasks_in_hand = Gauge("cgp_miner_tasks_in_hand", "Tasks that are read or wait", registry=self.registry)
        self.tasks_waiting = Gauge("cgp_miner_tasks_waiting", "Tasks that wait for their turn", registry=self.registry)
        self.parts = Counter(
            "cgp_miner_parts", "Answers that were sent in part, for time was short", registry=self.registry
        )
        self.turned_away = Counter(
            "cgp_miner_turned_away", "Tasks without room, of validators with the smallest stake", registry=self.registry
        )
        self._tasks = Counter("cgp_miner_tasks", "Tasks by HTTP status", ["status"], registry=self.registry)
        self._seconds = Histogram(
            "cgp_miner_task_seconds", "Seconds until the answer", registry=self.registry, buckets=_BUCKETS
        )
        ProcessCollector(registry=self.registry)

    def count_task(self, status: int, seconds: float) -> None:
        """Count a task that was answered or refused."""
        self._tasks.labels(str(status)).inc()
        self._seconds.observe(seconds)


def metrics_app(metrics: MinerMetrics) -> FastAPI:
    """Return the one page: for whoever runs the miner, never on the port that validators reach."""
    app = FastAPI(
        title="Conversation Genome miner", version=__version__, docs_url=None, redoc_url=None, openapi_url=None
    )

    @app.get("/metrics")
    async def read_metrics() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app
