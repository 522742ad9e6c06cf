"""`/v1/publications`: the dataset is written."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from conversation_genome.protocol.reads import Publication, PublicationList
from conversation_server.routes.callers import Cursor, Publisher, Reader, ServerDependency
from conversation_server.services.reading import number_of

router = APIRouter(prefix="/v1/publications", tags=["publications"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def publish(server: ServerDependency, caller: Publisher) -> Publication:
    """Write the dataset of all that is merged, now."""
    async with caller.act("dataset.publish"):
        return await server.publisher.publish()


@router.get("/records", response_class=Response)
async def list_records(
    server: ServerDependency,
    _caller: Publisher,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """List what the dataset is made of, a line each; the last line's cursor leads to the next page, an empty page ends."""
    body = await server.publisher.records(after=number_of(cursor) or 0, limit=limit)
    return Response(body, media_type="application/x-ndjson")


@router.get("")
async def list_publications(server: ServerDependency, _reader: Reader) -> PublicationList:
    """List what was published, newest first."""
    return await server.publisher.publications()
