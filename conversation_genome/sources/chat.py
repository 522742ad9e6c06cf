"""Chats of every other kind: `Name: words`, IRC logs, JSON and CSV with a speaker and a text in each row."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import RecordError
from conversation_genome.sources import whatsapp
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.chat_rows import LISTS, read_csv_chat, read_json_chat, sniff_csv
from conversation_genome.sources.reading import is_json, looks_like_json, read_head, read_lines
from conversation_genome.sources.turns import Turn, conversation_of

_LINE: Final = re.compile(
    r"^(?:[\[(]?(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d{2}(?::\d{2})?[\])]?\s+)?"  # a time of day, where there is one
    r"(?:<[@+%&~ ]?(?P<nick>[^<>\s]{1,40})>\s+|(?P<name>[^\W\d_][^:<>{}\[\]\"]{0,39}?)\s*:(?:\s+|$))(?P<text>.*)$"
)
_NOTICE: Final = re.compile(r"^(?:[\[(]?\d{1,2}:\d{2}(?::\d{2})?[\])]?\s+)?(?:===|---|-!-|\*\*\*|\* )")
_COMMENT: Final = re.compile(r"^\s*(?:#|//)")
_ROW_KEYS: Final = re.compile(rb'"(?:text|content|message|body|utterance|line)"\s*:')


def sniff(head: bytes, path: Path) -> bool:
    """Return whether the file is text with a name before each line, or rows with a speaker and a text."""
    if looks_like_json(head):
        return bool(_ROW_KEYS.search(head)) or any(f'"{key}"'.encode() in head for key in LISTS)
    if path.suffix.lower() in (".csv", ".tsv"):
        return sniff_csv(head)
    lines = [line for line in head.decode("utf-8", "replace").splitlines()[:100] if line.strip()]
    return sum(_LINE.match(line.strip()) is not None for line in lines) >= max(2, len(lines) // 5)


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the conversations of a chat; text is one conversation, JSON and CSV may hold many.

    Raises:
        InputError: If nobody says anything.
        RecordError: If no line names a speaker; for a row that cannot be read, unless `on_fault` takes it.
    """
    if is_json(path):
        yield from read_json_chat(path, on_fault)
    elif path.suffix.lower() in (".csv", ".tsv"):
        yield from read_csv_chat(path, on_fault)
    elif whatsapp.sniff(read_head(path), path):
        yield from whatsapp.read(path, on_fault=on_fault)
    else:
        yield conversation_of(path, list(_text_turns(path)), source="chat")


def _text_turns(path: Path) -> Iterator[Turn]:
    """Yield the turns; lines that name nobody go on with the last one."""
    turn: Turn | None = None
    for _number, raw in read_lines(path):
        line = raw.strip().lstrip("\u200e\u200f")
        match = _LINE.match(line)
        if match:
            if turn:
                yield turn
            turn = Turn(match["nick"] or match["name"], match["text"])
        elif turn and line and not _NOTICE.match(line) and not _COMMENT.match(line):
            turn = turn._replace(text=f"{turn.text}\n{line}")
    if turn is None:
        raise RecordError(f"{path}:1: no line names a speaker; write each as 'Name: words'")
    yield turn
