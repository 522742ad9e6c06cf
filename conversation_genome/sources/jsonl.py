"""Uniform records, one JSON object a line: the form in which conversations travel between tools."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.opening import Place, suffix_of
from conversation_genome.sources.reading import parse_json, raw_lines

MAX_RECORD_BYTES: Final = 64_000_000
"""What the server takes as well."""
_LINES: Final = re.compile(rb'"lines"\s*:\s*\[\s*\[')
_OTHER_SHAPES: Final = re.compile(
    rb'"(transcript|messages|conversations?|turns|utterances|dialog(?:ue)?|text|content|message|body|instruction|prompt|'
    rb'question|query|value|utterance|words|line|chat)"\s*:'
)
_MARK: Final = b"\xef\xbb\xbf"


def sniff(head: bytes, path: Place) -> bool:
    """Return whether the file looks like uniform records: an object a line, with speakers' numbers in `lines`."""
    if not head.lstrip().startswith(b"{"):
        return False
    is_named_so = suffix_of(path) in (".jsonl", ".ndjson")
    return bool(_LINES.search(head)) or (is_named_so and not _OTHER_SHAPES.search(head))


def is_json_lines(head: bytes, path: Place) -> bool:
    """Return whether each line is a JSON value of its own, whatever the file is called."""
    if suffix_of(path) in (".jsonl", ".ndjson"):
        return True
    first, _end, rest = head.lstrip().partition(b"\n")
    if not rest.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the conversations of a JSONL file of uniform records; a line that is none is a fault of its own.

    Raises:
        InputError: If the file cannot be opened or holds no record.
        RecordError: If a line is not a uniform record, unless `on_fault` takes it.
    """
    is_empty = True
    for number, raw in read_raw_lines(path, on_fault):
        is_empty = False
        try:
            conversation = Conversation.from_record(parsed(path, number, raw))
        except RecordError as exc:
            on_fault(exc if str(exc).startswith(f"{path}:") else RecordError(f"{path}:{number}: {exc}"))
            continue
        yield conversation
    if is_empty:
        raise InputError(f"{path} holds no record; give a file with one conversation record a line")


def read_raw_lines(path: Place, on_fault: FaultHandler = raise_fault) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, bytes) for every line that is not blank.

    Raises:
        InputError: If the file cannot be opened.
        RecordError: If a line is longer than a record may be, unless `on_fault` takes it.
    """
    lines = raw_lines(path, on_fault, max_bytes=MAX_RECORD_BYTES, remedy="split the conversation")
    for number, raw in lines:
        line = raw.removeprefix(_MARK).strip() if number == 1 else raw.strip()
        if line:
            yield number, line


def parsed(path: Place, number: int, line: bytes) -> object:
    """Return the JSON value of a line.

    Raises:
        RecordError: If the line is not JSON; names the file and the line.
    """
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as exc:
        raise RecordError(f"{path}:{number}: not JSON ({exc}); each line must be one JSON object") from exc


def read_values(path: Place, on_fault: FaultHandler) -> Iterator[tuple[int, Any]]:
    """Yield (line number from 1, JSON value) for every line that is not blank; a bad one is a fault of its own.

    Raises:
        InputError: If the file cannot be opened.
        RecordError: If a line is not JSON, unless `on_fault` takes it.
    """
    for number, raw in read_raw_lines(path, on_fault):
        try:
            value = parse_json(raw, f"{path}:{number}")
        except RecordError as exc:
            on_fault(exc)
            continue
        yield number, value


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
