"""The original's reference server, as its public code describes it, written anew to be measured.

One SQLite file without indexes; `ORDER BY RANDOM() LIMIT 1` for each conversation, which is marked by nothing; one
result file, for which every request opens a connection and runs CREATE TABLE. Nothing is checked or scored.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from fastapi import Depends, FastAPI, Request

from conversation_genome.annotation import Hotkey
from conversation_genome.protocol.signing import MemoryNonceStore, verify

_SOURCE = """CREATE TABLE IF NOT EXISTS conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER, guid TEXT, idx INTEGER, json JSON,
    created_at TEXT, updated_at TEXT)"""
_RESULTS = """CREATE TABLE IF NOT EXISTS cgp_results (
    id INTEGER PRIMARY KEY AUTOINCREMENT, status INTEGER DEFAULT 1, c_guid TEXT, convo_window_index INTEGER,
    hotkey TEXT, uid INTEGER, tags JSON, json JSON, created_at TEXT DEFAULT CURRENT_TIMESTAMP)"""


def create_reference_app(folder: Path, receiver: Hotkey | None = None) -> FastAPI:
    """Return the server on a folder that `fill` has filled; with a receiver, it lets signed requests pass alone."""
    app = FastAPI(dependencies=[] if receiver is None else [Depends(_signature(receiver))])

    @app.post("/api/v1/conversation/reserve")
    def reserve_one() -> Any:
        return reserve(folder)

    @app.put("/api/v1/conversation/record/{guid}")
    def record_one(guid: str, body: dict[str, Any]) -> dict[str, int]:
        record(folder, guid, body)
        return {"success": 1}

    return app


def _signature(receiver: Hotkey) -> Callable[[Request], Awaitable[None]]:
    nonces = MemoryNonceStore()

    async def check(request: Request) -> None:
        body, path = await request.body(), request.scope["raw_path"].decode()
        verify(request.headers, body, method=request.method, path=path, receiver=receiver, nonces=nonces)

    return check


def reserve(folder: Path) -> dict[str, Any]:
    """Return a conversation at random."""
    with closing(sqlite3.connect(folder / "conversations.sqlite")) as connection:
        row = connection.execute("SELECT guid, json FROM conversations ORDER BY RANDOM() LIMIT 1").fetchone()
    return {"guid": row[0], **orjson.loads(row[1])}


def record(folder: Path, guid: str, body: dict[str, Any]) -> None:
    """Store a result."""
    tags, whole = orjson.dumps(body["tags"]).decode(), orjson.dumps(body).decode()
    with closing(sqlite3.connect(folder / "cgp_tags.sqlite", timeout=60)) as connection:
        connection.execute(_RESULTS)
        connection.execute(
            "INSERT INTO cgp_results (c_guid, convo_window_index, hotkey, uid, tags, json) VALUES (?, ?, ?, ?, ?, ?)",
            (guid, 0, body["hotkey"], body["uid"], tags, whole),
        )
        connection.commit()


def fill(folder: Path, record: dict[str, Any], conversations: int) -> None:
    """Store copies of a conversation."""
    with closing(sqlite3.connect(folder / "conversations.sqlite")) as connection:
        connection.execute(_SOURCE)
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO conversations (source_id, guid, idx, json) SELECT 1, 'talk ' || i, i, ? FROM n",
            (conversations, orjson.dumps(record).decode()),
        )
        connection.commit()
