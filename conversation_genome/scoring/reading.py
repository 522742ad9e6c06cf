"""Reading: JSON values become windows and answers. A window must be well-formed; an answer may be anything.

What cannot be read of an answer is noted and counts against it alone, and what is kept of it is bounded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from conversation_genome.annotation import MAX_FACTS, MAX_PROFILES, MAX_TAGS, Fact, Profile
from conversation_genome.errors import ScoringInputError
from conversation_genome.scoring.answers import Answer, ScoringWindow
from conversation_genome.scoring.profiles import SpokenLine
from conversation_genome.scoring.screening import MAX_CHARACTERS
from conversation_genome.scoring.window import Reference

MAX_TAGS_KEPT: Final = MAX_TAGS + 1
MAX_CHARACTERS_KEPT: Final = 3 * MAX_CHARACTERS + 1
"""One more than screening reads: a longer tag stays too long."""


@dataclass(frozen=True, slots=True)
class Task:
    """One line of a file of tasks."""

    task_id: str
    window: ScoringWindow


@dataclass(frozen=True, slots=True)
class Response:
    """One line of a file of responses."""

    task_id: str
    miner: str
    answer: Answer


def task_of(value: object) -> Task:
    """Return the task that a JSON value holds: `{"task_id", "lines", "context_lines", "reference_tags"}`.

    Lines are texts or `[speaker, text]`; reference tags are texts or `{"text", "weight"}`.

    Raises:
        ScoringInputError: If it holds none; the message names the field.
    """
    fields = _object(value)
    lines = [_line(f"lines[{at}]", item) for at, item in enumerate(_list(fields, "lines"))]
    if not lines:
        raise ScoringInputError("'lines' is empty; a task needs the lines of its window")
    context = [
        _line(f"context_lines[{at}]", item) for at, item in enumerate(_list(fields, "context_lines", may_miss=True))
    ]
    references = [_reference(f"reference_tags[{at}]", item) for at, item in enumerate(_list(fields, "reference_tags"))]
    window = ScoringWindow(
        references=tuple(references),
        utterances=tuple(line.text for line in lines),
        lines=dict(enumerate(lines)),
        context=tuple(line.text for line in context),
    )
    return Task(_name(fields, "task_id"), window)


def response_of(value: object) -> Response:
    """Return the response that a JSON value holds: `{"task_id", "miner", "tags", "profiles"}`.

    Raises:
        ScoringInputError: If it does not say which task and which miner; whatever else is wrong is noted.
    """
    fields = _object(value)
    return Response(_name(fields, "task_id"), _name(fields, "miner"), answer_of(fields))


def answer_of(fields: Mapping[str, Any]) -> Answer:
    """Return what can be read of an answer, at most 41 tags of 361 characters; never raises."""
    tags, tag_notes = _tags(fields.get("tags"))
    profiles, profile_notes = _profiles(fields.get("profiles"))
    sent = len(fields["tags"]) if isinstance(fields.get("tags"), list) else 0
    return Answer(tags=tags, profiles=profiles, notes=(*tag_notes, *profile_notes), sent=sent)


def _tags(value: object) -> tuple[tuple[str, ...], list[str]]:
    if not isinstance(value, list):
        return (), [] if value is None else [f"'tags' must be a list, not {_kind(value)}"]
    texts = [_tag_text(item) for item in value[:MAX_TAGS_KEPT]]
    unread = sum(text is None for text in texts)
    notes = [f"{unread} of the tags hold no text"] if unread else []
    return tuple((text or "")[:MAX_CHARACTERS_KEPT] for text in texts), notes


def _tag_text(item: object) -> str | None:
    text = item.get("text") if isinstance(item, dict) else item
    return text if isinstance(text, str) else None


def _profiles(value: object) -> tuple[tuple[Profile, ...], list[str]]:
    if value is None:
        return (), []
    if not isinstance(value, list):
        return (), [f"'profiles' must be a list, not {_kind(value)}"]
    read = [_profile(item) for item in value[:MAX_PROFILES]]
    kept = tuple(profile for profile in read if profile is not None)
    unread = len(value) - len(kept)
    return kept, [f"{unread} of the profiles cannot be read"] if unread else []


def _profile(item: object) -> Profile | None:
    if not isinstance(item, dict):
        return None
    facts = item.get("facts")
    try:
        return Profile(
            participant=str(item.get("participant"))[:200],
            facts=tuple(_facts(facts[:MAX_FACTS] if isinstance(facts, list) else ())),
        )
    except ValidationError:
        return None


def _facts(items: Iterable[object]) -> Iterable[Fact]:
    """Yield the facts that can be read; one that cannot is as good as not sent."""
    for item in items:
        try:
            yield Fact.model_validate(item)
        except (ValidationError, RecursionError):
            continue


def _line(where: str, item: object) -> SpokenLine:
    if isinstance(item, str):
        return SpokenLine(None, _sound(item))
    if isinstance(item, list) and len(item) in {2, 3} and isinstance(item[0], int | str) and isinstance(item[1], str):
        speaker = item[0] if isinstance(item[0], str) else f"SPEAKER_{item[0]}"
        return SpokenLine(speaker, _sound(item[1]))
    raise ScoringInputError(f"{where} must be a text or [speaker, text], not {str(item)[:60]!r}")


def _reference(where: str, item: object) -> Reference:
    if isinstance(item, str):
        return Reference(_sound(item))
    weight = item.get("weight", 1.0) if isinstance(item, dict) else None
    text = _tag_text(item)
    if text is None or isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
        raise ScoringInputError(
            f"{where} must be a text or an object with 'text' and a 'weight' in [0, 1], not {str(item)[:60]!r}"
        )
    return Reference(_sound(text), float(weight))


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ScoringInputError(f"the line must hold a JSON object, not {_kind(value)}")
    return value


def _list(fields: Mapping[str, Any], key: str, *, may_miss: bool = False) -> Sequence[object]:
    value = fields.get(key)
    if value is None and may_miss:
        return ()
    if not isinstance(value, list):
        raise ScoringInputError(f"{key!r} must be a list, not {_kind(value) if key in fields else 'missing'}")
    return value


def _name(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value or len(value) > 500 or _sound(value) != value:
        raise ScoringInputError(f"{key!r} must be a text of 1 to 500 characters, not {str(value)[:60]!r}")
    return value


def _sound(text: str) -> str:
    """Return the text without lone surrogates, which no encoder takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _kind(value: object) -> str:
    return {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(
        type(value), "a number"
    )
