"""IRC logs as irssi, WeeChat, HexChat, ZNC and irclogs.ubuntu.com write them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.opening import Place
from conversation_genome.sources.reading import looks_like_json, read_lines
from conversation_genome.sources.turns import Said, chats_of

_SAMPLE_LINES: Final = 200
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STAMP: Final = re.compile(
    r"^(?:\[(?:(?P<date1>\d{4}-\d\d-\d\d)[T ])?(?P<clock1>\d\d:\d\d(?::\d\d)?)(?:\.\d{1,6})?(?:Z|[+-]00:?00)?\]"
    # [00:01], [2005-05-19 00:01:02], [2005-05-19T00:01:02.123Z]
    r"|(?:(?P<date2>\d{4}-\d\d-\d\d)[T ])?(?P<clock2>\d\d:\d\d(?::\d\d)?)"  # 00:01, 2005-05-19 00:01:02
    r"|(?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) (?P<clock3>\d\d:\d\d:\d\d))"  # May 19 00:01:02
    r"(?P<gap>[ \t]|(?=[<*\-=]))(?P<rest>.*)$",
    re.DOTALL,
)
_NICK: Final = r"[^\s<>]{1,64}"
_SAID: Final = re.compile(rf"^<[@+%&~! ]?(?P<nick>{_NICK})>[ \t]?(?P<text>.*)$", re.DOTALL)
_ACTION: Final = re.compile(rf"^ ?\*[ \t](?P<nick>{_NICK}) (?P<text>.*)$", re.DOTALL)
_COLUMNS: Final = re.compile(rf"^(?:(?P<nick>[@+%&~!]?{_NICK})| ?(?P<star>\*))\t(?P<text>.*)$", re.DOTALL)
_NOTICE: Final = re.compile(r"^(?:===|---|-!-|\*\*\*|-->|<--|--|=!=|-[^\s-]+(?:\([^)]*\))?-)(?:\s|$)|^\t|^\*{4} ")
_NEWS: Final = re.compile(
    r"^(?:\S+ (?:\([^)]*\) )?(?:has (?:joined|left|quit|changed|kicked|been kicked)|is now known as|was kicked"
    r"|sets? (?:mode|the topic|ban)|gives |removes |Quit \(|\S+@\S+ )"
    r"|\S+ \([^\s()]+@[^\s()]+\) (?:Quit|has|joined|left)"
    r"|(?:You|Now talking|Topic (?:for|is)|Set by|Disconnected|Channel|Joins:|Parts:|Quits:|Rejoined|Attempting to rejoin)[ :])"
)
"""What clients say of a channel; stars stand before it as before what people do."""
_DAY: Final = re.compile(
    r"^(?:--- (?:Log (?:opened|closed)|Day changed)|\*{4} (?:BEGIN|ENDING) LOGGING AT) +"
    r"\w{3} (?P<month>\w{3}) +(?P<day>\d{1,2})(?: \d\d:\d\d(?::\d\d)?)? (?P<year>\d{4})"
)
_SESSION: Final = re.compile(r"^Session (?:Start|Ident|Close|Time): ")
_SESSION_DAY: Final = re.compile(
    r"^Session (?:Start|Time): \w{3} (?P<month>\w{3}) +(?P<day>\d{1,2}) \d\d:\d\d:\d\d (?P<year>\d{4})"
)
"""What mIRC writes above and below."""
_FORMATTING: Final = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6})?|[\x02\x0f\x11\x16\x1d\x1e\x1f]")
"""Colours, whose numbers are no words, and what is bold and the like."""
_NAMED_DAY: Final = re.compile(r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?!\d)")
_HALF_A_YEAR_MONTHS: Final = 6
_HALF_A_DAY: Final = timedelta(hours=12)


def sniff(head: bytes, path: Place) -> bool:  # noqa: ARG001
    """Return whether most of the first lines are stamped and said by a nick, or are notices of a log."""
    if looks_like_json(head) or head.startswith((b"PK", b"PAR1")):
        return False
    lines = [line for line in head.decode("utf-8", "replace").split("\n")[:_SAMPLE_LINES] if line.strip()]
    said = sum(_spoken(line) is not None for line in lines)
    noted = sum(_is_notice(line) for line in lines)
    return said >= 1 and said + noted >= max(2, len(lines) * 0.6)


def read(path: Place, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the log as one conversation: messages and actions, without joins, parts, topics and server notices.

    Days come from the log's own lines, or its file's name; without either the times count from the first message.
    Times have no zone in these files and are taken to be UTC.

    Raises:
        InputError: If nobody says anything.
        RecordError: For a line that is neither said nor a notice, unless `on_fault` takes it.
    """
    yield from chats_of(path, _messages(path, on_fault), source="irc", on_fault=on_fault)


def _messages(path: Place, on_fault: FaultHandler) -> Iterator[Said]:
    clock = _Clock(path.name)
    has_read = False
    for number, raw in read_lines(path, on_fault):
        line = _FORMATTING.sub("", raw.rstrip("\r\n"))
        if day := _DAY.match(line) or _SESSION_DAY.match(line):
            clock.set_day(int(day["year"]), day["month"], int(day["day"]))
        elif spoken := _spoken(line):
            stamp, nick, text = spoken
            has_read = True
            yield Said(nick, text, clock.moment(stamp) if stamp else None, number)
        elif line.strip() and not _is_notice(line):
            on_fault(RecordError(f"{path}:{number}: {line.strip()[:60]!r} is no line of an IRC log; take it out"))
    if not has_read:
        raise RecordError(f"{path}: no line is said by a nick; write each as '[00:01] <nick> words'")


def _spoken(line: str) -> tuple[re.Match[str] | None, str, str] | None:
    """Return (stamp, nick, text) of a message or an action, else None."""
    stamp = _STAMP.match(line)
    rest = stamp["rest"] if stamp else line
    if match := _SAID.match(rest.removeprefix(" ")):
        return stamp, match["nick"], match["text"]
    if not stamp:
        return None
    if stamp["date2"] and stamp["gap"] == "\t":
        return _of_columns(stamp, rest)
    if (match := _ACTION.match(rest)) and not _NEWS.match(f"{match['nick']} {match['text']}"):
        return stamp, match["nick"], f"{match['nick']} {match['text']}"
    return None


def _of_columns(stamp: re.Match[str], rest: str) -> tuple[re.Match[str], str, str] | None:
    """Return what a line of WeeChat says, whose columns stand between tabs."""
    match = _COLUMNS.match(rest)
    if not match or _NOTICE.match(rest):
        return None
    if match["star"]:
        return stamp, match["text"].split(" ")[0] or "unknown", match["text"]
    return stamp, match["nick"].lstrip("@+%&~!") or match["nick"], match["text"]


def _is_notice(line: str) -> bool:
    if _SESSION.match(line):
        return True
    stamp = _STAMP.match(line)
    rest = stamp["rest"] if stamp else line
    if _NOTICE.match(rest.removeprefix(" ")) or rest.startswith("\t"):
        return True
    if not stamp:
        return False
    return rest.lstrip().startswith("*")


class _Clock:
    """Turns times of the day into moments: the day goes on when the clock runs back by more than half of one."""

    def __init__(self, name: str) -> None:
        named = _NAMED_DAY.search(name)
        self._day = (_date(int(named[1]), int(named[2]), int(named[3])) if named else None) or datetime(
            1970, 1, 1, tzinfo=UTC
        )
        self._last: datetime | None = None
        self._is_known = bool(named)

    def set_day(self, year: int, month: str, day: int) -> None:
        date = _date(year, _MONTHS.index(month) + 1, day) if month in _MONTHS else None
        if date:
            self._day, self._last = date, None

    def moment(self, stamp: re.Match[str]) -> datetime:
        if written := stamp["date1"] or stamp["date2"]:
            self._day = _date(*map(int, written.split("-"))) or self._day
        elif stamp["month"] in _MONTHS:
            month = _MONTHS.index(stamp["month"]) + 1
            year = self._day.year + (month < self._day.month - _HALF_A_YEAR_MONTHS)  # January comes after December
            self._day = _date(year, month, int(stamp["day"])) or self._day
        hour, minute, *second = map(int, (stamp["clock1"] or stamp["clock2"] or stamp["clock3"]).split(":"))
        moment = self._day + timedelta(hours=hour, minutes=minute, seconds=second[0] if second else 0)
        if self._last and not written and self._last - moment > _HALF_A_DAY:
            self._day += timedelta(days=1)
            moment += timedelta(days=1)
        self._last = moment
        return moment


def _date(year: int, month: int, day: int) -> datetime | None:
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
