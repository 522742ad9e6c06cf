"""Caption files to cues: WebVTT, SubRip and YouTube's json3, each as (seconds, lines on the screen)."""

import html
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from conversation_genome.errors import RecordError
from conversation_genome.sources.base import FaultHandler
from conversation_genome.sources.json_stream import read_parts
from conversation_genome.sources.opening import Place
from conversation_genome.sources.reading import read_lines

_ARROW: Final = "-->"
_TIMING: Final = re.compile(
    r"^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})(?:\s|$)"
)
_VOICE: Final = re.compile(r"<v(?:\.[\w.]{1,60})?\s{1,8}([^>]{1,200})>")
VOICE: Final = "\x1a"
"""Stands on both sides of a name that a tag gives, which needs no guessing."""
_TAG: Final = re.compile(r"</?(?:c|v|b|i|u|s|ruby|rt|lang|font)\b[^<>]{0,200}>|<\d[\d:.]{0,20}>", re.IGNORECASE)
_ASS_POSITION: Final = re.compile(r"\{\\[^}]{0,200}\}")
_SOUND: Final = re.compile(r"\[[^\]\n]{1,40}\]|[♪♫♬]+")
_MUSIC: Final = re.compile("[♪♫♬]")
_CLOCK_ALONE: Final = re.compile(r"^(?:\d{1,2}:)?\d{1,2}:\d{2}$")
_SPOKEN_CLOCK: Final = re.compile(
    r"^(?:\d+ (?:hour|minute|second)s?(?:, )?)+$"
)  # the page writes it for screen readers
_SKIPPED_BLOCKS: Final = ("NOTE", "STYLE", "REGION")
MAX_CUE_LINES: Final = 1_000
MAX_MILLISECONDS: Final = 1e12


class Cue(NamedTuple):
    """What stands on the screen from a moment on."""

    start_seconds: float
    end_seconds: float
    lines: tuple[str, ...]
    number: int | None = None
    """Where it stands in the file, from 1."""


class _Timing(NamedTuple):
    start_seconds: float
    end_seconds: float
    number: int


def read_cues(path: Place, on_fault: FaultHandler) -> Iterator[Cue]:
    """Yield the cues of a VTT or SRT file, without tags, sounds and positions.

    Raises:
        RecordError: If a timing line cannot be read, unless `on_fault` takes it; names the file and the line.
    """
    timing: _Timing | None = None
    text: list[str] = []
    is_skipping = False
    for number, line in read_lines(path, on_fault):
        if _ARROW in line:
            yield from _finished(timing, _without_counter(text))
            timing, text, is_skipping = _timing(path, number, line, on_fault), [], False
        elif timing is None and line.startswith(_SKIPPED_BLOCKS):
            is_skipping = True
        elif not line and (text or is_skipping or timing is None):  # an empty first line may be all that is shown yet
            yield from _finished(timing, text)
            timing, text, is_skipping = None, [], False
        elif timing is not None and not is_skipping and len(text) < MAX_CUE_LINES:
            text.append(line)
    yield from _finished(timing, text)


def is_pasted(head: bytes) -> bool:
    """Return whether times stand alone on lines with words between them, as in a transcript copied from the page."""
    lines = [line.strip() for line in head.decode("utf-8", "replace").splitlines()[:200] if line.strip()]
    alone = sum(_CLOCK_ALONE.match(line) is not None for line in lines)
    return alone >= 2 and alone >= len(lines) // 4 and not _CLOCK_ALONE.match(lines[-1])


def read_pasted(path: Place, on_fault: FaultHandler) -> Iterator[Cue]:
    """Yield the cues of a transcript copied from the page; what stands above the first time is left out."""
    timing: _Timing | None = None
    text: list[str] = []
    for number, raw in read_lines(path, on_fault):
        line = raw.strip()
        if _CLOCK_ALONE.match(line):
            yield from _finished(timing, text)
            timing, text = _Timing(_seconds(line), _seconds(line), number), []
        elif not _SPOKEN_CLOCK.match(line) and len(text) < MAX_CUE_LINES:
            text.append(line)
    yield from _finished(timing, text)


def read_json3(path: Place, on_fault: FaultHandler) -> Iterator[Cue]:
    """Yield the cues of YouTube's json3.

    Raises:
        RecordError: If it is not of that shape, unless `on_fault` takes it; names the file and the line.
    """
    has_events = False
    for part in read_parts(path, "events", on_fault=on_fault):
        if part.key == "events":
            has_events = True
            yield from _event_cue(f"{path}:{part.line}", part.line, part.value, on_fault)
    if not has_events:
        on_fault(
            RecordError(f"{path}: no list 'events' as YouTube's json3 has; download the captions again as json3 or vtt")
        )


def _event_cue(place: str, number: int, event: Any, on_fault: FaultHandler) -> Iterator[Cue]:
    if not isinstance(event, dict) or not isinstance(event.get("segs", []), list):
        on_fault(RecordError(f"{place}: {str(event)[:40]!r} is not a json3 event; download it again"))
        return
    start, length = event.get("tStartMs", 0), event.get("dDurationMs", 0)
    if not _is_number(start) or not _is_number(length):
        on_fault(RecordError(f"{place}: the event starts at {str(start)[:40]!r}, not at a number of milliseconds"))
        return
    words = "".join(str(segment.get("utf8") or "") for segment in event.get("segs", []) if isinstance(segment, dict))
    yield from _finished(_Timing(start / 1000, (start + length) / 1000, number), words.split("\n"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < MAX_MILLISECONDS


def _finished(timing: _Timing | None, text: list[str]) -> Iterator[Cue]:
    if timing is None:
        return
    lines = tuple(cleaned for line in text if (cleaned := _shown(line)))
    if lines:
        yield Cue(timing.start_seconds, timing.end_seconds, lines, timing.number)


def _without_counter(text: list[str]) -> list[str]:
    """Drop the next cue's number where the blank line before it is missing."""
    return text[:-1] if text and text[-1].strip().isdigit() else text


def _timing(path: Place, number: int, line: str, on_fault: FaultHandler) -> _Timing | None:
    match = _TIMING.match(line)
    if match:
        return _Timing(_seconds(match[1]), _seconds(match[2]), number)
    on_fault(
        RecordError(f"{path}:{number}: {line.strip()[:60]!r} is no timing; write it as 00:01:02.500 --> 00:01:04.000")
    )
    return None


def _seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _shown(line: str) -> str:
    if "<" not in line and "&" not in line and "[" not in line and "{" not in line and not _MUSIC.search(line):
        return " ".join(line.split())
    voiced = _VOICE.sub(lambda match: f">> {VOICE}{match[1].strip()}{VOICE}: ", line)
    plain = html.unescape(_ASS_POSITION.sub("", _TAG.sub("", voiced)))
    return " ".join(_SOUND.sub(" ", plain).split())
