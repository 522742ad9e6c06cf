"""Conversations in Parquet, as data sets hold them: a list of messages in a column, or one message a row.

The only module of the library's readers that imports pyarrow. Pages are decoded as they are asked for, so memory
does not grow with the file or with its row groups.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.chat_rows import one_of_many, rows_to_conversations
from conversation_genome.sources.row_shapes import (
    ANSWERS,
    CONTEXTS,
    IDS,
    LISTS,
    QUESTIONS,
    ROW_IDS,
    SPEAKERS,
    TEXTS,
    TIMES,
    is_conversation,
    said_in,
    title_of,
)

MAGIC: Final = b"PAR1"
BATCH_ROWS: Final = 64
PAGE_BUFFER_BYTES: Final = 2**20
_KNOWN: Final = frozenset(
    (*LISTS, *IDS, *SPEAKERS, *TEXTS, *TIMES, *QUESTIONS, *ANSWERS, *CONTEXTS, "participants", "tool_calls")
)

_Row = tuple[int, str, Any]


def sniff(head: bytes, path: Path) -> bool:  # noqa: ARG001
    """Return whether the file is Parquet."""
    return head.startswith(MAGIC)


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the conversations of a table: one a row, or its rows put together by conversation.

    A row is known by the names of the columns: `messages`, `conversations`, `dialog`, `transcript` and the like for
    lists, `instruction` and `response` and the like for a question with its answer, a speaker and a text for a
    message. "Line" is the number of the row, from 1.

    Raises:
        InputError: If it is no Parquet that can be read.
        RecordError: For a row that holds no conversation, unless `on_fault` takes it.
    """
    rows = _rows(path, on_fault)
    first = next(rows, None)
    if first is None:
        raise InputError(f"{path} holds no row; give a table of conversations")
    rows = chain((first,), rows)
    if not is_conversation(first[2]):
        is_one = not set(first[2]).intersection(ROW_IDS)
        yield from rows_to_conversations(path, rows, on_fault, is_one=is_one)
        return
    for number, _inner, row in rows:
        if is_conversation(row):
            said = said_in(row, f"{path}:{number}", number, on_fault)
            yield from one_of_many(path, said, title_of(row) or f"row-{number}", on_fault, f"{path}:{number}")
        else:
            on_fault(RecordError(f"{path}:{number}: the row holds no conversation, but {str(row)[:60]!r}"))


def _rows(path: Path, on_fault: FaultHandler) -> Iterator[_Row]:
    """Yield the rows, with the columns that may hold a conversation; where reading fails the rest is a fault."""
    number = 0
    try:
        with pq.ParquetFile(path, buffer_size=PAGE_BUFFER_BYTES, pre_buffer=False) as table:
            names = {name.lower(): name for name in table.schema_arrow.names if name.lower() in _KNOWN}
            if not names:
                raise InputError(
                    f"{path} has no column that is known here ({', '.join(table.schema_arrow.names)[:200]}); "
                    "name one 'messages', or two 'speaker' and 'text'"
                )
            for batch in table.iter_batches(BATCH_ROWS, columns=list(names.values()), use_threads=False):
                for row in batch.to_pylist():
                    number += 1
                    yield number, "", {name.lower(): value for name, value in row.items()}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as exc:
        reason = str(exc).split("\n")[0][:200]
        if not number:
            raise InputError(f"{path} is no Parquet that can be read ({reason}); export it again") from exc
        on_fault(RecordError(f"{path}:{number + 1}: the table cannot be read from this row on ({reason})"))
