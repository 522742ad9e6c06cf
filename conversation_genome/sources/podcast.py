# ruff: noqa: RUF001 - typographic marks are what people type
"""Podcast transcripts: text with speakers in the usual layouts, JSON of Whisper, WhisperX, Podcasting 2.0, and feeds."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.json_stream import read_parts
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.named_lines import named_turns
from conversation_genome.sources.opening import Place, suffix_of
from conversation_genome.sources.reading import BINARY_MAGICS, looks_like_json, read_head, read_lines
from conversation_genome.sources.turns import Turn, conversations_of

MAX_TURN_LINES: Final = 20_000
_MAX_SECONDS: Final = 1e9
_MARKS: Final = " *_:"
"""Of Markdown, around names."""
JOIN_CHARACTERS: Final = 280
"""Segments of one speaker are joined until a line is this long."""

_CLOCK: Final = r"(?:(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?)"
_WHO: Final = r"(?P<name>[^\W\d_][^:\[\]()<>\t]{0,60}?)"
_LAYOUTS: Final = (
    re.compile(
        rf"^\**[\[(](?P<at>{_CLOCK})[\])]\**[ \t]+\**{_WHO}\**:\**(?:\s+(?P<text>.*))?$"
    ),  # [00:01:02] Ana: words
    re.compile(rf"^(?P<at>{_CLOCK})[ \t]+[-–—]?[ \t]*\**{_WHO}\**:\**(?:\s+(?P<text>.*))?$"),  # 00:01:02 Ana: words
    re.compile(rf"^\**{_WHO}\**[ \t]*[\[(](?P<at>{_CLOCK})[\])]\**:?\**(?:\s+(?P<text>.*))?$"),  # Ana (01:02): words
    re.compile(rf"^\**{_WHO}:\**[ \t]*[\[(](?P<at>{_CLOCK})[\])](?:\s+(?P<text>.*))?$"),  # Ana: [01:02] words
    re.compile(rf"^\**{_WHO}\**[ \t]{{1,8}}(?P<at>{_CLOCK})[ \t]*(?P<text>)$"),  # Ana  01:02, words on the next line
)
_UNTIMED: Final = re.compile(rf"^\*\*{_WHO}:?\*\*:?\s+(?P<text>.+)$")  # **Ana:** words
_HEADER: Final = re.compile(
    r"^#*\s*(title|show|podcast|episode|date|recorded|published|hosts?|guests?|duration|with)\s*:\s*(.+)$",
    re.IGNORECASE,
)
_DATE_KEYS: Final = ("recorded", "date", "published")
_LISTS: Final = ("segments", "transcription", "chunks")
"""As Whisper, whisper.cpp and the pipeline of Transformers call them."""
_SEGMENTS: Final = re.compile(rb'"(?:segments|transcription|chunks)"\s*:\s*\[\s*\{')
_SPOKEN: Final = re.compile(rb'"(?:start|startTime|end|body|text|offsets|timestamp)"\s*:')


def sniff(head: bytes, path: Place) -> bool:
    """Return whether the file is a transcript with times: two lines in a known layout, or JSON segments."""
    if looks_like_json(head):
        return bool(_SEGMENTS.search(head)) and bool(_SPOKEN.search(head))
    if head.startswith(BINARY_MAGICS):
        return False
    lines = head.decode("utf-8", "replace").splitlines()[:200]
    return suffix_of(path) != ".csv" and sum(_match(line.strip()) is not None for line in lines) >= 2


def read(path: Place, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the one conversation of a transcript.

    Raises:
        InputError: If the file holds no words.
        RecordError: If the JSON is not of a known shape, or no line of the text names a speaker.
    """
    if looks_like_json(read_head(path)):
        yield from conversations_of(path, _json_turns(path, on_fault), source="podcast", on_fault=on_fault)
        return
    header: dict[str, str] = {}
    turns = _text_turns(path, header, on_fault)
    first = next(turns, None)
    if first is None:  # no times and no stars: names and colons alone
        turns = named_turns(read_lines(path, on_fault))
        first = next(turns, None)
    if first is None:
        raise RecordError(f"{path}: no line names a speaker; write '[00:01:02] Name: words' or 'Name (01:02): words'")
    labels = {"title": header["title"]} if "title" in header else {}
    yield from conversations_of(
        path, chain((first,), turns), source="podcast", on_fault=on_fault, started_at=_date(header), labels=labels
    )


def _text_turns(path: Place, header: dict[str, str], on_fault: FaultHandler) -> Iterator[Turn]:
    """Yield the turns; lines that begin no turn go on with the last one; fields above the first fill `header`."""
    turn: Turn | None = None
    more: list[str] = []
    for number, raw in read_lines(path, on_fault):
        line = raw.strip()
        match = _match(line) or _UNTIMED.match(line)
        if match:
            if turn:
                yield turn._replace(text="\n".join((turn.text, *more)))
            at = match.groupdict().get("at")
            turn, more = (
                Turn(match["name"].strip(_MARKS), match["text"] or "", _seconds(at) if at else None, number),
                [],
            )
        elif turn and line and len(more) < MAX_TURN_LINES:
            more.append(line)
        elif not turn and (field := _HEADER.match(line)):
            header[field[1].lower()] = field[2].strip()
    if turn:
        yield turn._replace(text="\n".join((turn.text, *more)))


def _match(line: str) -> re.Match[str] | None:
    return next((match for layout in _LAYOUTS if (match := layout.match(line))), None)


def _seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _date(header: dict[str, str]) -> datetime | None:
    return next((moment for key in _DATE_KEYS if (moment := parse_moment(header.get(key)))), None)


def _json_turns(path: Place, on_fault: FaultHandler) -> Iterator[Turn]:
    yield from _merged(_segment_turns(path, on_fault))


def _segment_turns(path: Place, on_fault: FaultHandler) -> Iterator[Turn]:
    speaker = "Speaker"
    has_segments = False
    for part in read_parts(path, *_LISTS, on_fault=on_fault):
        if part.key not in _LISTS or part.item is None:
            continue
        has_segments, segment = True, part.value
        words = (segment.get("text") or segment.get("body")) if isinstance(segment, dict) else None
        at = _start(segment) if isinstance(segment, dict) else None
        if not isinstance(words, str) or not isinstance(at, int | float | None) or abs(at or 0) > _MAX_SECONDS:
            shown = str(segment)[:40]
            on_fault(
                RecordError(
                    f"{path}:{part.line}: {part.key}[{part.item}] has no text, it is {shown!r}; transcribe it again"
                )
            )
            continue
        speaker = str(segment.get("speaker") or speaker)
        yield Turn(speaker, words, None if at is None else float(at), part.line)
    if not has_segments:
        on_fault(
            RecordError(
                f"{path}: no list 'segments' as Whisper and Podcasting 2.0 write it; export the transcript again"
            )
        )


def _start(segment: Mapping[str, Any]) -> Any:
    """Return when a segment begins, in seconds, if it says so."""
    offsets, stamp = segment.get("offsets"), segment.get("timestamp")
    if isinstance(offsets, dict) and isinstance(offsets.get("from"), int | float):
        return offsets["from"] / 1000
    if isinstance(stamp, list) and stamp:
        return stamp[0]
    return segment.get("start", segment.get("startTime"))


def _merged(turns: Iterable[Turn]) -> Iterator[Turn]:
    """Join segments of one speaker to lines of sensible length that end with a sentence where there are sentences."""
    held: Turn | None = None
    for turn in turns:
        text = turn.text.strip()
        if held and (held.speaker != turn.speaker or _is_long_enough(held.text)):
            yield held
            held = None
        held = held._replace(text=f"{held.text} {text}") if held else turn._replace(text=text)
    if held:
        yield held


def _is_long_enough(text: str) -> bool:
    return len(text) >= JOIN_CHARACTERS or (
        len(text) >= JOIN_CHARACTERS // 4 and text.endswith((".", "!", "?", "…", "。"))
    )
