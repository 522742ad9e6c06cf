"""`/v1/publications`: the dataset is written."""

from fastapi import APIRouter, status

from conversation_genome.protocol.reads import Publication, PublicationList
from conversation_server.routes.callers import Administrator, Reader, ServerDependency

router = APIRouter(prefix="/v1/publications", tags=["publications"])


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[Administrator])
async def publish(server: ServerDependency) -> Publication:
    """Write the dataset of all that is merged, now."""
    return await server.publisher.publish()


@router.get("", dependencies=[Reader])
async def list_publications(server: ServerDependency) -> PublicationList:
    """List what was published, newest first."""
    return await server.publisher.publications()
