"""Uniform records, one JSON object a line: the form in which conversations travel between tools."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault

_LINES: Final = re.compile(rb'"lines"\s*:\s*\[\s*\[')
_OTHER_SHAPES: Final = re.compile(rb'"(transcript|messages|turns|utterances|dialogue|text|content|message|body)"\s*:')


def sniff(head: bytes, path: Path) -> bool:
    """Return whether the file looks like uniform records: an object a line, with speakers' numbers in `lines`."""
    if not head.lstrip().startswith(b"{"):
        return False
    is_named_so = path.suffix.lower() in (".jsonl", ".ndjson")
    return bool(_LINES.search(head)) or (is_named_so and not _OTHER_SHAPES.search(head))


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the conversations of a JSONL file of uniform records; a line that is none is a fault of its own.

    Raises:
        InputError: If the file cannot be opened or holds no record.
        RecordError: If a line is not a uniform record, unless `on_fault` takes it.
    """
    is_empty = True
    for number, raw in read_raw_lines(path):
        is_empty = False
        try:
            conversation = Conversation.from_record(parsed(path, number, raw))
        except RecordError as exc:
            on_fault(exc if str(exc).startswith(f"{path}:") else RecordError(f"{path}:{number}: {exc}"))
            continue
        yield conversation
    if is_empty:
        raise InputError(f"{path} holds no record; give a file with one conversation record a line")


def read_raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, bytes) for every line that is not blank.

    Raises:
        InputError: If the file cannot be opened.
    """
    try:
        file = path.open("rb")
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({exc.strerror}); give the path of a readable file") from exc
    with file:
        for number, raw in enumerate(file, start=1):
            line = raw.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else raw.strip()
            if line:
                yield number, line


def parsed(path: Path, number: int, line: bytes) -> object:
    """Return the JSON value of a line.

    Raises:
        RecordError: If the line is not JSON; names the file and the line.
    """
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as exc:
        raise RecordError(f"{path}:{number}: not JSON ({exc}); each line must be one JSON object") from exc


def read_objects(path: Path) -> Iterator[tuple[int, object]]:
    """Yield (line number from 1, JSON value) for every line that is not blank.

    Raises:
        InputError: If the file cannot be opened.
        RecordError: If a line is not JSON; names the file and the line.
    """
    for number, line in read_raw_lines(path):
        yield number, parsed(path, number, line)


def read_conversations(path: Path) -> Iterator[Conversation]:
    """Yield the conversations of a JSONL file of uniform records, one at a time.

    Raises:
        InputError: If the file cannot be opened or holds no record.
        RecordError: If a line is not a uniform record; names the file and the line.
    """
    yield from read(path)
