"""Publishing: the dataset is written from the database, whole or not at all."""

import asyncio
import secrets
from collections.abc import Iterator
from typing import Final

import orjson

from conversation_genome import publishing
from conversation_genome.protocol.reads import Publication, PublicationList
from conversation_genome.record import MergedRecord
from conversation_genome.settings import ServerSettings
from conversation_server.db import merged
from conversation_server.db.database import Database
from conversation_server.db.models import PublicationRow
from conversation_server.services.times import at
from conversation_server.services.tools import Tools, in_thread

PAGE: Final = 20
PAGE_BYTES: Final = 8 * 1024 * 1024
"""Of one answer with records; only a single record may be longer."""
SHOWN: Final = 100


class Publisher:
    """Writes the dataset, one writing at a time."""

    def __init__(self, database: Database, tools: Tools) -> None:
        self._database = database
        self._tools = tools
        self._turn = asyncio.Lock()

    async def publish(self) -> Publication:
        """Write all that is merged, in place of the dataset before."""
        async with self._turn:
            written = await asyncio.to_thread(self._write, asyncio.get_running_loop())
        row = PublicationRow(
            id=secrets.token_hex(16),
            path=str(written.folder),
            conversations=written.conversations,
            left_out=written.left_out_total,
            revision=written.revision,
            files=orjson.dumps(_files(written)).decode(),
            published_at=self._tools.clock(),
        )
        async with self._database.write() as session:
            await merged.add_publication(session, row)
        return _publication(row)

    async def publications(self) -> PublicationList:
        """Return what was published, newest first."""
        async with self._database.read() as session:
            rows = await merged.publications(session, limit=SHOWN)
        return PublicationList(publications=tuple(map(_publication, rows)))

    async def records(self, *, after: int, limit: int) -> bytes:
        """Return published records as lines of JSON, each with the cursor that leads on; nothing at the end.

        They are as they may leave the server. A page ends early where it grows long.
        """
        return await in_thread(self._tools.reading, self._lines, await self._page(after, limit))

    def _lines(self, page: list[tuple[int, str]]) -> bytes:
        lines = bytearray()
        for number, body in page:
            record = shown(MergedRecord.model_validate_json(body), self._tools.settings)
            lines += orjson.dumps({"cursor": str(number), "record": orjson.Fragment(record.model_dump_json())}) + b"\n"
            if len(lines) >= PAGE_BYTES:
                break
        return bytes(lines)

    def _write(self, loop: asyncio.AbstractEventLoop) -> publishing.Publication:
        return publishing.write_dataset(self._records(loop), self._tools.dataset_folder, embedder=self._tools.embedder)

    def _records(self, loop: asyncio.AbstractEventLoop) -> Iterator[MergedRecord]:
        """Yield every merged record, a page at a time, from a thread beside the loop."""
        after = 0
        while page := asyncio.run_coroutine_threadsafe(self._page(after, PAGE), loop).result():
            for number, body in page:
                after = number
                yield shown(MergedRecord.model_validate_json(body), self._tools.settings)

    async def _page(self, after: int, limit: int) -> list[tuple[int, str]]:
        async with self._database.read() as session:
            return [(row.conversation, row.body) for row in await merged.page(session, after=after, limit=limit)]


def shown(record: MergedRecord, settings: ServerSettings) -> MergedRecord:
    """Return a record as it may leave the server: masked and discreet where the settings say so. Blocks."""
    masked = publishing.masked_record(record) if settings.server_mask_published else record
    return masked if settings.profiles_sensitive else publishing.discreet_record(masked)


def _files(written: publishing.Publication) -> list[str]:
    files = (path for path in written.folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(written.folder).as_posix() for path in files)


def _publication(row: PublicationRow) -> Publication:
    return Publication(
        id=row.id,
        path=row.path,
        conversations=row.conversations,
        left_out=row.left_out,
        revision=row.revision,
        files=tuple(orjson.loads(row.files)),
        published_at=at(row.published_at),
    )
