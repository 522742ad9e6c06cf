"""`/v1/conversations`: import, list, read, delete."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from conversation_genome.protocol.messages import ContentHashes, ImportReport
from conversation_genome.protocol.reads import ConversationDetail, ConversationPage, ConversationState, Deletion
from conversation_server.routes import search
from conversation_server.routes.callers import (
    Administrator,
    Cursor,
    Importer,
    Reader,
    ServerDependency,
    is_administrator,
)
from conversation_server.routes.counting import MetricsDependency
from conversation_server.services import importing
from conversation_server.services.intake import take_in

NDJSON: Final = {"required": True, "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
router = APIRouter(prefix="/v1/conversations", tags=["conversations"])


@router.post("", openapi_extra={"requestBody": NDJSON})
async def import_conversations(
    request: Request, server: ServerDependency, caller: Importer, metrics: MetricsDependency
) -> ImportReport:
    """Import uniform records, one JSON object a line; each batch of lines is committed by itself."""
    tally = importing.Tally()
    try:
        async with caller.act("conversations.import"):
            return await take_in(request.stream(), server, caller.holder.id, tally)
    finally:
        metrics.count_import(tally.report())


@router.post("/known")
async def known_content(asked: ContentHashes, server: ServerDependency, _caller: Importer) -> ContentHashes:
    """Say which of these contents are stored already, so that an import that was stopped sends only the others."""
    async with server.read() as work:
        return ContentHashes(hashes=await importing.known_content(work.session, asked.hashes))


@router.get("")
async def list_conversations(
    server: ServerDependency,
    _reader: Reader,
    state: ConversationState | None = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> ConversationPage:
    """List conversations in the order of their import."""
    async with server.read() as work:
        return await work.reading.conversations(state=state, cursor=cursor, limit=limit)


router.include_router(search.of_conversations)


@router.get("/{conversation_id:path}")
async def read_conversation(conversation_id: str, server: ServerDependency, reader: Reader) -> ConversationDetail:
    """Read all that is known of a conversation; its labels are shown to the administrator alone."""
    async with server.read() as work:
        return await work.reading.conversation(conversation_id, with_labels=is_administrator(reader))


@router.delete("/{conversation_id:path}")
async def delete_conversation(conversation_id: str, server: ServerDependency, caller: Administrator) -> Deletion:
    """Remove a conversation from everywhere: the database, the vector store and the dataset."""
    async with caller.act("conversation.delete", conversation_id):
        return await server.delete(conversation_id)
