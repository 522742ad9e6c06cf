"""From who-said-what to conversations: the last step of every reader, so that all give the same shape.

What is longer than one conversation should be is cut into parts, so memory is bounded however long a file is.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from conversation_genome.conversation import (
    MAX_LINE_CHARACTERS,
    MAX_PARTICIPANTS,
    Conversation,
    ConversationId,
    Utterance,
)
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler
from conversation_genome.sources.opening import Place

PART_LINES: Final = 50_000
PART_CHARACTERS: Final = 4_000_000
EARLIEST_YEAR: Final = 1971
"""Before it, a moment is the time of a day that is not known."""
SILENCE_LOOK_BACK: Final = 2_000
"""A part ends at the longest silence of its last so many lines."""
_HASH_DIGITS: Final = 12
_SLUG_CHARACTERS: Final = 80
_NOT_SLUG: Final = re.compile(r"[^\w]+")
# NUL, other controls and lone surrogates; tab and newline stay, and so do the marks that set the direction of text
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")
_SPACES: Final = re.compile(r"\s{2,}|[^\S ]")


class Turn(NamedTuple):
    """What one named speaker says in one go."""

    speaker: str
    text: str
    at: float | None = None
    """Seconds since the conversation started."""
    line: int | None = None
    """Where it stands in the file, from 1."""


class Said(NamedTuple):
    """A turn whose time is a moment, as chats have them."""

    speaker: str
    text: str
    moment: datetime | None = None
    line: int | None = None
    id: str = ""
    """What the source calls it, where that is needed to put messages in order."""


def clean_text(text: str) -> str:
    """Return the text without control characters and runs of blanks; line breaks become blanks."""
    if text.isprintable() and "  " not in text:  # as most is: 18 times as fast
        return text.strip()
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _SPACES.sub(" ", text).strip()


@lru_cache(maxsize=4096)
def clean_name(name: str) -> str:
    """Return a speaker's name without control, direction and zero-width marks."""
    printable = "".join(
        letter for letter in clean_text(name) if unicodedata.category(letter) != "Cf" or letter == "\u200d"
    )
    return printable.strip()[:200] or "unknown"


def conversations_of(
    place: Place,
    turns: Iterable[Turn],
    *,
    source: str,
    on_fault: FaultHandler,
    started_at: datetime | Callable[[], datetime | None] | None = None,
    title: str | None = None,
    labels: dict[str, Any] | None = None,
) -> Iterator[Conversation]:
    """Yield the turns as one conversation, or in parts if they are more; empty turns fall out.

    Speakers are numbered as they appear. The id is the file's name (and the title, where one file holds several)
    and a piece of the content's hash, so that importing a file again gives the same ids. A part ends at the longest
    silence near its limit; its label `part` counts from 1, and times go on from the start of the whole.

    Args:
        place: The file.
        turns: Who said what, read as they are asked for.
        source: The format.
        on_fault: Told of an utterance that is too long.
        started_at: When the whole started, or what knows it once the turns were read.
        title: What tells it from other conversations of the file.
        labels: What is known of it; looked at when a part is ready.

    Raises:
        InputError: If no turn has words.
    """

    def ready(held: list[Turn], part: int | None) -> Conversation:
        start = started_at() if callable(started_at) else started_at
        name = title if part is None else f"{title or ''}-part-{part}"
        marks = {} if part is None else {"part": part}
        return _conversation(place, held, source, as_utc(start) if start else None, name, {**(labels or {}), **marks})

    held: list[Turn] = []
    names: set[str] = set()
    characters, part = 0, 0
    for turn in _spoken(place, turns, on_fault):
        names.add(turn.speaker)
        is_full = len(held) >= PART_LINES or characters >= PART_CHARACTERS or len(names) > MAX_PARTICIPANTS
        if is_full:
            part, end = part + 1, _quietest(held)
            yield ready(held[:end], part)
            held = held[end:]
            names, characters = {turn.speaker, *(one.speaker for one in held)}, sum(len(one.text) for one in held)
        held.append(turn)
        characters += len(turn.text)
    if not held:
        raise InputError(f"{place} holds no words that anybody says; check that it is the file you meant to import")
    yield ready(held, part + 1 if part else None)


def chats_of(
    place: Place,
    said: Iterable[Said],
    *,
    source: str,
    on_fault: FaultHandler,
    title: str | None = None,
    labels: dict[str, Any] | None = None,
) -> Iterator[Conversation]:
    """Yield what was said at known moments as conversations that start with the first of them.

    Raises:
        InputError: If nobody says anything.
    """
    start: datetime | None = None

    def started_at() -> datetime | None:
        return start if start and start.year >= EARLIEST_YEAR else None

    def turns() -> Iterator[Turn]:
        nonlocal start
        for one in said:
            start = start or (one.moment if one.text.strip() else None)
            at = (one.moment - start).total_seconds() if start and one.moment else None
            yield Turn(one.speaker, one.text, at, one.line)

    yield from conversations_of(
        place, turns(), source=source, on_fault=on_fault, started_at=started_at, title=title, labels=labels
    )


def as_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; one without a time zone is taken to be UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _spoken(place: Place, turns: Iterable[Turn], on_fault: FaultHandler) -> Iterator[Turn]:
    """Yield the turns that have words, cleaned."""
    for turn in turns:
        text = clean_text(turn.text)
        if not text:
            continue
        if len(text) > MAX_LINE_CHARACTERS:
            where = f"{place}:{turn.line}" if turn.line else str(place)
            on_fault(
                RecordError(
                    f"{where}: {text[:40]!r}... is one utterance of {len(text):,} characters, "
                    f"{MAX_LINE_CHARACTERS:,} are allowed; check that the file is the format it was read as"
                )
            )
            continue
        yield Turn(clean_name(turn.speaker), text, None if turn.at is None else max(0.0, round(turn.at, 3)), turn.line)


def _quietest(held: list[Turn]) -> int:
    """Return where the longest silence of the last lines ends; the end of all where no times are known."""
    first = max(1, len(held) - SILENCE_LOOK_BACK)
    silences = [(0.0, len(held))]
    for index in range(first, len(held)):
        before, after = held[index - 1].at, held[index].at
        if before is not None and after is not None:
            silences.append((after - before, index))
    return max(silences)[1]


def _conversation(
    place: Place,
    turns: list[Turn],
    source: str,
    started_at: datetime | None,
    title: str | None,
    labels: dict[str, Any],
) -> Conversation:
    numbers: dict[str, int] = {}
    lines = tuple(
        Utterance(speaker=numbers.setdefault(turn.speaker, len(numbers)), text=turn.text, at=turn.at) for turn in turns
    )
    try:
        conversation = Conversation(
            id=ConversationId("unnamed"),
            source=source,
            participants=tuple(numbers),
            lines=lines,
            started_at=started_at,
            labels={key: clean_text(value) if isinstance(value, str) else value for key, value in labels.items()},
        )
    except ValidationError as exc:
        raise RecordError(f"{place}: {exc.errors()[0]['msg']}") from exc
    return identified(conversation, place, title)


def identified(conversation: Conversation, place: Place, title: str | None) -> Conversation:
    """Return the conversation with its id: the file's name, the title, and a piece of the content's hash."""
    name = "-".join(part for part in (_slug(place.stem), _slug(title or "")) if part) or "conversation"
    identifier = ConversationId(f"{name}-{conversation.content_hash[:_HASH_DIGITS]}")
    return conversation.model_copy(update={"id": identifier})


def _slug(text: str) -> str:
    return _NOT_SLUG.sub("-", clean_text(text).lower()).strip("-_")[:_SLUG_CHARACTERS].strip("-_")
