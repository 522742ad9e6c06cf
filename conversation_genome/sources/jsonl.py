"""Uniform records, one JSON object a line: the form in which conversations travel between tools."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError


def read_objects(path: Path) -> Iterator[tuple[int, object]]:
    """Yield (line number from 1, JSON value) for every line that is not blank.

    Raises:
        InputError: If the file cannot be opened.
        RecordError: If a line is not JSON; names the file and the line.
    """
    try:
        file = path.open("rb")
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({exc.strerror}); give the path of a readable file") from exc
    with file:
        for number, raw in enumerate(file, start=1):
            line = raw.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else raw.strip()
            if not line:
                continue
            try:
                yield number, orjson.loads(line)
            except orjson.JSONDecodeError as exc:
                raise RecordError(f"{path}:{number}: not JSON ({exc}); each line must be one JSON object") from exc


def read_conversations(path: Path) -> Iterator[Conversation]:
    """Yield the conversations of a JSONL file of uniform records, one at a time.

    Raises:
        InputError: If the file cannot be opened or holds no record.
        RecordError: If a line is not a uniform record; names the file and the line.
    """
    is_empty = True
    for number, record in read_objects(path):
        is_empty = False
        try:
            yield Conversation.from_record(record)
        except RecordError as exc:
            raise RecordError(f"{path}:{number}: {exc}") from exc
    if is_empty:
        raise InputError(f"{path} holds no record; give a file with one conversation record a line")
