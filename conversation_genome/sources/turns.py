"""From who-said-what to a conversation: the last step of every reader, so that all give the same shape."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from conversation_genome.conversation import (
    MAX_LINE_CHARACTERS,
    MAX_LINES,
    MAX_PARTICIPANTS,
    Conversation,
    ConversationId,
    Utterance,
)
from conversation_genome.errors import InputError, RecordError

_HASH_DIGITS: Final = 12
_SLUG_CHARACTERS: Final = 80
_NOT_SLUG: Final = re.compile(r"[^\w]+")
# NUL, other controls and lone surrogates; tab and newline stay, and so do the marks that set the direction of text
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SPACES: Final = re.compile(r"[^\S\n]+")
_LINE_ENDS: Final = re.compile(r"\s*\n\s*")


class Turn(NamedTuple):
    """What one named speaker says in one go."""

    speaker: str
    text: str
    at: float | None = None
    """Seconds since the conversation started."""


def clean_text(text: str) -> str:
    """Return the text without control characters and runs of blanks; line breaks become blanks."""
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", ""))
    return _SPACES.sub(" ", _LINE_ENDS.sub(" ", text)).strip()


@lru_cache(maxsize=4096)
def clean_name(name: str) -> str:
    """Return a speaker's name without control, direction and zero-width marks."""
    printable = "".join(
        letter for letter in clean_text(name) if unicodedata.category(letter) != "Cf" or letter == "\u200d"
    )
    return printable.strip(" *_:\t")[:200] or "unknown"


def conversation_of(
    path: Path,
    turns: Iterable[Turn],
    *,
    source: str,
    started_at: datetime | None = None,
    title: str | None = None,
    labels: dict[str, Any] | None = None,
) -> Conversation:
    """Return the turns as a conversation; empty turns fall out, speakers are numbered as they appear.

    The id is the file's name (and the title, where one file holds several) and a piece of the content's hash,
    so that importing a file again gives the same ids.

    Raises:
        InputError: If no turn has words.
        RecordError: If it is larger than a conversation may be.
    """
    lines: list[Utterance] = []
    numbers: dict[str, int] = {}
    for turn in turns:
        text = clean_text(turn.text)
        if text:
            speaker = numbers.setdefault(clean_name(turn.speaker), len(numbers))
            lines.append(_utterance(path, speaker, text, turn.at))
        if len(lines) > MAX_LINES or len(numbers) > MAX_PARTICIPANTS:
            raise RecordError(
                f"{path}: a conversation may have {MAX_LINES:,} lines and {MAX_PARTICIPANTS:,} participants, "
                "this has more; split the file and import its parts"
            )
    if not lines:
        raise InputError(f"{path} holds no words that anybody says; check that it is the file you meant to import")
    return _identified(path, lines, tuple(numbers), source=source, started_at=started_at, title=title, labels=labels)


def as_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; one without a time zone is taken to be UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _utterance(path: Path, speaker: int, text: str, at: float | None) -> Utterance:
    if len(text) > MAX_LINE_CHARACTERS:
        raise RecordError(
            f"{path}: {text[:40]!r}... is one utterance of {len(text):,} characters, {MAX_LINE_CHARACTERS:,} are allowed; "
            "check that the file is the format it was read as"
        )
    return Utterance(speaker=speaker, text=text, at=None if at is None else max(0.0, round(at, 3)))


def _identified(
    path: Path,
    lines: list[Utterance],
    participants: tuple[str, ...],
    *,
    source: str,
    started_at: datetime | None,
    title: str | None,
    labels: dict[str, Any] | None,
) -> Conversation:
    try:
        conversation = Conversation(
            id=ConversationId("unnamed"),
            source=source,
            participants=participants,
            lines=tuple(lines),
            started_at=as_utc(started_at) if started_at else None,
            labels=labels or {},
        )
    except ValidationError as exc:
        raise RecordError(f"{path}: {exc.errors()[0]['msg']}") from exc
    name = "-".join(part for part in (_slug(path.stem), _slug(title or "")) if part) or "conversation"
    identifier = ConversationId(f"{name}-{conversation.content_hash[:_HASH_DIGITS]}")
    return conversation.model_copy(update={"id": identifier})


def _slug(text: str) -> str:
    return _NOT_SLUG.sub("-", clean_text(text).lower()).strip("-_")[:_SLUG_CHARACTERS]
