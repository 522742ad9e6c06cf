"""Cursors: where the next page begins, in a text that only this module reads.

A cursor belongs to one query in one order. In the order of relevance it counts the hits that were given; as long as
the stores do not change the pages are stretches of one fixed order, so nothing comes twice and nothing is left out.
It carries the stores' version: when that has changed the next page goes on at the same count of the new order and
says so. In the order of dates of all that meets a condition, it names the last conversation instead: what comes after
it is neither repeated nor lost, whatever is written meanwhile.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from conversation_genome.errors import QueryError
from conversation_genome.vector_store.base import Outline

MAX_CURSOR_CHARACTERS: Final = 4_000
_REMEDY: Final = "give back the next_cursor of the page before, with the same query and order"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins."""

    version: str
    """Of the stores when the page before was made."""
    given: int = 0
    """Hits on the pages before, in the order of relevance."""
    last: Outline | None = None
    """The last conversation before, in the order of dates; only its place is kept."""


def digest_of(*parts: str) -> str:
    """Return what ties a cursor to what was asked."""
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


def written(cursor: Cursor, asked: str) -> str:
    """Return a cursor as text that can stand in an address.

    Args:
        cursor: The cursor.
        asked: The digest of what was asked.
    """
    last = cursor.last
    began = last.started_at.isoformat() if last is not None and last.started_at is not None else None
    place = None if last is None else [began, last.conversation_id]
    body = orjson.dumps([asked, digest_of(cursor.version), cursor.given, place])
    return urlsafe_b64encode(body).decode().rstrip("=")


def read(text: str, asked: str, version: str) -> tuple[Cursor, bool]:
    """Return a cursor, and whether the stores changed since it was made.

    Raises:
        QueryError: If it is none, or belongs to another query or order.
    """
    found = _body(text)
    match found:
        case [str(of), str(then), int(given), place] if 0 <= given <= 1_000_000:
            last = _place(place)
        case _:
            raise QueryError(f"{text[:40]!r} is no cursor; {_REMEDY}")
    if of != asked:
        raise QueryError(f"the cursor belongs to another query or order; {_REMEDY}")
    return Cursor(version, given, last), then != digest_of(version)


def _body(text: str) -> object:
    if len(text) > MAX_CURSOR_CHARACTERS:
        return None
    try:
        return orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None


def _place(place: object) -> Outline | None:
    match place:
        case None:
            return None
        case [None, str(conversation_id)]:
            return Outline(conversation_id=conversation_id)
        case [str(began), str(conversation_id)]:
            try:
                return Outline(conversation_id=conversation_id, started_at=datetime.fromisoformat(began))
            except ValueError as exc:
                raise QueryError(f"the cursor holds no date; {_REMEDY}") from exc
    raise QueryError(f"the cursor names no conversation; {_REMEDY}")
