"""What a match must be, as SQL: the structure is ours, every value of a user goes beside it as a parameter."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from conversation_genome.vector_store.base import SearchFilter
from conversation_genome.vector_store.bounds import HasTerms, Indexed, bounds
from conversation_genome.vector_store.conditions import All, AnyOf, FieldIs, FieldName, Not, Started, speaker_key, utc
from conversation_genome.vector_store.postgres.rows import stored, term_key
from conversation_genome.vector_store.terms import fold


class Parameters:
    """The values of a statement, each told by its number."""

    def __init__(self, *values: Any) -> None:
        self.values: list[Any] = list(values)

    def add(self, value: Any) -> str:
        """Return what stands for a value in the statement."""
        self.values.append(value)
        return f"${len(self.values)}"


def condition_of(filters: SearchFilter, parameters: Parameters) -> str:
    """Return the condition of a filter besides its levels; wider than the filter where `is_exact` says so."""
    parts = [
        f"{column} = ANY({parameters.add(sorted(map(stored, values)))}::text[])"
        for column, values in (
            ("conversation_id", filters.conversation_ids),
            ("source", filters.sources),
            ("language", filters.languages),
        )
        if values
    ]
    if filters.tag is not None:
        parts.append(_has_tag(filters.tag, parameters))
    parts.append(_sql(Started(filters.started_from, filters.started_before), parameters) if _has_time(filters) else "")
    parts.append(_sql(bounds(filters.where).outer, parameters))
    return " AND ".join(part for part in parts if part) or "true"


def is_exact(filters: SearchFilter) -> bool:
    """Tell whether the condition of a filter lets pass what the filter does, and nothing else."""
    return bounds(filters.where).is_exact


def _has_time(filters: SearchFilter) -> bool:
    return filters.started_from is not None or filters.started_before is not None


def _sql(condition: Indexed, parameters: Parameters) -> str:
    match condition:
        case All(parts):
            return _joined(parts, "AND", parameters) or "true"
        case AnyOf(parts):
            return _joined(parts, "OR", parameters) or "false"
        case Not(part):
            return f"NOT ({_sql(part, parameters)})"  # type: ignore[arg-type]  # made by `bounds`
        case HasTerms(terms):
            return f"terms @> {parameters.add([term_key(term) for term in terms])}::bigint[]"
        case FieldIs(name, value):
            return _FIELDS[name](value, parameters)
        case Started():
            return _started(condition, parameters)


def _joined(parts: Sequence[Any], word: str, parameters: Parameters) -> str:
    return f" {word} ".join(f"({_sql(part, parameters)})" for part in parts)


def _started(condition: Started, parameters: Parameters) -> str:
    parts = ["started_at IS NOT NULL"]
    if condition.start is not None:
        parts.append(f"started_at >= {parameters.add(utc(condition.start))}::timestamptz")
    if condition.end is not None:
        parts.append(f"started_at < {parameters.add(utc(condition.end))}::timestamptz")
    return " AND ".join(parts)


def _has_tag(tag: str, parameters: Parameters) -> str:
    return f"tag_keys @> ARRAY[{parameters.add(stored(fold(tag)))}::text]"


_FIELDS: Final[Mapping[FieldName, Callable[[str, Parameters], str]]] = {
    FieldName.TAG: _has_tag,
    FieldName.SOURCE: lambda value, parameters: f"source_key = {parameters.add(stored(fold(value)))}",
    FieldName.LANGUAGE: lambda value, parameters: (
        f"starts_with(language_key, {parameters.add(stored(fold(value)) + '-')}::text)"
    ),
    FieldName.SPEAKER: lambda value, parameters: (
        f"strpos(speaker_keys, {parameters.add(stored(speaker_key(value)))}::text) > 0"
    ),
}
