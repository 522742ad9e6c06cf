"""Chats of every other kind: `Name: words`, and JSON and CSV with a speaker and a text in each row."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import RecordError
from conversation_genome.sources import whatsapp
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.chat_rows import read_csv_chat, read_json_chat, sniff_csv, sniff_json
from conversation_genome.sources.named_lines import named_turns, names_somebody
from conversation_genome.sources.opening import Place
from conversation_genome.sources.reading import BINARY_MAGICS, looks_like_json, read_head, read_lines
from conversation_genome.sources.turns import Turn, conversations_of

_SAMPLE_LINES: Final = 100


def sniff(head: bytes, path: Place) -> bool:  # noqa: ARG001
    """Return whether the file is text with a name before each line, or rows with a speaker and a text."""
    if looks_like_json(head):
        return sniff_json(head)
    if head.startswith(BINARY_MAGICS):
        return False
    if sniff_csv(head):
        return True
    lines = [line for line in head.decode("utf-8", "replace").splitlines()[:_SAMPLE_LINES] if line.strip()]
    return sum(map(names_somebody, lines)) >= max(2, len(lines) // 5)


def read(path: Place, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the conversations of a chat; text is one conversation, JSON and CSV may hold many.

    Raises:
        InputError: If nobody says anything.
        RecordError: If no line names a speaker; for a row that cannot be read, unless `on_fault` takes it.
    """
    head = read_head(path)
    if looks_like_json(head):
        yield from read_json_chat(path, head, on_fault)
    elif sniff_csv(head) or path.name.lower().removesuffix(".gz").endswith((".csv", ".tsv")):
        yield from read_csv_chat(path, on_fault)
    elif whatsapp.sniff(head, path):
        yield from whatsapp.read(path, on_fault=on_fault)
    else:
        yield from conversations_of(path, _text_turns(path, on_fault), source="chat", on_fault=on_fault)


def _text_turns(path: Place, on_fault: FaultHandler) -> Iterator[Turn]:
    turns = named_turns(read_lines(path, on_fault))
    first = next(turns, None)
    if first is None:
        raise RecordError(f"{path}:1: no line names a speaker; write each as 'Name: words'")
    yield from chain((first,), turns)
