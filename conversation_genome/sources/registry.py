"""Which format a file has, and the one door through which every format is read."""

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError
from conversation_genome.sources import (
    chat,
    discord,
    irc,
    jsonl,
    parquet,
    podcast,
    podcast_feed,
    slack,
    twitter,
    whatsapp,
    youtube,
)
from conversation_genome.sources.base import FaultHandler, Source, raise_fault
from conversation_genome.sources.json_stream import read_parts
from conversation_genome.sources.reading import looks_like_json, read_head

AUTO: Final = "auto"

SOURCES: Final = MappingProxyType[str, Source](
    {
        "parquet": parquet,
        "jsonl": jsonl,
        "discord": discord,
        "twitter": twitter,
        "whatsapp": whatsapp,
        "slack": slack,
        "youtube": youtube,
        "irc": irc,
        "podcast": podcast,
        "chat": chat,
    }
)
"""Every format by name, the most telling first: the first that knows a file has it."""


def detect(path: Path) -> str:
    """Return the name of the file's format.

    Raises:
        InputError: If the file cannot be read or no format knows it; lists the formats.
        RecordError: If it begins as JSON and is none.
    """
    head = read_head(path)
    if podcast_feed.is_feed(head):
        return "podcast"
    for name, source in SOURCES.items():
        if source.sniff(head, path):
            return name
    if looks_like_json(head):
        for _part in read_parts(path, on_fault=raise_fault):  # broken JSON is the better explanation
            pass
    raise InputError(
        f"{path} has no format that is known here; name it with --format {'|'.join(sorted(SOURCES))}, "
        "or write the conversation as 'Name: words', one line each"
    )


def read_source(
    path: Path,
    format: str = AUTO,  # noqa: A002
    *,
    transcripts: Path | None = None,
    on_fault: FaultHandler = raise_fault,
) -> Iterator[Conversation]:
    """Yield the conversations of a file, one at a time.

    Args:
        path: The file.
        format: Its format, or "auto" to find out.
        transcripts: The folder of the transcripts that a podcast's feed names; beside the feed if not given.
        on_fault: Told of each fault that leaves the rest of the file readable; raises it if nothing else is given.

    Raises:
        InputError: If the format is unknown, or the file cannot be read or holds nothing.
        RecordError: For a fault in the file; names the file and the line.
    """
    name = detect(path) if format == AUTO else format
    if name not in SOURCES:
        raise InputError(f"{name!r} is no format; choose one of {AUTO}, {', '.join(sorted(SOURCES))}")
    if name == "podcast" and podcast_feed.is_feed(read_head(path)):
        yield from podcast_feed.read_feed(path, _read_transcript, folder=transcripts, on_fault=on_fault)
        return
    if format != AUTO:
        read_head(path)
    yield from SOURCES[name].read(path, on_fault=on_fault)


def _read_transcript(path: Path, on_fault: FaultHandler) -> Iterator[Conversation]:
    """Read what a feed names; a feed that names feeds goes no deeper."""
    name = detect(path)
    if podcast_feed.is_feed(read_head(path)):
        raise InputError(f"{path} is a feed, not a transcript; give the transcript that the feed names")
    yield from SOURCES[name].read(path, on_fault=on_fault)
