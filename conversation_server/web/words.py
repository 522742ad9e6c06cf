"""Words: numbers and times as people read them."""

from datetime import datetime
from typing import Final

_STEPS: Final = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second"))


def count(number: int, noun: str = "", plural: str = "") -> str:
    """Return a number, with its noun if one is given."""
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float | None) -> str:
    """Return a share in percent; a dash for what is not known."""
    if share is None:
        return "-"
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %" if share < 0.995 else f"{100 * share:.0f} %"


def duration(seconds: float) -> str:
    """Return a length of time to one or two digits."""
    if abs(seconds) < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5_400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86400:.0f} days"


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago something was, or in what time it will be."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    length, name = next((step for step in _STEPS if abs(seconds) >= step[0]), (1.0, "second"))
    number = int(abs(seconds) / length)
    if number == 0:
        return "just now"
    return f"{count(number, name)} ago" if seconds > 0 else f"in {count(number, name)}"


def short(hotkey: str) -> str:
    """Return a hotkey by its ends, which is how people tell them apart."""
    return hotkey if len(hotkey) <= 14 else f"{hotkey[:6]}…{hotkey[-5:]}"


def plain(name: str) -> str:
    """Return a name of ours as words."""
    return str(name).replace("_", " ")
