"""Uploading: files that came in through the browser are read in the background, and tell how far they are.

An upload is known to the process that took it in, and forgotten when that ends; what it has stored stays, and the
same file may be sent again: what is there is a duplicate.
"""

import asyncio
import fcntl
import os
import secrets
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import orjson
import structlog

from conversation_genome.conversation import Conversation
from conversation_genome.errors import ConversationGenomeError, InputError, NotFoundError
from conversation_genome.protocol.messages import ImportReport
from conversation_genome.sources.importing import licensed
from conversation_genome.sources.opening import watched
from conversation_genome.sources.registry import AUTO, SOURCES, read_source
from conversation_server.services.importing import Tally
from conversation_server.services.intake import take_in
from conversation_server.services.server import Server

FORMATS: Final = (AUTO, *sorted(SOURCES))
KEPT: Final = 50
"""Uploads that are remembered."""
MAX_FAULTS: Final = 200
BATCH: Final = 50
BATCH_BYTES: Final = 2**23
"""A batch ends with the record that reaches this, so that memory does not grow with what conversations are long."""
_PREFIX: Final = "cgp-upload-"
_locks: Final[dict[Path, int]] = {}
"""Of the folders that this process reads."""
_log = structlog.get_logger(__name__)


class UploadState(StrEnum):
    """How far an upload is."""

    READING = "reading"
    DONE = "done"
    FAILED = "failed"
    """It ended early; what came before is in."""


@dataclass
class Upload:
    """One file that came in through the browser."""

    id: str
    name: str
    size_bytes: int
    started_at: float
    state: UploadState = UploadState.READING
    read_bytes: int = 0
    tally: Tally = field(default_factory=Tally)
    faults: list[str] = field(default_factory=list)
    """What could not be read, with its line; the first ones."""
    faults_total: int = 0
    ended_at: float | None = None

    @property
    def share(self) -> float:
        """How much of the file is read, in [0, 1]."""
        if self.state is UploadState.DONE:
            return 1.0
        return min(1.0, self.read_bytes / self.size_bytes) if self.size_bytes else 0.0

    def note(self, message: str) -> None:
        """Count and keep a fault."""
        self.faults_total += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(message)


class Uploads:
    """The uploads of one process."""

    def __init__(self) -> None:
        self._uploads: OrderedDict[str, Upload] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def newest(self) -> list[Upload]:
        """Return the uploads, newest first."""
        return list(reversed(self._uploads.values()))

    def find(self, upload_id: str) -> Upload:
        """Return an upload.

        Raises:
            NotFoundError: If this process does not know it.
        """
        if upload_id not in self._uploads:
            raise NotFoundError(
                f"this process knows no import {upload_id[:40]!r}; it may have ended since, "
                "and what an import has stored is there all the same"
            )
        return self._uploads[upload_id]

    def begin(
        self,
        server: Server,
        path: Path,
        *,
        form: str,
        license: str | None,  # noqa: A002
        key_id: str,
        act: AbstractAsyncContextManager[None],
        told: Callable[[ImportReport], None],
    ) -> Upload:
        """Read a file in the background and return how it can be followed; its folder is removed at the end.

        Args:
            server: Where it goes.
            path: The file, alone in a folder of its own.
            form: One of `FORMATS`.
            license: Of conversations whose source states none.
            key_id: Whose budget it is counted against.
            act: What writes it down.
            told: What counts it when it is over.
        """
        upload = Upload(secrets.token_hex(8), path.name, path.stat().st_size, server.tools.clock())
        self._uploads[upload.id] = upload
        while len(self._uploads) > KEPT:
            self._uploads.popitem(last=False)
        records = _records(upload, path, form, license)
        task = asyncio.create_task(_run(upload, server, path, records, key_id, act), name="upload")
        task.add_done_callback(lambda _task: told(upload.tally.report()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return upload

    async def stop(self) -> None:
        """End what is still being read."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def new_place(name: str) -> Path:
    """Return where a file may be written that a stranger named: alone in a new folder, under a harmless name."""
    kept = "".join(letter if letter.isalnum() or letter in " ._-+()" else "_" for letter in name[-120:])
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    _locks[folder] = _locked(folder)
    return folder / (kept.strip(" .") or "upload")


def remove_place(path: Path) -> None:
    """Remove a file and the folder that was made for it; blocks."""
    shutil.rmtree(path.parent, ignore_errors=True)
    if (lock := _locks.pop(path.parent, None)) is not None:
        os.close(lock)


def remove_abandoned() -> None:
    """Remove files of servers that were killed while they read them; those of a living one are locked. Blocks."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            lock = _locked(folder)
        except OSError:  # somebody else's, or in use
            continue
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)
        _log.info("removed an upload that a server left behind", folder=str(folder))


def _locked(folder: Path) -> int:
    """Return a lock on a folder, which its process holds as long as it lives.

    Raises:
        OSError: If another process holds it.
    """
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


async def _run(
    upload: Upload,
    server: Server,
    path: Path,
    records: AsyncIterator[bytes],
    key_id: str,
    act: AbstractAsyncContextManager[None],
) -> None:
    upload.state = UploadState.READING
    try:
        async with act:
            await take_in(records, server, key_id, upload.tally)
        upload.state = UploadState.DONE
    except ConversationGenomeError as exc:
        upload.state = UploadState.FAILED
        upload.note(_without(str(exc), path))
    except asyncio.CancelledError:
        upload.state = UploadState.FAILED
        upload.note("the server was stopped; send the file again, and what is there already is passed over")
        raise
    except Exception:  # noqa: BLE001 - the edge of a task: logged, and shown as failed
        _log.exception("an upload failed", upload=upload.id)
        upload.state = UploadState.FAILED
        upload.note("the server failed; its log tells why")
    finally:
        upload.ended_at = server.tools.clock()
        await asyncio.to_thread(remove_place, path)


async def _records(upload: Upload, path: Path, form: str, license: str | None) -> AsyncIterator[bytes]:  # noqa: A002
    """Yield the conversations of a file as records, a few at a time, read beside the event loop."""

    def note(fault: InputError) -> None:
        upload.note(_without(str(fault), path))

    conversations = (licensed(one, license) for one in read_source(path, form, on_fault=note))
    while batch := await asyncio.to_thread(_take, upload, path, conversations):
        yield batch


def _take(upload: Upload, path: Path, conversations: Iterator[Conversation]) -> bytes:
    def look(place: Path, position: int) -> None:
        if place == path:
            upload.read_bytes = max(upload.read_bytes, position)

    records: list[bytes] = []
    with watched(look):
        while len(records) < BATCH and sum(map(len, records)) < BATCH_BYTES and (one := next(conversations, None)):
            records.append(orjson.dumps(one.to_record()) + b"\n")
    return b"".join(records)


def _without(message: str, path: Path) -> str:
    """Return a message that names the file as the user does, and no folder of the server."""
    return message.replace(f"{path.parent}/", "").replace(str(path.parent), "the upload")
