"""What the release before stored is upgraded, whole, and worked on.

`release-0002.sql` was dumped from a server of that release: one conversation is published, one is under a lease that
ran out, one under Bob's lease with two answers, one was given back, graded anew and could not be merged, one waits, and
one is too short.
"""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from conversation_genome.protocol.reads import ConversationState
from conversation_server.backup.making import make_backup, reflected
from conversation_server.backup.restoring import restore_backup
from conversation_server.db.database import Database
from conversation_server.db.upgrade import downgrade, is_current, migrate, upgrade_database
from tests_ap.postgres import new_database
from tests_ap.unit.server.rig import ALICE, BOB, ServerCase, submission, tasks_of

DUMP: Final = Path(__file__).with_name("release-0002.sql")
NOW: Final = 1_800_000_161.0
"""The clock of the server that was dumped."""
Rows = dict[str, list[dict[str, Any]]]


def rows_of(connection: Connection) -> Rows:
    return {
        table.name: [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]
        for table in reflected(connection)
    }


def within(old: Rows, new: Rows) -> Rows:
    """Return of the new rows the tables and columns that the old ones have."""
    return {
        name: [{column: row[column] for column in rows[0]} for row in new[name]] if rows else new[name]
        for name, rows in old.items()
    }


def load_dump(file: Path) -> str:
    """Make a SQLite database of the release before and return its URL."""
    database = sqlite3.connect(file)
    database.executescript(DUMP.read_text(encoding="utf-8"))
    database.close()
    return f"sqlite+aiosqlite:///{file}"


class UpgradeTest(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        await self.life.aclose()
        self.clock.now = NOW
        self.url = await self.old_database()
        self.old = await self.rows()

    async def old_database(self) -> str:
        return load_dump(self.folder / "old.sqlite")

    async def rows(self) -> Rows:
        database = Database(self.url)
        rows = await database.transact(rows_of, is_write=False)
        await database.close()
        return rows

    async def serve(self) -> None:
        await self.start()
        self.alice, self.bob = self.validator(ALICE), self.validator(BOB)
        self.admin = self.administrator("the administrator's key")

    async def test_nothing_is_lost_or_changed(self) -> None:
        database = Database(self.url)
        await upgrade_database(database)
        self.assertTrue(await is_current(database))
        await database.close()
        self.assertEqual(within(self.old, await self.rows()), self.old)
        self.assertEqual(len(self.old["conversations"]), 6)

    async def test_every_conversation_goes_on_from_where_it_stood(self) -> None:
        await self.serve()
        bundle = await self.bob.lease()
        assert bundle is not None
        self.assertEqual((bundle.conversation["id"], len(bundle.submitted)), ("given back", 2))
        again = await self.bob.submit(submission(bundle, tasks_of(bundle)[0]))
        self.assertTrue(again.is_duplicate)
        await self.bob.renew(bundle.lease_id)
        found = await self.alice.lease()
        assert found is not None
        self.assertEqual(found.conversation["id"], "leased")
        for window_id in tasks_of(bundle)[1:]:
            await self.bob.submit(submission(bundle, window_id))
        await self.bob.complete(bundle.lease_id)
        self.clock.now += 60
        while await self.server.merger.merge_next():
            pass
        states = (await self.admin.stats()).conversations
        self.assertEqual(states[ConversationState.PUBLISHED], 3)
        found_by_word = {one.conversation_id for one in (await self.admin.search("cheese")).hits}
        self.assertEqual(found_by_word, {"completed", "given back"})
        self.assertEqual(len((await self.admin.publications()).publications), 1)

    async def test_it_may_be_taken_back_and_done_again(self) -> None:
        database = Database(self.url)
        await upgrade_database(database)
        async with database.write() as session:
            connection = await session.connection()
            await connection.run_sync(partial(downgrade, revision="0002"))
        self.assertEqual(await self.rows(), self.old)
        async with database.write() as session:
            await (await session.connection()).run_sync(migrate)
        self.assertTrue(await is_current(database))
        await database.close()
        self.assertEqual(within(self.old, await self.rows()), self.old)


class UpgradeOnPostgreSQLTest(UpgradeTest):
    """The same, where the release before worked on PostgreSQL."""

    async def old_database(self) -> str:
        url = new_database()
        source, target = Database(load_dump(self.folder / "old.sqlite")), Database(url)
        await make_backup(source, self.folder / "old.jsonl.gz")
        await restore_backup(target, self.folder / "old.jsonl.gz")
        async with target.write() as session:
            connection = await session.connection()
            await connection.run_sync(partial(downgrade, revision="0002"))
        await source.close()
        await target.close()
        return url
