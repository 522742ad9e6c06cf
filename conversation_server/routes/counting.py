"""What routes count with."""

from typing import Annotated, cast

from fastapi import Depends, Request

from conversation_server.services.metrics import Metrics


async def _metrics(request: Request) -> Metrics:  # async, or FastAPI would run it in a thread for each request
    return cast(Metrics, request.app.state.metrics)


MetricsDependency = Annotated[Metrics, Depends(_metrics)]
