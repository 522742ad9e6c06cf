"""Import: the good records go in, each refused one is named by its line, and a talk goes in once.

A batch of lines is read and cut in a thread, then stored in one transaction; memory does not grow with the
import.
"""

from collections.abc import AsyncIterable, AsyncIterator, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.conversation import TASK_LEVEL, Conversation, Window
from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.errors import ConversationTooShortError, RecordError
from conversation_genome.language import base_language, detected_language
from conversation_genome.protocol.messages import ImportFault, ImportReport, LeasedWindow
from conversation_genome.protocol.reads import ConversationState
from conversation_genome.quality.gate import refusal_of
from conversation_genome.windowing.cutting import cut, needs_vectors
from conversation_genome.windowing.settings import WindowingSettings
from conversation_server.db import content, conversations
from conversation_server.db.conversations import Incoming
from conversation_server.db.locks import IMPORTING, take_lock
from conversation_server.services.leasing import WINDOWS

MAX_LINE_BYTES: Final = 64_000_000
BATCH_BYTES: Final = 1_000_000
BATCH_LINES: Final = 100
MAX_FAULTS: Final = 10_000
MAX_FAULT_CHARACTERS: Final = 500

NumberedLine = tuple[int, bytes | None]
"""A line number, from 1, and its bytes: None where there are more than a record may have."""


@dataclass(frozen=True, slots=True)
class Read:
    """A record that was read, or the reason why it is refused."""

    line: int
    conversation: Conversation | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record with what comes into the tables, where it is not known already."""

    read: Read
    incoming: Incoming | None = None


class Tally:
    """Counts an import, record by record."""

    def __init__(self) -> None:
        self.imported = 0
        self.duplicates = 0
        self._faults: list[ImportFault] = []
        self._refused = 0

    def refuse(self, line: int, message: str) -> None:
        """Name a record that was refused."""
        self._refused += 1
        if len(self._faults) < MAX_FAULTS:
            self._faults.append(ImportFault(line=line, message=message[:MAX_FAULT_CHARACTERS]))

    def add(self, report: ImportReport) -> None:
        """Count in what became of a part of the import."""
        self.imported += report.imported
        self.duplicates += report.duplicates
        self._refused += report.refused_total
        self._faults += report.refused[: MAX_FAULTS - len(self._faults)]

    def report(self) -> ImportReport:
        """Return what the import did."""
        return ImportReport(
            imported=self.imported,
            duplicates=self.duplicates,
            refused=tuple(self._faults),
            refused_total=self._refused,
        )


async def batches(chunks: AsyncIterable[bytes]) -> AsyncIterator[list[NumberedLine]]:
    """Yield the numbered lines of a stream, blank ones left out, in batches of bounded size."""
    batch: list[NumberedLine] = []
    size = 0
    async for number, line in _lines(chunks):
        batch.append((number, line))
        size += len(line or b"")
        if size >= BATCH_BYTES or len(batch) >= BATCH_LINES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def read_batch(batch: Sequence[NumberedLine]) -> list[Read]:
    """Read the records of a batch; blocks."""
    return [_read(number, line) for number, line in batch]


async def known_content(session: AsyncSession, hashes: Collection[str]) -> tuple[str, ...]:
    """Return those of the content hashes that are there, sorted: what an import need not send again."""
    return tuple(sorted(await content.known(session, hashes)))


def known(connection: Connection, batch: Sequence[Read]) -> set[int]:
    """Return the lines whose records need not be cut: their id or content is there."""
    present = _present(connection, batch)
    return {one.line for one in batch if one.conversation is not None and present.holds(one.conversation)}


def prepare(
    batch: Sequence[Read], skipped: Container[int], settings: WindowingSettings, embedder: Embedder, now: float
) -> list[Prepared]:
    """Cut the conversations of a batch and make what comes into the tables; blocks.

    What is long enough to have more than one topic is embedded for it; the embedder's cache keeps the vectors for
    the grading and the search.

    Args:
        batch: What was read.
        skipped: Lines that need not be cut.
        settings: How conversations are cut.
        embedder: What makes the vectors that they are cut by.
        now: The time of the import.
    """
    return [
        Prepared(
            one,
            None
            if one.conversation is None or one.line in skipped
            else _incoming(one.conversation, settings, embedder, now),
        )
        for one in batch
    ]


def store(connection: Connection, batch: Sequence[Prepared]) -> ImportReport:
    """Put the records of a batch in and return what became of each; one batch at a time, whichever server it came to."""
    take_lock(connection, IMPORTING)
    present = _present(connection, [one.read for one in batch])
    tally = Tally()
    for one in batch:
        conversation = one.read.conversation
        if conversation is None:
            tally.refuse(one.read.line, one.read.fault)
        elif present.is_other(conversation):
            tally.refuse(
                one.read.line,
                f"id {conversation.id!r} is taken by another conversation; give this one an id of its own, "
                "or delete the other one first",
            )
        elif present.holds(conversation):
            tally.duplicates += 1
        elif one.incoming is None:
            tally.refuse(one.read.line, "what was there under this id was deleted meanwhile; import it again")
        else:
            conversations.add(connection, one.incoming)
            present.put(conversation)
            tally.imported += 1
    return tally.report()


class _Present:
    """Which conversations are there, as far as a batch asks."""

    def __init__(self, contents: Mapping[str, str]) -> None:
        """Keep content hashes by id."""
        self._contents = dict(contents)
        self._hashes = set(contents.values())

    def put(self, conversation: Conversation) -> None:
        """Remember one that came in."""
        self._contents[conversation.id] = conversation.content_hash
        self._hashes.add(conversation.content_hash)

    def holds(self, conversation: Conversation) -> bool:
        """Return whether there is one with this id or this content."""
        return conversation.id in self._contents or conversation.content_hash in self._hashes

    def is_other(self, conversation: Conversation) -> bool:
        """Return whether there is another conversation under this id."""
        return self._contents.get(conversation.id, conversation.content_hash) != conversation.content_hash


def _present(connection: Connection, batch: Sequence[Read]) -> _Present:
    asked = [one.conversation for one in batch if one.conversation is not None]
    return _Present(conversations.present(connection, [one.id for one in asked], [one.content_hash for one in asked]))


async def _lines(chunks: AsyncIterable[bytes]) -> AsyncIterator[NumberedLine]:
    rest = bytearray()
    number = 1
    is_too_long = False
    async for chunk in chunks:
        *ended, last = chunk.split(b"\n")
        for part in ended:
            rest += part
            if is_too_long or rest.strip():
                yield number, None if is_too_long or len(rest) > MAX_LINE_BYTES else bytes(rest)
            rest.clear()
            number, is_too_long = number + 1, False
        rest += last
        if len(rest) > MAX_LINE_BYTES:
            is_too_long = True
            rest.clear()
    if is_too_long or rest.strip():
        yield number, None if is_too_long else bytes(rest)


def _read(number: int, line: bytes | None) -> Read:
    if line is None:
        return Read(number, fault=f"longer than {MAX_LINE_BYTES:,} bytes; split the conversation")
    try:
        conversation = Conversation.from_record(orjson.loads(line.removeprefix(b"\xef\xbb\xbf")))
    except orjson.JSONDecodeError as exc:
        return Read(number, fault=f"not JSON ({exc}); each line must be one JSON object")
    except RecordError as exc:
        return Read(number, fault=str(exc))
    if base_language(conversation.language) is None:
        language = detected_language([one.text for one in conversation.lines]) or conversation.language
        conversation = conversation.model_copy(update={"language": language})
    _ = conversation.content_hash  # computed here, beside the event loop
    return Read(number, conversation)


def _incoming(conversation: Conversation, settings: WindowingSettings, embedder: Embedder, now: float) -> Incoming:
    windows, detail = _windows(conversation, settings, embedder)
    row = {
        "id": conversation.id,
        "content_hash": conversation.content_hash,
        "source": conversation.source,
        "language": conversation.language,
        "lines": len(conversation.lines),
        "participants": len(conversation.participants),
        "windows": len(windows),
        "tasks": sum(window.level == TASK_LEVEL for window in windows),
        "state": ConversationState.WAITING if windows else ConversationState.TOO_SHORT,
        "detail": detail,
        "imported_at": now,
        "available_at": 0.0 if windows else None,
    }
    return Incoming(row, _record(conversation, windows))


def _windows(
    conversation: Conversation, settings: WindowingSettings, embedder: Embedder
) -> tuple[Sequence[Window], str]:
    """Return the windows, or none and why nobody shall pay for reading this."""
    refusal = refusal_of(conversation)
    if refusal is not None:
        return (), refusal
    try:
        return cut(conversation, settings, _vectors(conversation, settings, embedder)), ""
    except ConversationTooShortError as exc:
        return (), str(exc)


def _vectors(conversation: Conversation, settings: WindowingSettings, embedder: Embedder) -> FloatArray | None:
    if not needs_vectors(conversation, settings):
        return None
    return embedder_for(embedder, conversation.language).embed([line.text for line in conversation.lines])


def _record(conversation: Conversation, windows: Sequence[Window]) -> dict[str, str]:
    record = conversation.to_record()
    labels = record.pop("labels")
    return {
        "body": orjson.dumps(record).decode(),
        "labels": orjson.dumps(labels).decode(),
        "windows": WINDOWS.dump_json(tuple(map(_leased_window, windows))).decode(),
    }


def _leased_window(window: Window) -> LeasedWindow:
    return LeasedWindow(
        window_id=window.id,
        level=window.level,
        start=window.start,
        end=window.end,
        thread=window.thread,
        lines=window.lines,
    )
