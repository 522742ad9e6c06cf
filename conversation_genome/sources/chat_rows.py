"""Rows with a speaker and a text, in JSON, JSONL and CSV, under the names that people give such columns."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler
from conversation_genome.sources.jsonl import read_raw_lines
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.reading import parse_json, read_json, read_lines
from conversation_genome.sources.turns import Turn, conversation_of

LISTS: Final = ("transcript", "messages", "turns", "utterances", "dialogue", "dialog", "conversation", "lines")
"""Where an object that is a conversation keeps its rows."""
_SPEAKERS: Final = ("speaker", "name", "author", "from", "user", "username", "sender", "nick", "participant", "role")
_TEXTS: Final = ("text", "content", "message", "body", "utterance", "line", "words")
_TIMES: Final = ("timestamp", "time", "date", "created_at", "sent_at", "ts")
_IDS: Final = ("conversation_id", "conversation", "c_guid", "thread", "channel", "chat", "id")
_ROW_IDS: Final = _IDS[:-1]
_FIELD_LIMIT: Final = 1_000_000


class _Row(NamedTuple):
    speaker: str
    text: str
    moment: datetime | None
    conversation: str


def sniff_csv(head: bytes) -> bool:
    """Return whether the first line of a table names a column of speakers and one of texts."""
    columns = {
        column.strip(' "').lower()
        for column in re.split(r"[,;\t]", head.decode("utf-8", "replace").split("\n")[0].strip())
    }
    return bool(columns.intersection(_SPEAKERS)) and bool(columns.intersection(_TEXTS))


def read_json_chat(path: Path, on_fault: FaultHandler) -> Iterator[Conversation]:
    """Yield the conversations of a JSON document or of JSONL: lists of rows, or objects that hold such a list.

    Raises:
        InputError: If nothing in it is said by anybody.
        RecordError: For what is neither, unless `on_fault` takes it; names its place.
    """
    is_lines = path.suffix.lower() in (".jsonl", ".ndjson")
    values: Iterable[tuple[str, Any]] = _json_lines(path, on_fault) if is_lines else [("", read_json(path))]
    loose: list[tuple[str, Any]] = []
    for place, value in values:
        rows = _unwrapped(place, value)
        nested = [(where, item) for where, item in rows if _is_conversation(item)]
        loose += [(where, item) for where, item in rows if not _is_conversation(item)]
        for where, item in nested:
            yield from _conversation(path, where, item, on_fault)
    if loose:
        yield from _grouped(path, _rows(path, loose, on_fault))


def read_csv_chat(path: Path, on_fault: FaultHandler) -> Iterator[Conversation]:
    """Yield the conversations of a table with a header; a column with conversation ids tells them apart.

    Raises:
        InputError: If nothing in it is said by anybody.
        RecordError: If there is no column of speakers or texts; for a bad row, unless `on_fault` takes it.
    """
    lines = (line for _number, line in read_lines(path))
    header = next(lines, "")
    delimiter = max("\t;,", key=header.count)
    columns = [column.strip(' "').lower() for column in header.split(delimiter)]
    if not set(columns).intersection(_SPEAKERS) or not set(columns).intersection(_TEXTS):
        raise RecordError(f"{path}:1: the columns are {columns!r}; name one 'speaker' and one 'text'")
    yield from _grouped(path, _rows(path, _csv_rows(path, lines, columns, delimiter, on_fault), on_fault))


def _csv_rows(
    path: Path, lines: Iterator[str], columns: list[str], delimiter: str, on_fault: FaultHandler
) -> Iterator[tuple[str, Any]]:
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True)
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            on_fault(RecordError(f"{path}:{reader.line_num + 1}: not a row of the table ({exc}); put texts in quotes"))
            return
        if fields:
            yield f":{reader.line_num + 1}", dict(zip(columns, fields, strict=False))


def _json_lines(path: Path, on_fault: FaultHandler) -> Iterator[tuple[str, Any]]:
    for number, raw in read_raw_lines(path):
        try:
            value = parse_json(raw, f"{path}:{number}")
        except RecordError as exc:
            on_fault(exc)
            continue
        yield f":{number}", value


def _unwrapped(place: str, value: Any) -> list[tuple[str, Any]]:
    """Return the items of a list, or of the only list in an object such as {"conversations": [...]}."""
    if isinstance(value, dict) and isinstance(value.get("conversations"), list):
        value, place = value["conversations"], f"{place}.conversations"
    if isinstance(value, list):
        return [(f"{place}[{index}]", item) for index, item in enumerate(value)]
    return [(place, value)]


def _is_conversation(item: Any) -> bool:
    return isinstance(item, list) or (isinstance(item, dict) and any(isinstance(item.get(key), list) for key in LISTS))


def _conversation(path: Path, place: str, item: Any, on_fault: FaultHandler) -> Iterator[Conversation]:
    rows = item if isinstance(item, list) else next(item[key] for key in LISTS if isinstance(item.get(key), list))
    placed = [(f"{place}[{index}]", row) for index, row in enumerate(rows)]
    title = str(_first(item, _IDS) or "") if isinstance(item, dict) else ""
    try:
        yield _of_rows(path, list(_rows(path, placed, on_fault)), title or (place if "[" in place else ""))
    except InputError as exc:
        on_fault(exc)


def _rows(path: Path, placed: Iterable[tuple[str, Any]], on_fault: FaultHandler) -> Iterator[_Row]:
    for place, item in placed:
        if isinstance(item, dict) and item.get("type") == "service":
            continue  # Telegram's joins, calls and pins
        text = _plain(_first(item, _TEXTS)) if isinstance(item, dict) else None
        speaker = _speaker(item) if isinstance(item, dict) else None
        if not isinstance(text, str) or speaker is None:
            on_fault(
                RecordError(
                    f"{path}{place}: no speaker or no text in {str(item)[:60]!r}; name them 'speaker' and 'text'"
                )
            )
            continue
        yield _Row(speaker, text, parse_moment(_first(item, _TIMES)), str(_first(item, _ROW_IDS) or ""))


def _plain(text: Any) -> Any:
    """Join the parts into which some exports cut a text: strings, and objects that hold one (links, bold words)."""
    if not isinstance(text, list):
        return text
    parts = [part.get("text") if isinstance(part, dict) else part for part in text]
    return "".join(part for part in parts if isinstance(part, str))


def _speaker(item: Mapping[str, Any]) -> str | None:
    value = _first(item, _SPEAKERS)
    if isinstance(value, dict):
        value = _first(value, ("name", "username", "display_name", "id"))
    return None if value is None or isinstance(value, list | dict) else str(value)


def _grouped(path: Path, rows: Iterable[_Row]) -> Iterator[Conversation]:
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.conversation, []).append(row)
    if not groups:
        raise InputError(f"{path} holds no row with a speaker and a text; name the columns 'speaker' and 'text'")
    for name, group in groups.items():
        yield _of_rows(path, group, name if len(groups) > 1 else "")


def _of_rows(path: Path, rows: list[_Row], title: str) -> Conversation:
    start = next((row.moment for row in rows if row.moment), None)
    turns = [
        Turn(row.speaker, row.text, (row.moment - start).total_seconds() if start and row.moment else None)
        for row in rows
    ]
    return conversation_of(path, turns, source="chat", started_at=start, title=title)


def _first(item: Mapping[str, Any], keys: Iterable[str]) -> Any:
    return next((item[key] for key in keys if item.get(key) is not None), None)
