# ruff: noqa: RUF001 - typographic marks are what people type
"""WhatsApp's exported chats: both layouts of a line, both clocks, both orders of day and month."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from conversation_genome.conversation import Conversation
from conversation_genome.errors import RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.reading import read_lines
from conversation_genome.sources.turns import Turn, conversation_of

_MARKS: Final = "\u200e\u200f\u202a\u202c\ufeff"
_STAMP: Final = (
    r"(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{2,4}),?\s+"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:\s*(?P<half>[aApP])\.?\s?[mM]\.?)?"
)
_LINE: Final = re.compile(rf"^(?:\[{_STAMP}\]\s|{_STAMP.replace('?P<', '?P<d')}\s[-–]\s)(?P<rest>.*)$")
_SAID: Final = re.compile(r"^(?P<name>[^:]{1,100}?):\s(?P<text>.*)$", re.DOTALL)
_NOT_SAID: Final = re.compile(
    r"^(?:.*(?:end-to-end encrypted|Ende-zu-Ende-verschlüsselt|cifrados de extremo a extremo|chiffrés de bout en bout)\..*"
    r"|<[^>]*(?:omitted|weggelassen|omitido|omis|ausgeschlossen|除外)[^>]*>"
    r"|(?:image|video|audio|sticker|GIF|document|contact card) omitted"
    r"|(?:imagen|audio|video|sticker) omitid[oa]"
    r"|(?:this message was deleted|you deleted this message|diese nachricht wurde gelöscht|se eliminó este mensaje"
    r"|este mensaje fue eliminado|ce message a été supprimé|null|missed voice call|missed video call)\.?)$",
    re.IGNORECASE,
)
_EDITED: Final = re.compile(r"\s*\u200e<[^<>]{1,60}>$|\s*<This message was edited\.?>$")
_ATTACHED: Final = re.compile(
    r"\u200e?<(?:attached|Anhang|adjunto|pièce jointe)\s?: [^<>\n]+>"
    r"|^\u200e?[^\n]{1,120}\.\w{2,5} \((?:file attached|Datei angehängt|archivo adjunto|fichier joint)\)"
)
_NOTICE: Final = "\u200e"
"""On iPhones this mark stands before everything that the app says itself, in every language."""


class _Stamp(NamedTuple):
    """A date whose order of day and month is not known yet."""

    numbers: tuple[int, int, int]
    hour: int
    minute: int
    second: int
    has_halves: bool


class _Message(NamedTuple):
    line_number: int
    stamp: _Stamp
    name: str
    text: str


def sniff(head: bytes, path: Path) -> bool:  # noqa: ARG001
    """Return whether one of the first lines is a dated line as WhatsApp exports it."""
    lines = head.decode("utf-8", "replace").splitlines()[:40]
    return any(_LINE.match(line.strip(_MARKS)) for line in lines)


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the one conversation of an exported chat; deleted messages, media and notices are left out.

    Times have no zone in these files and are taken to be UTC.

    Raises:
        InputError: If nobody says anything.
        RecordError: If no line is dated, or a date does not exist, unless `on_fault` takes it.
    """
    messages = list(_messages(path))
    order = _order([message.stamp for message in messages])
    turns = list(_turns(path, messages, order, on_fault))
    started_at = turns[0][0] if turns else None
    said = [Turn(message.name, message.text, _seconds(started_at, moment)) for moment, message in turns]
    yield conversation_of(path, said, source="whatsapp", started_at=started_at)


def _messages(path: Path) -> Iterator[_Message]:
    held: _Message | None = None
    is_dated = False
    for number, raw in read_lines(path):
        match = _LINE.match(raw.lstrip(_MARKS))
        if match is None:
            held = held and held._replace(text=f"{held.text}\n{raw}")
            continue
        is_dated = True
        yield from _kept(held)
        said = _SAID.match(match["rest"].lstrip(_MARKS))
        held = _Message(number, _stamp(match), said["name"], said["text"]) if said else None
    if not is_dated:
        raise RecordError(
            f"{path}: no line begins like '[12/03/2025, 21:14:05] Name: words'; export the chat again as text"
        )
    yield from _kept(held)


def _kept(message: _Message | None) -> Iterator[_Message]:
    if message:
        text = _ATTACHED.sub("", _EDITED.sub("", message.text)).strip()
        if text and not text.startswith(_NOTICE) and not _NOT_SAID.match(text):
            yield message._replace(text=text)


def _stamp(match: re.Match[str]) -> _Stamp:
    fields = {key.removeprefix("d"): value for key, value in match.groupdict().items() if value is not None}
    hour, half = int(fields["hour"]), fields.get("half", "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    numbers = (int(fields["a"]), int(fields["b"]), int(fields["c"]))
    return _Stamp(numbers, hour, int(fields["minute"]), int(fields.get("second", 0)), bool(half))


def _order(stamps: list[_Stamp]) -> str:
    """Return "ymd", "dmy" or "mdy": what the numbers allow, then what keeps time running forward, then the clock."""
    if any(stamp.numbers[0] > 31 for stamp in stamps):
        return "ymd"
    possible = [order for order in ("dmy", "mdy") if all(_moment(stamp, order) for stamp in stamps)]
    if len(possible) == 1:
        return possible[0]
    backwards = {order: _steps_back(stamps, order) for order in ("dmy", "mdy")}
    if backwards["dmy"] != backwards["mdy"]:
        return min(backwards, key=lambda order: backwards[order])
    return "mdy" if any(stamp.has_halves for stamp in stamps) else "dmy"


def _steps_back(stamps: Iterable[_Stamp], order: str) -> float:
    """Return how far the dates jump, in seconds; the right order has the smaller sum."""
    moments = [moment for stamp in stamps if (moment := _moment(stamp, order))]
    return sum(abs((after - before).total_seconds()) for before, after in pairwise(moments))


def _moment(stamp: _Stamp, order: str) -> datetime | None:
    fields = dict(zip(order, stamp.numbers, strict=True))
    year = fields["y"] + (2000 if fields["y"] < 100 else 0)
    try:
        return datetime(year, fields["m"], fields["d"], stamp.hour, stamp.minute, stamp.second, tzinfo=UTC)
    except ValueError:
        return None


def _turns(
    path: Path, messages: Iterable[_Message], order: str, on_fault: FaultHandler
) -> Iterator[tuple[datetime, _Message]]:
    for message in messages:
        moment = _moment(message.stamp, order)
        if moment is None:
            date = "/".join(str(number) for number in message.stamp.numbers)
            on_fault(RecordError(f"{path}:{message.line_number}: {date!r} is no date; correct it or take the line out"))
        else:
            yield moment, message


def _seconds(started_at: datetime | None, moment: datetime) -> float | None:
    return (moment - started_at).total_seconds() if started_at else None
