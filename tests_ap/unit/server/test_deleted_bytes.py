"""What was deleted is out of a SQLite file to the last byte, and out of the log beside it."""

from conversation_server.db import sqlite_driver
from tests_ap.unit.server.rig import ServerCase, record

WORDS = b"I told first about the"


class DeletedBytesTest(ServerCase):
    def holding(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("server.sqlite*") if WORDS in path.read_bytes())

    async def test_not_a_byte_of_it_stays_in_the_file_of_the_database(self) -> None:
        await self.admin.import_records([record("first"), record("second")])
        sqlite_driver.empty_log(str(self.folder / "server.sqlite"))
        self.assertEqual(self.holding(), ["server.sqlite"])
        await self.admin.delete("first")
        self.assertEqual(self.holding(), [])

    async def test_not_a_byte_of_it_stays_in_the_log_beside_the_file(self) -> None:
        await self.admin.import_records([record("first"), record("second")])
        self.assertIn("server.sqlite-wal", self.holding())
        await self.admin.delete("first")
        self.assertEqual(self.holding(), [])
