"""`python -m conversation_server db ...`: what is done to the database beside the server, each with one line of JSON.

What a verb did goes to standard output, how far it is to the log.
"""

import argparse
import asyncio
import hashlib
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

from conversation_genome.embedding.loading import load_embedder
from conversation_genome.errors import UnavailableError
from conversation_genome.search.index import ConversationIndex
from conversation_genome.search.indexing import vector_model
from conversation_genome.settings import ServerSettings
from conversation_genome.vector_store.opening import is_folder, open_stores, shown
from conversation_server.backup.making import make_backup
from conversation_server.backup.restoring import restore_backup
from conversation_server.db.database import Database
from conversation_server.db.upgrade import is_current, newest_revision, upgrade_database
from conversation_server.services.reindexing import reindex, reindex_in_place

GROUP: Final = "db"
Verb = Callable[[Database, ServerSettings, argparse.Namespace], Awaitable[dict[str, Any]]]
_log = structlog.get_logger("conversation_server")


def split(arguments: Sequence[str]) -> tuple[Callable[[ServerSettings], None], list[str]]:
    """Return what `db ...` is to do, and the arguments that are settings.

    Args:
        arguments: The command line after `db`.

    Raises:
        SystemExit: With status 2 if the verb is unknown or lacks its file.
    """
    parser = argparse.ArgumentParser(prog="server db", allow_abbrev=False, description=__doc__.split("\n", 1)[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("upgrade", help="bring the tables up to date")
    verbs.add_parser("backup", help="write the whole database into FILE").add_argument("file", type=Path)
    restoring = verbs.add_parser("restore", help="put FILE into an empty database, and make the vector store anew")
    restoring.add_argument("file", type=Path)
    restoring.add_argument("--force", action="store_true", help="remove what the database holds")
    verbs.add_parser("reindex", help="make the vector store anew from the database")
    given, rest = parser.parse_known_args(arguments)
    return lambda settings: _run(settings, given), rest


def _run(settings: ServerSettings, given: argparse.Namespace) -> None:
    result = asyncio.run(_with_database(settings, given))
    sys.stdout.write(f"{orjson.dumps(result).decode()}\n")


async def _with_database(settings: ServerSettings, given: argparse.Namespace) -> dict[str, Any]:
    database = Database(settings.server_database_url)
    try:
        return await _VERBS[given.verb](database, settings, given)
    finally:
        await database.close()


async def _upgrade(database: Database, _settings: ServerSettings, _given: argparse.Namespace) -> dict[str, Any]:
    revision = await upgrade_database(database)
    _log.info("tables are up to date", revision=revision)
    return {"revision": revision}


async def _backup(database: Database, _settings: ServerSettings, given: argparse.Namespace) -> dict[str, Any]:
    footer = await make_backup(database, given.file, _tell)
    sha256 = await asyncio.to_thread(_sha256, given.file)
    return {"file": str(given.file), "bytes": given.file.stat().st_size, "sha256": sha256, "rows": footer.rows}


async def _restore(database: Database, settings: ServerSettings, given: argparse.Namespace) -> dict[str, Any]:
    archive = await restore_backup(database, given.file, is_forced=given.force, progress=_tell)
    result = {"file": str(given.file), "made_at": archive.header.made_at, "from_revision": archive.header.revision}
    _log.info("the database is restored; the vector store is made anew")
    reindexed = await _reindex(database, settings, given)
    return {**result, "revision": newest_revision(), "rows": archive.footer.rows, **reindexed}


async def _reindex(database: Database, settings: ServerSettings, _given: argparse.Namespace) -> dict[str, Any]:
    if not await is_current(database):
        raise UnavailableError(
            "the database does not answer, or its tables are not of this version: check CGP_SERVER_DATABASE_URL and run `cgp db upgrade`"
        )
    embedder = load_embedder(
        settings.models_path, threads=settings.embedding_threads, cache_entries=settings.embedding_cache_entries
    )

    model, folder = vector_model(embedder.model), settings.server_vector_store_path
    if not is_folder(settings.vector_store_place):
        stores = open_stores(settings.vector_store_place, main=model)
        count = await reindex_in_place(database, stores, ConversationIndex(stores, embedder))
        return {"searchable": count, "vector_store": shown(settings.vector_store_place)}

    def opened(folder: Path) -> ConversationIndex:
        return ConversationIndex(open_stores(folder, main=model), embedder)

    count = await reindex(database, folder, opened)
    return {"searchable": count, "vector_store": str(folder)}


def _tell(table: str, rows: int) -> None:
    _log.info("table", table=table, rows=rows)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_VERBS: Final[dict[str, Verb]] = {
    "upgrade": _upgrade,
    "backup": _backup,
    "restore": _restore,
    "reindex": _reindex,
}
