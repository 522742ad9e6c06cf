"""What a match must be, as LanceDB's expressions and as terms to look up.

The structure is ours and every value is written by LanceDB itself, so no text of a user is ever read as SQL.

An expression lets pass all that the filter does; where it lets more pass, `holds` decides, see `is_exact`.
"""

from collections.abc import Collection
from typing import Any

from lancedb.expr import col, lit

from conversation_genome.vector_store import rows
from conversation_genome.vector_store.base import Level, SearchFilter
from conversation_genome.vector_store.bounds import TRUE, HasTerms, Indexed, bounds
from conversation_genome.vector_store.conditions import All, AnyOf, FieldIs, FieldName, Not, Started, speaker_key, utc
from conversation_genome.vector_store.terms import fold


def expression_of(filters: SearchFilter | None) -> str | None:
    """Return the filter as an expression; None if it asks for nothing that a column can answer."""
    if filters is None:
        return None
    parts = [col(name).isin(sorted(map(rows.valid, values))).to_sql() for name, values in _among(filters) if values]
    if filters.tag is not None:
        parts.append(_has_tag(filters.tag))
    if filters.started_from is not None or filters.started_before is not None:
        parts.append(_started(Started(filters.started_from, filters.started_before)))
    outer = _without_terms(bounds(filters.where).outer, TRUE)
    if outer != TRUE:
        # Rows of earlier versions lack the keys of names: they pass, and `holds` decides.
        asked = _expression(outer)
        parts.append(f"coalesce({asked}, true)" if _asks_keys(outer) else asked)
    return " AND ".join(f"({part})" for part in parts) or None


def required_terms(filters: SearchFilter | None) -> tuple[str, ...]:
    """Return the terms that every record that passes must have."""
    outer = bounds(filters.where if filters is not None else None).outer
    parts = outer.parts if isinstance(outer, All) else (outer,)
    return tuple(sorted({term for part in parts if isinstance(part, HasTerms) for term in part.terms}))


def is_exact(filters: SearchFilter | None) -> bool:
    """Tell whether the expression alone lets pass what the filter does: if its condition asks for dates alone."""
    return filters is None or filters.where is None or _is_of_dates(filters.where)


def _is_of_dates(condition: Any) -> bool:
    match condition:
        case All(parts) | AnyOf(parts):
            return all(_is_of_dates(part) for part in parts)
        case Not(part):
            return _is_of_dates(part)
        case _:
            return isinstance(condition, Started)


def _asks_keys(condition: Any) -> bool:
    match condition:
        case All(parts) | AnyOf(parts):
            return any(_asks_keys(part) for part in parts)
        case Not(part):
            return _asks_keys(part)
        case _:
            return isinstance(condition, FieldIs) and condition.name in {FieldName.SOURCE, FieldName.SPEAKER}


def of_levels(levels: Collection[Level]) -> str | None:
    """Return the expression that a row is on one of these levels.

    Most rows are windows: to name the few that are not keeps short what is looked up in the index.
    """
    if Level.WINDOW not in levels:
        return expression_of(SearchFilter(levels=frozenset(levels)))
    return " AND ".join((col("level") != lit(str(other))).to_sql() for other in Level if other not in levels) or None


def is_(column: str, value: str) -> str:
    """Return the expression that a column has a value."""
    return str((col(column) == lit(rows.valid(value))).to_sql())


def _among(filters: SearchFilter) -> list[tuple[str, Any]]:
    return [
        ("level", [str(level) for level in filters.levels]),
        ("conversation_id", filters.conversation_ids),
        ("source", filters.sources),
        ("language", filters.languages),
    ]


def _without_terms(condition: Indexed, instead: Indexed) -> Indexed:
    """Return a condition in which no terms are asked for: a wider one if `instead` is true, else a narrower one."""
    match condition:
        case HasTerms():
            return instead
        case All(parts):
            kept = [_without_terms(part, instead) for part in parts]  # type: ignore[arg-type]  # made by `bounds`
            return All(tuple(part for part in kept if part != TRUE))  # type: ignore[misc]
        case AnyOf(parts):
            kept = [_without_terms(part, instead) for part in parts]  # type: ignore[arg-type]
            return TRUE if TRUE in kept else AnyOf(tuple(kept))  # type: ignore[arg-type]
        case Not(part):
            return Not(_without_terms(part, AnyOf(()) if instead == TRUE else TRUE))  # type: ignore[arg-type]
        case _:
            return condition


def _expression(condition: Indexed) -> str:
    match condition:
        case All(parts):
            return " AND ".join(f"({_expression(part)})" for part in parts) or "true"  # type: ignore[arg-type]
        case AnyOf(parts):
            return " OR ".join(f"({_expression(part)})" for part in parts) or "false"  # type: ignore[arg-type]
        case Not(part):
            # What is unknown of a row (its date, its language) does not hold, so its opposite does.
            return f"NOT coalesce({_expression(part)}, false)"  # type: ignore[arg-type]
        case FieldIs(name, value):
            return _field(name, value)
        case Started():
            return _started(condition)
        case _:
            return "true"


def _started(condition: Started) -> str:
    parts = ["started_at IS NOT NULL"]
    if condition.start is not None:
        parts.append((col("started_at") >= lit(utc(condition.start))).to_sql())
    if condition.end is not None:
        parts.append((col("started_at") < lit(utc(condition.end))).to_sql())
    return " AND ".join(parts)


def _has_tag(tag: str) -> str:
    return str(col(rows.TAG_KEYS).contains(lit(rows.tag_keys((tag,)))).to_sql())


def _field(name: FieldName, value: str) -> str:
    match name:
        case FieldName.TAG:
            return _has_tag(value)
        case FieldName.LANGUAGE:
            key = lit(rows.valid(fold(value)) + "-").to_sql()
            return f"starts_with(concat(lower(coalesce(language, '')), '-'), {key})"
        case FieldName.SOURCE:
            return is_("source_key", fold(value))
        case FieldName.SPEAKER:
            return str(col("speaker_keys").contains(lit(rows.valid(speaker_key(value)))).to_sql())
