"""Dates of a query as stretches of time, in UTC: `2025`, `2025-03`, `2025-03-01`, `2025-03-01T12:30`."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from conversation_genome.vector_store.conditions import Started

_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt](\d\d):(\d\d)[Zz]?)?)?)?", re.ASCII)
RANGE_MARK: Final = ".."
HOW: Final = "write it as 2025-03-01, 2025-03, 2025 or 2025-03-01T12:30 (UTC)"


class Period(NamedTuple):
    """A year, month, day or minute: [start, end); the end is None where the calendar ends."""

    start: datetime
    end: datetime | None


def period(text: str) -> Period:
    """Return the stretch of time that a date names.

    Raises:
        ValueError: If it is no date; the message says what to write.
    """
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no date; {HOW}")
    year, month, day, hour, minute = (int(part) if part else None for part in match.groups())
    try:
        start = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, tzinfo=UTC)
    except ValueError as exc:
        raise ValueError(f"{text!r} is not in the calendar; {HOW}") from exc
    return Period(start, _end(start, has_month=month is not None, has_day=day is not None, has_hour=hour is not None))


def between(text: str) -> Started:
    """Return the time that a date or a range of two dates names, the last one whole; either end may be left open.

    Raises:
        ValueError: If a date is none, both ends are open, or they stand the wrong way round.
    """
    first, mark, last = text.partition(RANGE_MARK)
    if not mark:
        whole = period(text)
        return Started(whole.start, whole.end)
    if not first and not last:
        raise ValueError(f"a range needs a date; {HOW} before or after the two dots")
    start = period(first).start if first else None
    end = period(last).end if last else None
    if start is not None and last and period(last).start < start:
        raise ValueError(f"the range {text!r} ends before it begins; put the earlier date first")
    return Started(start, end)


def _end(start: datetime, *, has_month: bool, has_day: bool, has_hour: bool) -> datetime | None:
    try:
        if has_hour:
            return start + timedelta(minutes=1)
        if has_day:
            return start + timedelta(days=1)
        if has_month and start.month < 12:
            return start.replace(month=start.month + 1)
        return start.replace(year=start.year + 1, month=1)
    except (OverflowError, ValueError):
        return None
