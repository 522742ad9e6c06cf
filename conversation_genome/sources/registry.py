"""Which format a file has, and the one door through which every format is read."""

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError
from conversation_genome.sources import chat, discord, jsonl, podcast, slack, twitter, whatsapp, youtube
from conversation_genome.sources.base import FaultHandler, Source, raise_fault
from conversation_genome.sources.reading import looks_like_json, read_head, read_json

AUTO: Final = "auto"

SOURCES: Final = MappingProxyType[str, Source](
    {
        "jsonl": jsonl,
        "discord": discord,
        "slack": slack,
        "twitter": twitter,
        "youtube": youtube,
        "whatsapp": whatsapp,
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
    for name, source in SOURCES.items():
        if source.sniff(head, path):
            return name
    if looks_like_json(head):
        read_json(path)  # broken JSON is the better explanation
    raise InputError(
        f"{path} has no format that is known here; name it with --format {'|'.join(sorted(SOURCES))}, "
        "or write the conversation as 'Name: words', one line each"
    )


def read_source(path: Path, format: str = AUTO, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:  # noqa: A002
    """Yield the conversations of a file, one at a time.

    Args:
        path: The file.
        format: Its format, or "auto" to find out.
        on_fault: Told of each fault that leaves the rest of the file readable; raises it if nothing else is given.

    Raises:
        InputError: If the format is unknown, or the file cannot be read or holds nothing.
        RecordError: For a fault in the file; names the file and the line.
    """
    name = detect(path) if format == AUTO else format
    if name not in SOURCES:
        raise InputError(f"{name!r} is no format; choose one of {AUTO}, {', '.join(sorted(SOURCES))}")
    if format != AUTO:
        read_head(path)
    yield from SOURCES[name].read(path, on_fault=on_fault)
