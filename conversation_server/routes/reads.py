"""`/v1/tags`, `/v1/miners` and `/v1/stats`: what the subnet found out."""

from typing import Annotated

from fastapi import APIRouter, Query

from conversation_genome.protocol.reads import (
    MinerAnswerPage,
    MinerList,
    ServerStats,
    TagList,
    ValidatorList,
)
from conversation_server.routes import search
from conversation_server.routes.callers import Administrator, AdministratorOrItself, Cursor, Reader, ServerDependency
from conversation_server.services.miners import without_what_is_not_its_own

router = APIRouter(prefix="/v1", tags=["reads"])
router.include_router(search.router)


@router.get("/tags")
async def list_tags(
    server: ServerDependency,
    _reader: Reader,
    containing: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> TagList:
    """List tags by the number of conversations that hold them."""
    async with server.read() as work:
        return await work.reading.tags(containing=containing, limit=limit)


@router.get("/miners")
async def list_miners(server: ServerDependency, _reader: Reader) -> MinerList:
    """List the miners, highest reward first."""
    return await server.miners()


@router.get("/miners/{hotkey}")
async def read_miner(
    hotkey: str,
    server: ServerDependency,
    administrator: AdministratorOrItself,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> MinerAnswerPage:
    """List a miner's answers, newest first; the miner itself sees, by its signature, how they fared and not to what."""
    async with server.read() as work:
        page = await work.miners.answers(hotkey, cursor=cursor, limit=limit)
    return without_what_is_not_its_own(page) if administrator is None else page


@router.get("/validators")
async def list_validators(server: ServerDependency, _caller: Administrator) -> ValidatorList:
    """List the validators: what they leased, whether their scores are ours, how far they agree with each other."""
    return await server.validators()


@router.get("/stats")
async def read_stats(server: ServerDependency, _reader: Reader) -> ServerStats:
    """Count conversations, windows and answers."""
    return await server.stats()
