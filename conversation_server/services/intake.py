"""Intake: records that come in as a stream, batch by batch, each batch committed by itself."""

from collections.abc import AsyncIterable
from functools import partial

from conversation_genome.protocol.messages import ImportReport
from conversation_server.services import importing
from conversation_server.services.masking import masked_batch
from conversation_server.services.server import Server
from conversation_server.services.tools import in_thread


async def take_in(
    chunks: AsyncIterable[bytes], server: Server, key_id: str, tally: importing.Tally | None = None
) -> ImportReport:
    """Import uniform records, one JSON object a line, and return what became of them.

    Args:
        chunks: The stream, cut anywhere.
        server: Where they go.
        key_id: Whose budget it is counted against.
        tally: Counts while it runs, for whoever wants to look on.

    Raises:
        TooManyRequestsError: If the budget is used up; what came before is in.
    """
    tools, tally, threads = server.tools, tally or importing.Tally(), server.tools.reading
    async for lines in importing.batches(chunks):
        await server.limits.imported(key_id, sum(len(line or b"") for _, line in lines))
        batch = await in_thread(threads, importing.read_batch, lines)
        if tools.settings.server_mask_tasks:
            batch = await in_thread(threads, masked_batch, batch)
        known = await server.database.transact(partial(importing.known, batch=batch), is_write=False)
        prepared = await in_thread(
            threads, importing.prepare, batch, known, tools.windowing, tools.embedder, tools.clock()
        )
        tally.add(await server.database.transact(partial(importing.store, batch=prepared), is_write=True))
    return tally.report()
