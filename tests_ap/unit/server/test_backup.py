"""Backups: taken while the server works, checked before anything is touched, taken back by either database."""

import asyncio
import gzip
import itertools
import stat
import tempfile
import unittest
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Connection, func, select, text

from conversation_genome.errors import InputError, UnavailableError
from conversation_genome.protocol.messages import Bundle
from conversation_genome.protocol.reads import ConversationState
from conversation_server.backup.archive import Archive
from conversation_server.backup.making import make_backup, reflected
from conversation_server.backup.restoring import restore_backup
from conversation_server.db.database import Database
from conversation_server.db.models import Base
from conversation_server.db.upgrade import is_current, newest_revision, upgrade_database
from tests_ap.postgres import new_database
from tests_ap.unit.server import test_leases, test_reads, test_submissions
from tests_ap.unit.server.rig import ALICE, BOB, KEY, OnPostgreSQL, ServerCase, record, submission, tasks_of, truth_of

_numbers = itertools.count(1)


def rows_of(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, in the order of their primary keys."""
    return {
        table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
        for table in Base.metadata.sorted_tables
    }


class Moving(ServerCase):
    """A server that may be moved to a new database by a backup."""

    async def move(self, url: str) -> Archive:
        """Back the server up while it runs, restore the backup elsewhere, and go on there."""
        file = self.folder / "backup.jsonl.gz"
        await make_backup(self.server.database, file)
        target = Database(url)
        archive = await restore_backup(target, file)
        await target.close()
        await self.life.aclose()
        self.url = url
        await self.start()
        self.alice, self.bob = self.validator(ALICE), self.validator(BOB)
        self.admin = self.administrator(KEY)
        return archive

    def sqlite(self) -> str:
        """Return where a new, empty SQLite database may lie."""
        return f"sqlite+aiosqlite:///{self.folder}/moved-{next(_numbers)}.sqlite"

    async def full(self) -> Bundle:
        """Fill the server with every kind of row, and return a lease that is still held."""
        await self.completed(record("first"), record("second"), record("third"), record("short", lines=3))
        await self.admin.publish()
        bundle = await self.alice.lease()
        assert bundle is not None
        await self.alice.put_ground_truth(bundle.lease_id, truth_of(bundle))
        await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        return bundle

    async def go_on(self, bundle: Bundle) -> None:
        """Do what a validator and an operator do next."""
        await self.alice.renew(bundle.lease_id)
        again = await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        self.assertTrue(again.is_duplicate)
        for window_id in tasks_of(bundle)[1:]:
            await self.alice.submit(submission(bundle, window_id))
        await self.alice.complete(bundle.lease_id)
        while await self.server.merger.merge_next():
            pass
        await self.admin.import_records([record("fifth")])
        self.assertEqual((await self.admin.stats()).conversations[ConversationState.PUBLISHED], 2)
        self.assertIsNotNone(await self.bob.lease())


class BackupTest(Moving):
    async def all_rows(self) -> dict[str, list[tuple[Any, ...]]]:
        return await self.server.database.transact(rows_of, is_write=False)

    async def test_a_server_goes_on_where_it_was_when_it_moves_to_the_other_database_and_back(self) -> None:
        bundle = await self.full()
        before = await self.all_rows()
        for url in (new_database(), self.sqlite()):
            archive = await self.move(url)
            self.assertEqual(await self.all_rows(), before)
            self.assertEqual(archive.footer.rows["conversations"], 4)
        await self.go_on(bundle)

    async def test_the_server_that_is_backed_up_here_holds_rows_in_every_table_of_its_work(self) -> None:
        await self.full()
        held = {name for name, rows in (await self.all_rows()).items() if rows}
        work = "conversations records queues leases ground_truths submissions merged tags publications nonces"
        self.assertLessEqual(set(work.split()), held)

    async def test_no_number_is_given_twice_though_its_row_was_deleted(self) -> None:
        await self.admin.import_records([record("first"), record("second")])
        await self.admin.delete("second")
        for url in (new_database(), self.sqlite()):
            await self.move(url)
        await self.admin.import_records([record("third")])
        found = await self.server.database.transact(
            lambda connection: connection.execute(text("SELECT max(seq) FROM conversations")).scalar(), is_write=False
        )
        self.assertEqual(found, 3)

    async def test_writing_goes_on_while_a_backup_is_taken_and_the_backup_is_of_one_moment(self) -> None:
        await self.admin.import_records([record(f"number {number}") for number in range(20)])
        began = asyncio.Event()
        loop = asyncio.get_running_loop()

        def progress(_table: str, _rows: int) -> None:
            loop.call_soon_threadsafe(began.set)

        async def write() -> None:
            await began.wait()
            await self.admin.import_records([record("late")])

        footer, _ = await asyncio.gather(
            make_backup(self.server.database, self.folder / "busy.jsonl.gz", progress), write()
        )
        self.assertEqual(footer.rows["conversations"], footer.rows["records"])
        self.assertEqual((await self.admin.conversation("late")).summary.id, "late")

    async def test_only_the_owner_may_read_a_backup(self) -> None:
        file = self.folder / "new folder" / "backup.jsonl.gz"
        await make_backup(self.server.database, file)
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual([path.name for path in file.parent.iterdir()], [file.name])


class BackupOnPostgreSQLTest(OnPostgreSQL, BackupTest):
    """The same, from PostgreSQL."""


class _MovedInTheMiddle(Moving):
    """Every test that leases or completes is moved to another database, by a backup, right after."""

    async def leased(self, *records: dict[str, Any]) -> Bundle:
        bundle = await super().leased(*records)
        await self.move(self.sqlite())
        return bundle


class _MovedToPostgreSQL(Moving):
    """The same, to PostgreSQL."""

    async def leased(self, *records: dict[str, Any]) -> Bundle:
        bundle = await super().leased(*records)
        await self.move(new_database())
        return bundle


def _moved(module: object, how: type[Moving]) -> dict[str, type[ServerCase]]:
    return {
        f"{name}{how.__name__}": type(f"{name}{how.__name__}", (how, case), {"__module__": __name__})
        for name, case in vars(module).items()
        if isinstance(case, type)
        and issubclass(case, ServerCase)
        and case.__module__ == getattr(module, "__name__", "")
    }


globals().update(_moved(test_leases, _MovedInTheMiddle))
globals().update(_moved(test_reads, _MovedInTheMiddle))
globals().update(_moved(test_submissions, _MovedToPostgreSQL))


class RestoreTest(unittest.IsolatedAsyncioTestCase):
    backup: ClassVar[bytes]

    @classmethod
    def setUpClass(cls) -> None:
        async def back_up(folder: Path) -> bytes:
            database = Database(f"sqlite+aiosqlite:///{folder}/source.sqlite")
            await upgrade_database(database)
            await database.transact(
                lambda connection: connection.execute(text("INSERT INTO queues VALUES ('podcast', 3)")), is_write=True
            )
            await make_backup(database, folder / "backup.jsonl.gz")
            await database.close()
            return (folder / "backup.jsonl.gz").read_bytes()

        with tempfile.TemporaryDirectory() as folder:
            cls.backup = asyncio.run(back_up(Path(folder)))

    async def asyncSetUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.folder / "backup.jsonl.gz"
        self.file.write_bytes(self.backup)
        self.database = self.open("server")

    def open(self, name: str) -> Database:
        database = Database(f"sqlite+aiosqlite:///{self.folder}/{name}.sqlite")
        self.addAsyncCleanup(database.close)
        return database

    async def sources(self, database: Database) -> int:
        return await database.transact(
            lambda connection: connection.execute(text("SELECT count(*) FROM queues")).scalar_one(), is_write=False
        )

    async def test_a_database_that_holds_rows_is_left_alone_unless_forced(self) -> None:
        await restore_backup(self.database, self.file)
        with self.assertRaisesRegex(InputError, r"holds 1 rows already.*--force"):
            await restore_backup(self.database, self.file)
        await restore_backup(self.database, self.file, is_forced=True)
        self.assertEqual(await self.sources(self.database), 1)
        self.assertTrue(await is_current(self.database))

    async def test_tables_that_are_not_ours_are_never_removed(self) -> None:
        await self.database.transact(
            lambda connection: connection.execute(text("CREATE TABLE theirs (id INTEGER PRIMARY KEY)")), is_write=True
        )
        with self.assertRaisesRegex(InputError, r"something else \(theirs\)"):
            await restore_backup(self.database, self.file, is_forced=True)

    async def test_a_backup_that_was_cut_off_changed_or_is_none_is_refused_before_anything_is_done(self) -> None:
        lines = gzip.decompress(self.backup)
        later = lines.replace(newest_revision().encode(), b"9999", 1)
        for bad, reason in (
            (self.backup[:-40], "no backup that can be restored"),
            (gzip.compress(lines.replace(b'"podcast",3', b'"podcast",4')), "was changed or damaged"),
            (gzip.compress(lines.rsplit(b"\n", 2)[0] + b"\n"), "no backup that can be restored"),
            (gzip.compress(later), "was changed or damaged"),
            (b"SQLite format 3", "no backup that can be restored"),
            (b"", "no backup that can be restored"),
        ):
            with self.subTest(reason=reason, size=len(bad)):
                self.file.write_bytes(bad)
                with self.assertRaisesRegex(InputError, reason):
                    await restore_backup(self.database, self.file)
        self.assertFalse(await is_current(self.database))

    async def test_a_restore_that_fails_half_way_leaves_the_database_as_it_was(self) -> None:
        await restore_backup(self.database, self.file)
        twice = self.folder / "twice.jsonl.gz"
        doubled = gzip.decompress(self.backup).replace(b'["podcast",3]\n', b'["podcast",3]\n["podcast",3]\n')
        twice.write_bytes(gzip.compress(_with_new_footer(doubled)))
        with self.assertRaisesRegex(UnavailableError, "did not take the backup.*as it was before"):
            await restore_backup(self.database, twice, is_forced=True)
        self.assertEqual(await self.sources(self.database), 1)

    async def test_a_database_without_tables_cannot_be_backed_up(self) -> None:
        with self.assertRaisesRegex(InputError, "has no tables"):
            await make_backup(self.database, self.folder / "nothing.jsonl.gz")
        self.assertFalse((self.folder / "nothing.jsonl.gz").exists())

    async def test_every_table_of_the_models_is_backed_up(self) -> None:
        await restore_backup(self.database, self.file)
        found = await self.database.transact(
            lambda connection: {table.name for table in reflected(connection)}, is_write=False
        )
        self.assertEqual(found, set(Base.metadata.tables))

    async def test_more_rows_than_a_page_come_back(self) -> None:
        await upgrade_database(self.database)
        await self.database.transact(
            lambda connection: connection.execute(
                text("INSERT INTO nonces VALUES (:hotkey, :nonce, 1.5)"),
                [{"hotkey": str(number % 3), "nonce": str(number)} for number in range(250)],
            ),
            is_write=True,
        )
        await make_backup(self.database, self.file)
        target = self.open("target")
        await restore_backup(target, self.file)
        count = select(func.count()).select_from(Base.metadata.tables["nonces"])
        found = await target.transact(lambda connection: connection.execute(count).scalar(), is_write=False)
        self.assertEqual(found, 250)


def _with_new_footer(lines: bytes) -> bytes:
    import hashlib  # noqa: PLC0415

    import orjson  # noqa: PLC0415

    body, footer = lines.rstrip(b"\n").rsplit(b"\n", 1)
    body += b"\n"
    values = orjson.loads(footer)
    values["rows"]["queues"] = 2
    values["sha256"] = hashlib.sha256(body).hexdigest()
    return body + orjson.dumps(values) + b"\n"


if __name__ == "__main__":
    unittest.main()
