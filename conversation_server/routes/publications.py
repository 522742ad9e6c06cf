"""`/v1/publications`: the dataset is written."""

from fastapi import APIRouter, status

from conversation_genome.protocol.reads import Publication, PublicationList
from conversation_server.routes.callers import Publisher, Reader, ServerDependency

router = APIRouter(prefix="/v1/publications", tags=["publications"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def publish(server: ServerDependency, caller: Publisher) -> Publication:
    """Write the dataset of all that is merged, now."""
    async with caller.act("dataset.publish"):
        return await server.publisher.publish()


@router.get("")
async def list_publications(server: ServerDependency, _reader: Reader) -> PublicationList:
    """List what was published, newest first."""
    return await server.publisher.publications()
