"""A server that is killed in the middle of a deletion, then one that is started on what is left.

`python -m tests_ap.integration.server.dying FOLDER DATABASE-URL die|live`: to die, it publishes a conversation and
deletes it, and kills itself the moment the vector store is to be told; to live, it starts and finishes what it finds.
"""

import asyncio
import os
import signal
import sys
import unittest
from pathlib import Path

from conversation_genome.record import MergedRecord
from tests_ap.unit.server.rig import MemoryIndex, ServerCase, record

FOLDER, URL, MODE = Path(sys.argv[1]), sys.argv[2], sys.argv[3]


class FileIndex(MemoryIndex):
    """A vector store that keeps a file for each conversation, and may kill its process instead of removing one."""

    def upsert(self, record: MergedRecord) -> None:
        (FOLDER / "index").mkdir(exist_ok=True)
        (FOLDER / "index" / record.conversation.id).touch()

    def delete(self, conversation_id: str) -> None:
        if MODE == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        (FOLDER / "index" / conversation_id).unlink(missing_ok=True)


class Dying(ServerCase):
    def database_url(self) -> str:
        return URL

    async def start(self) -> None:
        self.folder, self.index = FOLDER, FileIndex()
        await super().start()

    async def test_run(self) -> None:
        if MODE == "die":
            await self.completed(record("first"))
            await self.admin.publish()
            await self.admin.delete("first")
        for _ in range(600):
            if not await self.server.deleter.count_pending():
                return
            await asyncio.sleep(0.05)
        self.fail("the deletion is not finished")


if __name__ == "__main__":
    unittest.main(argv=["dying"])
