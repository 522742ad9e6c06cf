"""How long a server asks to wait: the header Retry-After, in seconds or as a date (RFC 9110, section 10.2.3)."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds to wait, 0 or more; None where the server says nothing that can be read.

    Args:
        headers: The response's; `retry-after-ms`, which OpenAI sends beside it, is finer and goes first.
        now: The moment, with its time zone, that a date is counted from.
    """
    fine = _number(headers.get("retry-after-ms"))
    if fine is not None:
        return fine / 1_000
    text = headers.get("retry-after")
    seconds = _number(text)
    return seconds if seconds is not None or text is None else _until(text, now)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
