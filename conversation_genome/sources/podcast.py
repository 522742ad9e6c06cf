# ruff: noqa: RUF001 - typographic marks are what people type
"""Podcast transcripts: text with speakers and times in the usual layouts, and JSON of Whisper, WhisperX, Podcasting 2.0."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.reading import is_json, looks_like_json, read_json, read_lines
from conversation_genome.sources.turns import Turn, conversation_of

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
_SEGMENTS: Final = re.compile(rb'"segments"\s*:\s*\[\s*\{')
_SPOKEN: Final = re.compile(rb'"(?:start|startTime|end|body|text)"\s*:')


def sniff(head: bytes, path: Path) -> bool:
    """Return whether the file is a transcript with times: two lines in a known layout, or JSON segments."""
    if looks_like_json(head):
        return bool(_SEGMENTS.search(head)) and bool(_SPOKEN.search(head))
    lines = head.decode("utf-8", "replace").splitlines()[:200]
    return path.suffix.lower() != ".csv" and sum(_match(line.strip()) is not None for line in lines) >= 2


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the one conversation of a transcript.

    Raises:
        InputError: If the file holds no words.
        RecordError: If the JSON is not of a known shape, or no line of the text names a speaker.
    """
    if is_json(path):
        yield conversation_of(path, _json_turns(path, on_fault), source="podcast")
        return
    header: dict[str, str] = {}
    turns = list(_text_turns(path, header))
    labels = {"title": header["title"]} if "title" in header else {}
    yield conversation_of(path, turns, source="podcast", started_at=_date(header), labels=labels)


def _text_turns(path: Path, header: dict[str, str]) -> Iterator[Turn]:
    """Yield the turns; lines that begin no turn go on with the last one; fields above the first fill `header`."""
    turn: Turn | None = None
    for _number, raw in read_lines(path):
        line = raw.strip()
        match = _match(line) or _UNTIMED.match(line)
        if match:
            if turn:
                yield turn
            at = match.groupdict().get("at")
            turn = Turn(match["name"], match["text"] or "", _seconds(at) if at else None)
        elif turn and line:
            turn = turn._replace(text=f"{turn.text}\n{line}")
        elif field := _HEADER.match(line):
            header[field[1].lower()] = field[2].strip()
    if turn is None:
        raise RecordError(f"{path}: no line names a speaker; write '[00:01:02] Name: words' or 'Name (01:02): words'")
    yield turn


def _match(line: str) -> re.Match[str] | None:
    return next((match for layout in _LAYOUTS if (match := layout.match(line))), None)


def _seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _date(header: dict[str, str]) -> datetime | None:
    return next((moment for key in _DATE_KEYS if (moment := parse_moment(header.get(key)))), None)


def _json_turns(path: Path, on_fault: FaultHandler) -> Iterator[Turn]:
    document = read_json(path)
    segments = document.get("segments") if isinstance(document, dict) else None
    if not isinstance(segments, list):
        raise RecordError(
            f"{path}: no list 'segments' as Whisper and Podcasting 2.0 write it; export the transcript again"
        )
    yield from _merged(_segment_turns(path, segments, on_fault))


def _segment_turns(path: Path, segments: list[Any], on_fault: FaultHandler) -> Iterator[Turn]:
    speaker = "Speaker"
    for index, segment in enumerate(segments):
        words = (segment.get("text") or segment.get("body")) if isinstance(segment, dict) else None
        at = segment.get("start", segment.get("startTime")) if isinstance(segment, dict) else None
        if not isinstance(words, str) or not isinstance(at, int | float | None):
            on_fault(
                RecordError(f"{path}: segments[{index}] has no text, it is {str(segment)[:40]!r}; transcribe it again")
            )
            continue
        speaker = str(segment.get("speaker") or speaker)
        yield Turn(speaker, words, None if at is None else float(at))


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
