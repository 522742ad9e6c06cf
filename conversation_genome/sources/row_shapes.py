"""The shapes in which rows hold what was said, under the names that people and data sets give them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from conversation_genome.errors import RecordError
from conversation_genome.sources.base import FaultHandler
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.named_lines import named_turns, names_somebody
from conversation_genome.sources.turns import Said

LISTS: Final = (
    "transcript", "messages", "conversations", "turns", "utterances", "dialogue", "dialog", "conversation", "lines",
    "chat", "chat_messages",
)  # fmt: skip
"""Where an object that is a conversation keeps its rows."""
SPEAKERS: Final = (
    "speaker", "name", "author", "from", "user", "username", "sender", "nick", "participant", "role",
    "from_id",
)  # fmt: skip
TEXTS: Final = ("text", "content", "message", "body", "utterance", "value", "line", "words")
TIMES: Final = ("timestamp", "time", "date", "created_at", "sent_at", "ts")
IDS: Final = (
    "conversation_id", "conversation", "c_guid", "dialog_id", "dialogue_id", "thread", "channel", "chat", "id", "uuid",
)  # fmt: skip
ROW_IDS: Final = IDS[:-2]
"""Columns that tell which conversation a row belongs to."""
QUESTIONS: Final = ("instruction", "prompt", "question", "query")
ANSWERS: Final = ("response", "output", "answer", "completion")
CONTEXTS: Final = ("input", "context")
_SILENT_KEYS: Final = ("tool_calls", "function_call", "tool_call_id")
"""A message with one of these and no text is a program's call."""
_NUMBERED: Final = re.compile(r"\r\n|\r|\n")


def is_conversation(item: Any) -> bool:
    """Return whether the value holds rows, or is a question and its answer."""
    if isinstance(item, list):
        return True
    return isinstance(item, dict) and (_rows_of(item) is not None or _is_exchange(item))


def title_of(item: Any) -> str:
    """Return the id that the source gave a conversation, "" for none."""
    return str(first(item, IDS) or "") if isinstance(item, dict) else ""


def said_in(item: Any, place: str, line: int | None, on_fault: FaultHandler) -> Iterator[Said]:
    """Yield what is said in a conversation: a list of rows, an object with one, or a question and its answer.

    Raises:
        RecordError: For a row without speaker or text, unless `on_fault` takes it.
    """
    rows = item if isinstance(item, list) else _rows_of(item)
    if rows is None:
        yield from _exchange(item, line)
    elif isinstance(rows, str):
        yield from (Said(turn.speaker, turn.text, None, line) for turn in named_turns(_numbered(rows)))
    else:
        names = item.get("participants") if isinstance(item, dict) else None
        for index, row in enumerate(rows):
            yield from row_of(row, f"{place}[{index}]", line, on_fault, index=index, names=names)


def row_of(
    row: Any,
    place: str,
    line: int | None,
    on_fault: FaultHandler,
    *,
    index: int = 0,
    names: Any = None,
) -> Iterator[Said]:
    """Yield what a row says: an object, a [speaker, text], or a text alone, whose two speakers alternate.

    Args:
        row: The row.
        place: Where it is, for a fault.
        line: Its line.
        on_fault: Told of a row without speaker or text.
        index: Its number among the rows of the conversation.
        names: The participants, which speakers may be numbers of.

    Raises:
        RecordError: If it has no speaker or no text, unless `on_fault` takes it.
    """
    if isinstance(row, str):
        yield Said(f"Speaker {index % 2 + 1}", row, None, line)
        return
    if isinstance(row, list) and len(row) in (2, 3) and isinstance(row[1], str):
        yield Said(_named(row[0], names), row[1], None, line)
        return
    if isinstance(row, dict) and row.get("tool_call_id"):
        return  # what a program answered
    text = _text_of(row) if isinstance(row, dict) else None
    speaker = _speaker(row, names) if isinstance(row, dict) else None
    if isinstance(text, str) and speaker is not None:
        yield Said(speaker, text, parse_moment(first(row, TIMES)), line)
    elif not isinstance(row, dict) or not _says_nothing(row):
        on_fault(RecordError(f"{place}: no speaker or no text in {str(row)[:60]!r}; name them 'speaker' and 'text'"))


def first(item: Mapping[str, Any], keys: Iterable[str]) -> Any:
    """Return the first value that is there under one of the keys."""
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _text_of(row: Mapping[str, Any]) -> Any:
    """Return what is said: the first of the texts that has words, else the first."""
    texts = [_plain(row[key]) for key in TEXTS if row.get(key) is not None]
    return next((text for text in texts if text), texts[0] if texts else None)


def _rows_of(item: Mapping[str, Any]) -> list[Any] | str | None:
    if isinstance(item.get("mapping"), dict):
        return _branch(item["mapping"], item.get("current_node"))
    for key in LISTS:
        value = item.get(key)
        if isinstance(value, list):
            return value
        if isinstance(value, str) and value[:1] in ("[", "{"):
            decoded = _decoded(value)
            if isinstance(decoded, list):
                return decoded
        if isinstance(value, str) and sum(names_somebody(line) for line in _NUMBERED.split(value)[:20]) >= 2:
            return value
    return None


def _branch(nodes: Mapping[str, Any], last: Any) -> list[Any]:
    """Return the messages from the root to the last node: of ChatGPT's trees the branch that was kept."""
    path: list[Any] = []
    if last not in nodes:
        last = next(reversed(list(nodes)), None)
    seen = set()
    while isinstance(last, str) and last not in seen and isinstance(nodes.get(last), dict):
        seen.add(last)
        path.append(_turn_of(nodes[last].get("message")))
        last = nodes[last].get("parent")
    return [turn for turn in reversed(path) if turn]


def _turn_of(message: Any) -> dict[str, Any] | None:
    """Return a node's message as a row; what is for the machine alone is none."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), dict):
        return None
    author = message.get("author")
    role = author.get("role") if isinstance(author, dict) else None
    parts = message["content"].get("parts")
    text = _plain(parts if isinstance(parts, list) else message["content"].get("text"))
    is_shown = role in ("user", "assistant") and message.get("recipient", "all") == "all"
    is_said = is_shown and isinstance(text, str) and bool(text)
    return {"role": role, "text": text, "timestamp": message.get("create_time")} if is_said else None


def _decoded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(_NUMBERED.split(text), start=1)


def _is_exchange(item: Mapping[str, Any]) -> bool:
    return isinstance(first(item, QUESTIONS), str) and isinstance(first(item, ANSWERS), str)


def _exchange(item: Mapping[str, Any], line: int | None) -> Iterator[Said]:
    asked = [text for text in (first(item, QUESTIONS), first(item, CONTEXTS)) if isinstance(text, str) and text]
    yield Said("user", "\n".join(asked), None, line)
    yield Said("assistant", str(first(item, ANSWERS)), None, line)


def _says_nothing(row: Mapping[str, Any]) -> bool:
    """Return whether the row is a notice (Telegram's joins, calls and pins) or a program's call."""
    return row.get("type") == "service" or any(row.get(key) for key in _SILENT_KEYS)


def _plain(text: Any) -> Any:
    """Join the parts into which some exports cut a text: strings, and objects that hold one (links, bold words)."""
    if not isinstance(text, list):
        return text
    parts = [part.get("text") if isinstance(part, dict) else part for part in text]
    return "".join(part for part in parts if isinstance(part, str))


def _speaker(row: Mapping[str, Any], names: Any) -> str | None:
    value = first(row, SPEAKERS)
    if isinstance(value, dict):
        value = first(value, ("name", "username", "display_name", "id"))
    return None if value is None or isinstance(value, list | dict) else _named(value, names)


def _named(value: Any, names: Any) -> str:
    """Return a speaker's name; a number is one of the participants, where there are so many."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number and isinstance(names, Sequence) and not isinstance(names, str) and 0 <= value < len(names):
        return str(names[value])
    return str(value)
