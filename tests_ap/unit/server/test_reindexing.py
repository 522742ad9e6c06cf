"""Reindexing: the vector store is made anew from the database, and the old one is there until it is whole."""

from pathlib import Path

from conversation_genome.record import MergedRecord
from conversation_server.services.reindexing import reindex
from tests_ap.unit.server.rig import ServerCase, record


class FolderIndex:
    """An index of one file a conversation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def upsert(self, record: MergedRecord) -> None:
        if record.conversation.id == "broken":
            raise OSError("the disk is full")
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / record.conversation.id).write_text(record.tags[0].text)

    def refresh(self) -> None:
        (self._folder / "refreshed").touch()


class ReindexingTest(ServerCase):
    async def test_every_published_conversation_is_searchable_and_nothing_else(self) -> None:
        await self.completed(record("first"), record("second"))
        vectors = self.folder / "vectors"
        vectors.mkdir()
        (vectors / "of a conversation that is gone").touch()
        self.assertEqual(await reindex(self.server.database, vectors, FolderIndex), 1)
        self.assertEqual({path.name for path in vectors.iterdir()}, {"first", "refreshed"})
        self.assertEqual([path for path in self.folder.iterdir() if path.name.startswith(".vectors")], [])

    async def test_the_old_store_stays_where_the_new_one_cannot_be_made(self) -> None:
        await self.completed(record("broken"))
        vectors = self.folder / "vectors"
        vectors.mkdir()
        (vectors / "old").touch()
        with self.assertRaisesRegex(OSError, "full"):
            await reindex(self.server.database, vectors, FolderIndex)
        self.assertEqual([path.name for path in vectors.iterdir()], ["old"])
