"""Conversation, Utterance, Window: one shape for every source, checked once, then never doubted.

The uniform record is a contract with other tools: one JSON object a line,
`{"id", "source", "license", "participants", "lines": [[speaker_index, text], ...],
"started_at", "language", "labels"}`; a line may carry a third element, an object with `at` (seconds).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Final, NewType, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from conversation_genome.errors import RecordError

ConversationId = NewType("ConversationId", str)
WindowId = NewType("WindowId", str)

MAX_LINES: Final = 200_000
MAX_LINE_CHARACTERS: Final = 100_000
MAX_PARTICIPANTS: Final = 10_000
TASK_LEVEL: Final = 2
"""The level of the windows that miners are asked about; those above it are what an answer is graded against."""
MAX_NAME_CHARACTERS: Final = 200

_RECORD_KEYS: Final = frozenset(
    {"id", "source", "license", "participants", "lines", "started_at", "language", "labels"}
)


class Utterance(BaseModel):
    """What one participant says in one go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speaker: Annotated[int, Field(ge=0, strict=True)]
    """Index into the conversation's participants."""
    text: Annotated[str, Field(max_length=MAX_LINE_CHARACTERS)]
    at: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Seconds since the conversation started, where the source tells."""


_WITHOUT_NUL: Final = r"^[^\x00]*$"
"""No database holds the character in a text."""


class Conversation(BaseModel):
    """A whole conversation as imported: who took part and what was said, in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[ConversationId, Field(min_length=1, max_length=300, pattern=_WITHOUT_NUL)]
    source: Annotated[str, Field(max_length=500, pattern=_WITHOUT_NUL)] = "unknown"
    license: Annotated[str, Field(max_length=500, pattern=_WITHOUT_NUL)] | None = None
    participants: Annotated[tuple[str, ...], Field(min_length=1, max_length=MAX_PARTICIPANTS)]
    lines: Annotated[tuple[Utterance, ...], Field(min_length=1, max_length=MAX_LINES)]
    started_at: datetime | None = None
    language: Annotated[str, Field(max_length=35, pattern=_WITHOUT_NUL)] | None = None
    labels: dict[str, Any] = Field(default_factory=dict)
    """What people said about this conversation; labels never leave the server."""

    @model_validator(mode="after")
    def _speakers_exist(self) -> Self:
        count = len(self.participants)
        for number, line in enumerate(self.lines):
            if line.speaker >= count:
                msg = f"lines[{number}] names speaker {line.speaker}, but there are {count} participants (0 to {count - 1})"
                raise ValueError(msg)
        if not any(line.text.strip() for line in self.lines):
            msg = "every line is empty"
            raise ValueError(msg)
        return self

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of who said what, in order: equal for the same talk under another id."""
        content = [self.participants, [[line.speaker, line.text] for line in self.lines]]
        return hashlib.sha256(
            json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        ).hexdigest()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with these fields in place of its own; what was computed of the old ones is not taken along."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("content_hash", None)
        return copied

    def text_of(self, window: "Window") -> tuple[Utterance, ...]:
        """Return the utterances of a window of this conversation, in order."""
        return tuple(self.lines[index] for index in window.numbers if index < len(self.lines))

    def participant_name(self, speaker: int) -> str:
        """Return the name under which a participant has a profile: never blank, at most 200 characters."""
        name = self.participants[speaker].strip()[:MAX_NAME_CHARACTERS].strip()
        return name or f"SPEAKER_{speaker}"

    @classmethod
    def from_record(cls, record: object) -> Self:
        """Read a uniform record; fields that it does not define are left out.

        Raises:
            RecordError: If the record is not one; the message names the field and the value.
        """
        if not isinstance(record, Mapping):
            raise RecordError(f"a record must be a JSON object, not {type(record).__name__}")
        fields = {key: record[key] for key in _RECORD_KEYS if record.get(key) is not None}
        fields["lines"] = _lines_from_record(record.get("lines"))
        try:
            return cls.model_validate(fields)
        except ValidationError as exc:
            raise RecordError(_first_fault(exc)) from exc

    def to_record(self) -> dict[str, Any]:
        """Return the uniform record, ready for `json.dumps`."""
        return {
            "id": self.id,
            "source": self.source,
            "license": self.license,
            "participants": list(self.participants),
            "lines": [
                [line.speaker, line.text] if line.at is None else [line.speaker, line.text, {"at": line.at}]
                for line in self.lines
            ],
            "started_at": self.started_at.isoformat() if self.started_at else None,
            "language": self.language,
            "labels": self.labels,
        }

    def without_labels(self) -> Self:
        """Return the same conversation as others may see it."""
        return self.model_copy(update={"labels": {}})


class Window(BaseModel):
    """A run of utterances: the unit of work. `lines[start:end]`, or `lines` where threads interleave."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversation_id: ConversationId
    level: Annotated[int, Field(ge=0, le=2)]
    """0 the whole conversation, 1 a topic segment, 2 a run of about ten lines."""
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    """One past the last line."""
    thread: int | None = None
    lines: tuple[int, ...] | None = None
    """The lines that belong to the window where a thread skips lines of others; else None."""
    left_out: tuple[int, ...] = ()
    """Lines of the window that this reader is not shown."""

    @property
    def numbers(self) -> Sequence[int]:
        """The lines of the window in the conversation, in order."""
        return range(self.start, self.end) if self.lines is None else self.lines

    def showing(self, lines: Sequence[int]) -> Self:
        """Return the window, under its own id, with no more than some of its lines."""
        left_out = sorted({*self.numbers, *self.left_out}.difference(lines))
        return self.model_copy(update={"lines": tuple(lines), "left_out": tuple(left_out)})

    @property
    def id(self) -> WindowId:
        """Unique within its conversation: level, start, end and, where there is one, the thread."""
        suffix = "" if self.thread is None else f"-t{self.thread}"
        return WindowId(f"{self.level}-{self.start}-{self.end}{suffix}")


def speaker_labels(count: int) -> tuple[str, ...]:
    """Return the names under which participants are sent to miners: SPEAKER_0 .. SPEAKER_n."""
    return tuple(f"SPEAKER_{index}" for index in range(count))


def _lines_from_record(lines: object) -> list[dict[str, Any]]:
    if not isinstance(lines, Sequence) or isinstance(lines, str | bytes):
        raise RecordError(f"'lines' must be a list of [speaker_index, text], not {type(lines).__name__}")
    return [_line_from_record(number, line) for number, line in enumerate(lines)]


def _line_from_record(number: int, line: object) -> dict[str, Any]:
    if not isinstance(line, Sequence) or isinstance(line, str | bytes) or len(line) not in (2, 3):
        raise RecordError(f"lines[{number}] must be [speaker_index, text], not {str(line)[:60]!r}")
    fields: dict[str, Any] = {"speaker": line[0], "text": line[1]}
    if len(line) == 3:
        if not isinstance(line[2], Mapping):
            raise RecordError(f"lines[{number}][2] must be an object such as {{'at': 12.5}}, not {str(line[2])[:60]!r}")
        if line[2].get("at") is not None:
            fields["at"] = line[2]["at"]
    return fields


def _first_fault(exc: ValidationError) -> str:
    fault = exc.errors()[0]
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
    message = fault["msg"].removeprefix("Value error, ")
    return f"{path!r}: {message}, not {str(fault['input'])[:60]!r}" if path else message
