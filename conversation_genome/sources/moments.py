"""Dates and times as exports write them, as moments in UTC."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from conversation_genome.sources.turns import as_utc

_FORMATS: Final = (
    "%a %b %d %H:%M:%S %z %Y",  # X: Wed Oct 10 20:19:24 +0000 2018
    "%d %B %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%Y-%m-%d %H:%M:%S UTC",
)
_MILLISECONDS_FROM: Final = 1e11
_LATEST_SECONDS: Final = 253_402_300_799  # the end of the year 9999


def parse_moment(value: object) -> datetime | None:
    """Return the moment that an ISO date, a written date or seconds (or milliseconds) since 1970 name, else None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_epoch(float(value))
    text = str(value).strip()
    try:
        return as_utc(datetime.fromisoformat(text))
    except ValueError:
        return _from_formats(text)


def _from_epoch(number: float) -> datetime | None:
    seconds = number / 1000 if number > _MILLISECONDS_FROM else number
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LATEST_SECONDS else None


def _from_formats(text: str) -> datetime | None:
    for form in _FORMATS:
        try:
            return as_utc(datetime.strptime(text, form))  # noqa: DTZ007 - as_utc gives the zone
        except ValueError:
            continue
    try:
        return as_utc(parsedate_to_datetime(text))  # RFC 5322, with zones by name: Sun, 31 Dec 2023 10:00:00 GMT
    except (ValueError, OverflowError):
        pass
    try:
        return _from_epoch(float(text))
    except (ValueError, OverflowError):
        return None
