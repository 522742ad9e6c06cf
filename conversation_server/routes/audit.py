"""`/v1/audit`: who administered what, when, and how it ended."""

from typing import Annotated

from fastapi import APIRouter, Query

from conversation_genome.protocol.administration import ActPage
from conversation_server.routes.callers import Administrator, Cursor, ServerDependency

router = APIRouter(prefix="/v1/audit", tags=["audit"])


@router.get("")
async def list_acts(
    server: ServerDependency,
    _caller: Administrator,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ActPage:
    """List administrative acts, newest first."""
    return await server.audit.page(cursor=cursor, limit=limit)
