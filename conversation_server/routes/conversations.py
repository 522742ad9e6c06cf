"""`/v1/conversations`: import, list, read, delete."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from conversation_genome.protocol.messages import ContentHashes, ImportReport
from conversation_genome.protocol.reads import ConversationDetail, ConversationPage, ConversationState, Deletion
from conversation_server.routes.callers import Administrator, IsAdministrator, Reader, ServerDependency
from conversation_server.services import importing
from conversation_server.services.masking import masked_batch
from conversation_server.services.tools import in_thread

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])


@router.post("", dependencies=[Administrator])
async def import_conversations(request: Request, server: ServerDependency) -> ImportReport:
    """Import uniform records, one JSON object a line; each batch of lines is committed by itself."""
    tally, threads = importing.Tally(), server.tools.reading
    async for lines in importing.batches(request.stream()):
        batch = await in_thread(threads, importing.read_batch, lines)
        if server.tools.settings.server_mask_tasks:
            batch = await in_thread(threads, masked_batch, batch)
        async with server.read() as work:
            known = await importing.known(work.session, batch)
        tools = server.tools
        prepared = await in_thread(
            threads, importing.prepare, batch, known, tools.windowing, tools.embedder, tools.clock()
        )
        async with server.write() as work:
            await importing.store(work.session, prepared, tally)
    return tally.report()


@router.post("/known", dependencies=[Administrator])
async def known_content(asked: ContentHashes, server: ServerDependency) -> ContentHashes:
    """Say which of these contents are stored already, so that an import that was stopped sends only the others."""
    async with server.read() as work:
        return ContentHashes(hashes=await importing.known_content(work.session, asked.hashes))


@router.get("", dependencies=[Reader])
async def list_conversations(
    server: ServerDependency,
    state: ConversationState | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> ConversationPage:
    """List conversations in the order of their import."""
    async with server.read() as work:
        return await work.reading.conversations(state=state, cursor=cursor, limit=limit)


@router.get("/{conversation_id:path}")
async def read_conversation(
    conversation_id: str, server: ServerDependency, is_administrator: IsAdministrator
) -> ConversationDetail:
    """Read all that is known of a conversation; its labels are shown to the administrator alone."""
    async with server.read() as work:
        return await work.reading.conversation(conversation_id, with_labels=is_administrator)


@router.delete("/{conversation_id:path}", dependencies=[Administrator])
async def delete_conversation(conversation_id: str, server: ServerDependency) -> Deletion:
    """Remove a conversation from everywhere: the database, the vector store and the dataset."""
    return await server.delete(conversation_id)
