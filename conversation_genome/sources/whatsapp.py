# ruff: noqa: RUF001 - typographic marks are what people type
"""WhatsApp's exported chats: both layouts of a line, both clocks, both orders of day and month."""

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.opening import Entry, Place, open_archive
from conversation_genome.sources.reading import read_lines
from conversation_genome.sources.turns import Said, chats_of

_ZIP: Final = b"PK\x03\x04"
_SAMPLE_STAMPS: Final = 200_000
MAX_MESSAGE_LINES: Final = 100_000
_MARKS: Final = "\u200e\u200f\u202a\u202c\ufeff"
_INNER_MARKS: Final = re.compile("[\u200e\u200f]")
"""Arabic and Hebrew dates have them between their numbers."""
_STAMP: Final = (
    r"(\d{1,4})\s?[./年년-]\s?(\d{1,2})\s?[./月월-]\s?(\d{1,4})[日일.]?[,،]?\s{1,3}"  # the numbers of a date
    r"(?:(?:à|às|kl\.?|um|at)\s)?(?:(오전|오후|上午|下午|午前|午後)\s?)?"
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s{0,3}([aApP])\.?\s?[mM]\.?|\s{0,3}([صم]))?"  # hour, minute, second
)
_STAMP_GROUPS: Final = 9
_AFTERNOON: Final = frozenset("pPم") | {"오후", "下午", "午後"}
_LINE: Final = re.compile(rf"^(?:\[{_STAMP}\]\s|{_STAMP}(?:\s[-–]\s|,\s(?=[^:,]{{1,100}}\s:\s)))(?P<rest>.*)$")
_SAID: Final = re.compile(r"^(?:~\s?)?(?P<name>[^:]{1,100}?)\s?:\s(?P<text>.*)$", re.DOTALL)
_QUOTES: Final = re.compile(r'["“”„«»]')
"""Nobody's name has one half of a pair: such a "name" is a notice that quotes a title with a colon."""
_GONE: Final = (
    "this message was deleted", "you deleted this message", "diese nachricht wurde gelöscht",
    "du hast diese nachricht gelöscht", "se eliminó este mensaje", "este mensaje fue eliminado", "eliminaste este mensaje",
    "ce message a été supprimé", "vous avez supprimé ce message", "mensagem apagada", "esta mensagem foi apagada",
    "esta mensagem foi eliminada", "você apagou esta mensagem", "apagou esta mensagem", "questo messaggio è stato eliminato",
    "hai eliminato questo messaggio", "dit bericht is verwijderd", "je hebt dit bericht verwijderd",
    "u hebt dit bericht verwijderd", "bu mesaj silindi", "bu mesajı sildiniz", "данное сообщение удалено",
    "вы удалили данное сообщение", "ta wiadomość została usunięta", "usunąłeś tę wiadomość", "pesan ini telah dihapus",
    "anda menghapus pesan ini", "تم حذف هذه الرسالة", "حذفت هذه الرسالة", "このメッセージは削除されました",
    "このメッセージを削除しました", "삭제된 메시지입니다", "此訊息已刪除", "此消息已删除", "你已刪除此訊息", "你已删除此消息",
    "null", "missed voice call", "missed video call",
)  # fmt: skip
_NOT_SAID: Final = re.compile(
    r"^(?:.*(?:end-to-end encrypted|Ende-zu-Ende-verschlüsselt|cifrados de extremo a extremo|chiffrés de bout en bout)\..*"
    r"|<[^<>\n=/]{0,60}(?:[^\x00-\x7f]|[^<>\n=/]\s[^<>\n=/])[^<>\n=/]{0,60}>"  # <Media omitted>, in every language
    r"|(?:image|video|audio|sticker|GIF|document|contact card) omitted"
    r"|(?:imagen|audio|video|sticker) omitid[oa]"
    rf"|(?:{'|'.join(_GONE)})[.。]?)$",
    re.IGNORECASE,
)
_EDITED: Final = re.compile(r"\s{0,3}(?:\u200e<[^<>]{1,60}>|<This message was edited\.?>)$")
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


def sniff(head: bytes, path: Place) -> bool:
    """Return whether one of the first lines is a dated line as WhatsApp exports it, or the file is a zip of such."""
    if head.startswith(_ZIP):
        return not isinstance(path, Entry) and _chat_in(path) is not None
    lines = head.decode("utf-8", "replace").splitlines()[:40]
    return any(_dated(line) for line in lines)


def read(path: Place, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the one conversation of an exported chat; deleted messages, media and notices are left out.

    Times have no zone in these files and are taken to be UTC. The order of day and month is told from the first
    200,000 dated lines.

    Raises:
        InputError: If nobody says anything.
        RecordError: If no line is dated, or a date does not exist, unless `on_fault` takes it.
    """
    if isinstance(path, Entry) or not zipfile.is_zipfile(path):
        yield from _read_text(path, on_fault)
        return
    with open_archive(path) as entries:
        chat = next((entry for entry in entries if entry.name.endswith(".txt")), None)
        if chat is None:
            raise InputError(f"{path} is a zip without the text of a chat; export the chat again")
        yield from _read_text(chat, on_fault)


def _chat_in(path: Path) -> Entry | None:
    """Return the text in a zip that is one chat, with or without its media."""
    try:
        with open_archive(path) as entries:
            texts = [entry for entry in entries if entry.name.endswith(".txt")]
            is_chat = len(texts) == 1 and ("chat" in texts[0].name.lower() or "whatsapp" in texts[0].name.lower())
            return texts[0] if is_chat else None
    except InputError:
        return None


def _read_text(path: Place, on_fault: FaultHandler) -> Iterator[Conversation]:
    order = _order(islice(_stamps(path), _SAMPLE_STAMPS))
    if order is None:
        raise RecordError(
            f"{path}: no line begins like '[12/03/2025, 21:14:05] Name: words'; export the chat again as text"
        )
    yield from chats_of(path, _said(path, order, on_fault), source="whatsapp", on_fault=on_fault)


def _stamps(path: Place) -> Iterator[_Stamp]:
    for _number, raw in read_lines(path, _ignore):
        if match := _dated(raw):
            yield _stamp(match)


def _dated(raw: str) -> re.Match[str] | None:
    """Return the match of a line that begins a message, whatever marks of direction its date has."""
    line = raw.lstrip(_MARKS)
    match = _LINE.match(line)
    if match or not _INNER_MARKS.search(line, 0, 24):
        return match
    return _LINE.match(_INNER_MARKS.sub("", line[:24]) + line[24:])


def _ignore(_fault: InputError) -> None:
    """The second reading names it."""


def _messages(path: Place, on_fault: FaultHandler) -> Iterator[_Message]:
    held: _Message | None = None
    more: list[str] = []
    for number, raw in read_lines(path, on_fault):
        match = _dated(raw)
        if match is None:
            if len(more) < MAX_MESSAGE_LINES:
                more.append(raw)
            continue
        yield from _kept(held, more)
        said = _SAID.match(match["rest"].lstrip(_MARKS))
        is_said = said is not None and len(_QUOTES.findall(said["name"])) % 2 == 0
        held, more = (_Message(number, _stamp(match), said["name"], said["text"]) if said and is_said else None), []
    yield from _kept(held, more)


def _kept(message: _Message | None, more: list[str]) -> Iterator[_Message]:
    if message:
        text = "\n".join((message.text, *more)) if more else message.text
        if "<" in text or "(" in text:
            text = _ATTACHED.sub("", _EDITED.sub("", text.rstrip()))
        text = text.strip()
        if text and not text.startswith(_NOTICE) and not _NOT_SAID.match(text):
            yield message._replace(text=text)


def _stamp(match: re.Match[str]) -> _Stamp:
    groups = match.groups()[:_STAMP_GROUPS] if match[1] else match.groups()[_STAMP_GROUPS : 2 * _STAMP_GROUPS]
    first, second, third, before, hour, minute, seconds, latin, arabic = groups
    half = before or latin or arabic
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half in _AFTERNOON else 0)
    is_english = half is not None and half == latin
    return _Stamp((int(first), int(second), int(third)), hours, int(minute), int(seconds or 0), is_english)


def _order(stamps: Iterator[_Stamp]) -> str | None:
    """Return "ymd", "dmy" or "mdy": what the numbers allow, then what keeps time running forward, then the clock.

    None where there is no stamp.
    """
    wrong = dict.fromkeys(("dmy", "mdy"), 0)
    jumps = dict.fromkeys(("dmy", "mdy"), 0.0)
    last: dict[str, datetime] = {}
    has_halves = is_dated = False
    for stamp in stamps:
        is_dated = True
        if stamp.numbers[0] > 31:
            return "ymd"
        has_halves = has_halves or stamp.has_halves
        for order in wrong:
            moment = _moment(stamp, order)
            if moment is None:
                wrong[order] += 1
                continue
            jumps[order] += abs((moment - last.get(order, moment)).total_seconds())
            last[order] = moment
    if not is_dated:
        return None
    return min(("mdy", "dmy") if has_halves else ("dmy", "mdy"), key=lambda order: (wrong[order], jumps[order]))


def _moment(stamp: _Stamp, order: str) -> datetime | None:
    fields = dict(zip(order, stamp.numbers, strict=True))
    year = fields["y"] + (2000 if fields["y"] < 100 else 0)
    try:
        return datetime(year, fields["m"], fields["d"], stamp.hour, stamp.minute, stamp.second, tzinfo=UTC)
    except ValueError:
        return None


def _said(path: Place, order: str, on_fault: FaultHandler) -> Iterator[Said]:
    for message in _messages(path, on_fault):
        moment = _moment(message.stamp, order)
        if moment is None:
            date = "/".join(str(number) for number in message.stamp.numbers)
            on_fault(RecordError(f"{path}:{message.line_number}: {date!r} is no date; correct it or take the line out"))
        else:
            yield Said(message.name, message.text, moment, message.line_number)
