"""The database: migrations equal the models, one upgrade at a time, writes that fail leave nothing."""

import asyncio
import tempfile
import unittest
from functools import partial
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select, text

from conversation_genome.errors import SettingsError, UnavailableError
from conversation_server.db import nonces
from conversation_server.db.database import Database
from conversation_server.db.models import Base, NonceRow
from conversation_server.db.upgrade import is_current, newest_revision, upgrade_database


class DatabaseTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.database = self.open()

    def open(self) -> Database:
        database = Database(f"sqlite+aiosqlite:///{self.folder}/a folder/server.sqlite")
        self.addAsyncCleanup(database.close)
        return database

    async def test_the_migrations_make_the_tables_of_the_models(self) -> None:
        await upgrade_database(self.database)
        async with self.database.read() as session:
            connection = await session.connection()
            difference = await connection.run_sync(
                lambda sync: compare_metadata(MigrationContext.configure(sync), Base.metadata)
            )
        self.assertEqual(difference, [])

    async def test_many_processes_may_upgrade_at_the_same_time(self) -> None:
        databases = [self.open() for _ in range(4)]
        revisions = await asyncio.gather(*(upgrade_database(one) for one in databases))
        self.assertEqual(set(revisions), {newest_revision()})
        self.assertTrue(await is_current(self.database))

    async def test_a_database_without_tables_is_not_current(self) -> None:
        self.assertFalse(await is_current(self.database))

    async def test_a_file_that_is_no_database_is_refused_in_one_sentence(self) -> None:
        (self.folder / "a folder" / "server.sqlite").write_bytes(b"not a database" * 100)
        with self.assertRaisesRegex(UnavailableError, r"server\.sqlite cannot be used .*not a database"):
            await upgrade_database(self.database)

    async def test_a_write_that_fails_leaves_nothing(self) -> None:
        await upgrade_database(self.database)

        def use(connection: Connection, *, fails: bool) -> bool:
            is_new = nonces.use(connection, "a", 1, now=0.0, expires_at=9.0)
            if fails:
                raise RuntimeError
            return is_new

        with self.assertRaises(RuntimeError):
            await self.database.transact(partial(use, fails=True), is_write=True)
        self.assertTrue(await self.database.transact(partial(use, fails=False), is_write=True))

    async def test_a_nonce_is_used_once_until_it_is_forgotten(self) -> None:
        await upgrade_database(self.database)
        for hotkey, now, expected in (("a", 0.0, True), ("a", 8.0, False), ("b", 8.0, True), ("a", 9.1, True)):
            found = await self.database.transact(
                partial(nonces.use, hotkey=hotkey, nonce=2**63, now=now, expires_at=now + 9.0), is_write=True
            )
            self.assertEqual(found, expected, (hotkey, now))

    async def test_a_session_that_fails_leaves_nothing(self) -> None:
        await upgrade_database(self.database)
        with self.assertRaises(RuntimeError):
            async with self.database.write() as session:
                session.add(NonceRow(hotkey="a", nonce="1", expires_at=9.0))
                await session.flush()
                raise RuntimeError
        async with self.database.read() as session:
            self.assertIsNone(await session.scalar(select(NonceRow)))

    async def test_sessions_and_transactions_take_turns(self) -> None:
        await upgrade_database(self.database)

        async def in_session(number: int) -> None:
            async with self.database.write() as session:
                session.add(NonceRow(hotkey="session", nonce=str(number), expires_at=9.0))

        def directly(connection: Connection, number: int) -> bool:
            return nonces.use(connection, "directly", number, now=0.0, expires_at=9.0)

        jobs = [in_session(number) for number in range(8)]
        jobs += [self.database.transact(partial(directly, number=number), is_write=True) for number in range(8)]
        await asyncio.gather(*jobs)
        async with self.database.read() as session:
            self.assertEqual(await session.scalar(select(func.count()).select_from(NonceRow)), 16)

    async def test_both_ways_are_durable_and_readers_are_not_held_up(self) -> None:
        names = ("journal_mode", "synchronous", "foreign_keys")
        found = await self.database.transact(
            lambda connection: [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names], is_write=False
        )
        self.assertEqual(found, ["wal", 2, 1])

    async def test_what_is_committed_survives_a_power_cut_and_readers_are_not_held_up(self) -> None:
        async with self.database.read() as session:
            found = [
                (await session.execute(text(f"PRAGMA {name}"))).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        self.assertEqual(found, ["wal", 2, 1])

    def test_a_url_that_is_none_is_refused_and_not_repeated(self) -> None:
        for url in ("", "nonsense", "sqlite:///x.sqlite", "mysql://root:secret@host/db"):
            with self.assertRaisesRegex(SettingsError, "CGP_SERVER_DATABASE_URL") as caught:
                Database(url)
            self.assertNotIn("secret", str(caught.exception))
