"""Rows with a speaker and a text, in JSON, JSONL and CSV: one by one, however large the file."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final, Self

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler
from conversation_genome.sources.grouping import Groups
from conversation_genome.sources.json_stream import read_parts
from conversation_genome.sources.jsonl import is_json_lines, read_values
from conversation_genome.sources.opening import Place
from conversation_genome.sources.reading import read_lines
from conversation_genome.sources.row_shapes import (
    ANSWERS,
    LISTS,
    QUESTIONS,
    ROW_IDS,
    SPEAKERS,
    TEXTS,
    first,
    is_conversation,
    row_of,
    said_in,
    title_of,
)
from conversation_genome.sources.turns import Said, chats_of

_FIELD_LIMIT: Final = 1_000_000
_REREAD_LINES: Final = 1_000_000
"""After so many, what quotes without end have swallowed is lost: time is bounded, whatever a file holds."""
_ROW_KEYS: Final = re.compile(
    rb'"(?:' + b"|".join(key.encode() for key in (*TEXTS, *LISTS, *QUESTIONS, *ANSWERS, "mapping")) + rb')"\s*:'
)
_COLUMN: Final = re.compile(r"[,;\t]")

_Value = tuple[int, str, Any]
"""(line, place within the document, value)."""


def sniff_json(head: bytes) -> bool:
    """Return whether rows, or conversations of rows, begin here."""
    return bool(_ROW_KEYS.search(head)) or head.lstrip().startswith((b"[[", b'["'))


def sniff_csv(head: bytes) -> bool:
    """Return whether the first line of a table names a column of speakers and one of texts."""
    return _has_columns(_columns(head.decode("utf-8", "replace").split("\n")[0])[1])


def read_json_chat(path: Place, head: bytes, on_fault: FaultHandler) -> Iterator[Conversation]:
    """Yield the conversations of a JSON document or of JSONL: lists of rows, or objects that hold such a list.

    Raises:
        InputError: If nothing in it is said by anybody.
        RecordError: For what is neither, unless `on_fault` takes it; names its place.
    """
    if is_json_lines(head, path):
        values: Iterator[_Value] = ((line, "", value) for line, value in read_values(path, on_fault))
        yield from _conversations(path, _unwrapped(values), on_fault)
    else:
        yield from _document(path, on_fault)


def read_csv_chat(path: Place, on_fault: FaultHandler) -> Iterator[Conversation]:
    """Yield the conversations of a table with a header; a column with conversation ids tells them apart.

    Raises:
        InputError: If nothing in it is said by anybody.
        RecordError: If there is no column of speakers or texts; for a bad row, unless `on_fault` takes it.
    """
    lines = read_lines(path, on_fault)
    delimiter, columns = _columns(next(lines, (1, ""))[1])
    if not _has_columns(columns):
        raise RecordError(f"{path}:1: the columns are {columns!r}; name one 'speaker' and one 'text'")
    rows = _csv_rows(path, lines, columns, delimiter, on_fault)
    yield from rows_to_conversations(path, rows, on_fault, is_one=not set(columns).intersection(ROW_IDS))


def rows_to_conversations(
    path: Place, rows: Iterable[_Value], on_fault: FaultHandler, *, is_one: bool
) -> Iterator[Conversation]:
    """Yield the conversations of rows, told apart by their ids, unless it is known that they are all of one.

    Raises:
        InputError: If there is no row with a speaker and a text.
    """

    def keyed() -> Iterator[tuple[str, Said]]:
        for line, inner, row in rows:
            place = f"{path}:{line}{inner}"
            if is_conversation(row):
                name = title_of(row) or inner.strip()
                yield from ((name, said) for said in said_in(row, place, line, on_fault))
            else:
                name = str(first(row, ROW_IDS) or "") if isinstance(row, dict) else ""
                yield from ((name, said) for said in row_of(row, place, line, on_fault))

    if is_one:
        yield from chats_of(path, (said for _key, said in keyed()), source="chat", on_fault=on_fault)
        return
    with Groups() as groups:
        groups.fill(keyed())
        count = groups.count()
        if not count:
            raise InputError(f"{path} holds no row with a speaker and a text; name the columns 'speaker' and 'text'")
        for name, said in groups.groups():
            yield from one_of_many(path, said, name if count > 1 else "", on_fault, str(path))


def one_of_many(
    path: Place, said: Iterable[Said], title: str, on_fault: FaultHandler, where: str
) -> Iterator[Conversation]:
    """Yield a conversation of a file that holds others; one in which nobody says anything is a fault of its own."""
    try:
        yield from chats_of(path, said, source="chat", on_fault=on_fault, title=title)
    except InputError as exc:
        on_fault(
            exc if isinstance(exc, RecordError) else RecordError(f"{where}: nobody says a word in it; take it out")
        )


def _document(path: Place, on_fault: FaultHandler) -> Iterator[Conversation]:
    """Yield the conversations of one JSON document, whose members may come in any order."""
    parts = read_parts(path, *LISTS, on_fault=on_fault)
    beside: dict[str, Any] = {}
    for part in parts:
        if part.item is None and part.key:
            beside[part.key] = part.value
            continue
        items = chain((part,), parts)
        values = (
            (one.line, f" [{one.item}]", one.value) for one in items if one.item is not None and one.key == part.key
        )
        yield from _conversations(path, values, on_fault, of_one=part.key not in ("", "conversations"), beside=beside)
        return
    if is_conversation(beside):
        where = f"{path}:1"
        yield from one_of_many(path, said_in(beside, where, 1, on_fault), title_of(beside), on_fault, where)
    else:
        yield from rows_to_conversations(path, [(1, "", beside)] if beside else [], on_fault, is_one=True)


def _conversations(
    path: Place,
    values: Iterator[_Value],
    on_fault: FaultHandler,
    *,
    of_one: bool = False,
    beside: dict[str, Any] | None = None,
) -> Iterator[Conversation]:
    """Yield conversations that stand one by one, and at the end what the loose rows between them are."""
    beside = beside or {}
    loose: list[_Value] = []
    for line, inner, value in values:
        if is_conversation(value) and not (of_one and isinstance(value, list)):
            title = title_of(value) or inner.strip()
            where = f"{path}:{line}{inner}"
            yield from one_of_many(path, said_in(value, where, line, on_fault), title, on_fault, where)
            continue
        loose.append((line, inner, value))
        if of_one or not isinstance(value, dict) or isinstance(first(value, TEXTS), str | list):
            break
    if not loose:
        return
    rows = chain(loose, values)
    if of_one or all(not isinstance(value, dict) for _line, _inner, value in loose):
        said = (
            one
            for index, (line, inner, value) in enumerate(rows)
            for one in row_of(
                value, f"{path}:{line}{inner}", line, on_fault, index=index, names=beside.get("participants")
            )
        )
        yield from chats_of(path, said, source="chat", on_fault=on_fault, title=title_of(beside))
    else:
        yield from rows_to_conversations(path, rows, on_fault, is_one=False)


def _unwrapped(values: Iterable[_Value]) -> Iterator[_Value]:
    """Yield what {"conversations": [...]} holds in its place."""
    for line, inner, value in values:
        held = value.get("conversations") if isinstance(value, dict) else None
        if isinstance(held, list) and held and is_conversation(held[0]):
            yield from ((line, f"{inner} [{index}]", one) for index, one in enumerate(held))
        else:
            yield line, inner, value


def _csv_rows(
    path: Place, lines: Iterator[tuple[int, str]], columns: list[str], delimiter: str, on_fault: FaultHandler
) -> Iterator[_Value]:
    csv.field_size_limit(_FIELD_LIMIT)
    source = _Rereadable(lines)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.begin()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            on_fault(RecordError(f"{path}:{source.first}: not a row of the table ({exc}); put texts in quotes"))
            source.again()
            continue
        if len(fields) > len(columns):
            fields = _rejoined(fields, columns, delimiter)
        if len(fields) > len(columns):
            more = f"{len(fields)} cells under {len(columns)} headings"
            on_fault(RecordError(f"{path}:{source.first}: the row has {more}; put texts in quotes"))
        elif fields:
            yield source.first, "", dict(zip(columns, fields, strict=False))


def _rejoined(fields: list[str], columns: list[str], delimiter: str) -> list[str]:
    """Return the cells without empty ones too many, and with a text in the last column put together again."""
    while len(fields) > len(columns) and not fields[-1]:
        fields = fields[:-1]
    if len(fields) > len(columns) and columns[-1] in TEXTS:
        last = len(columns) - 1
        return [*fields[:last], delimiter.join(fields[last:])]
    return fields


class _Rereadable:
    """The lines of a table; those that a quote without end has swallowed can be read again, without the first."""

    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._lines = lines
        self._waiting: deque[tuple[int, str]] = deque()
        self._held: list[tuple[int, str]] = []
        self._left = _REREAD_LINES

    @property
    def first(self) -> int:
        """The number of the row's first line."""
        return self._held[0][0] if self._held else 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        number, line = self._waiting.popleft() if self._waiting else next(self._lines)
        self._held.append((number, line))
        return f"{line.replace(chr(0), '')}\n"

    def begin(self) -> None:
        """Begin a row."""
        self._held = []

    def again(self) -> None:
        """Give all lines of this row but its first once more, while there is patience for it."""
        swallowed = self._held[1:]
        self._left -= len(swallowed)
        if self._left >= 0:
            self._waiting.extendleft(reversed(swallowed))


def _columns(line: str) -> tuple[str, list[str]]:
    delimiter = max("\t;,", key=line.count)
    return delimiter, [column.strip(' "\r').lower() for column in line.split(delimiter)]


def _has_columns(columns: list[str]) -> bool:
    return bool(set(columns).intersection(SPEAKERS)) and bool(set(columns).intersection(TEXTS))
