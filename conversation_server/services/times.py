"""Seconds since 1970 as the UTC times that go on the wire."""

from datetime import UTC, datetime


def at(seconds: float) -> datetime:
    """Return a time."""
    return datetime.fromtimestamp(seconds, UTC)
