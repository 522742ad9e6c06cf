"""Uniform records as rows of a Parquet table: this project's own dataset, and tables in the shape of the JSON records."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
import pyarrow as pa

LINES: Final = ("lines", "transcript")
_PLAIN: Final = ("id", "source", "participants", "started_at", "language")


def is_uniform(schema: pa.Schema) -> bool:
    """Tell whether the rows are records: participants by name, and lines that name them by number."""
    if not {"id", "participants"} <= set(schema.names):
        return False
    return any(name in schema.names and _holds_lines(schema.field(name).type) for name in LINES)


def columns_of(schema: pa.Schema) -> list[str]:
    """Return the columns that make a record."""
    wanted = {*_PLAIN, *LINES, "license", "license_statement", "labels"}
    return [name for name in schema.names if name in wanted]


def record_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the uniform record of a row; whether it is one, `Conversation.from_record` finds out."""
    lines = next((row[name] for name in LINES if row.get(name) is not None), None)
    return {
        **{name: row.get(name) for name in _PLAIN},
        "license": row.get("license_statement") or row.get("license"),
        "labels": _decoded(row.get("labels")),
        "lines": [_line(line) for line in decoded] if isinstance(decoded := _decoded(lines), list) else decoded,
    }


def _holds_lines(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = kind.value_type
        if not pa.types.is_struct(inner):
            return False
        fields = {inner.field(number).name: inner.field(number).type for number in range(inner.num_fields)}
        return "text" in fields and "speaker" in fields and pa.types.is_integer(fields["speaker"])
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _line(line: Any) -> Any:
    if not isinstance(line, Mapping):
        return line
    said = [line.get("speaker"), line.get("text")]
    return said if line.get("at") is None else [*said, {"at": line["at"]}]


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
