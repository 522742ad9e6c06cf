"""The catalogue of settings, read from the settings classes; `example.env` and the reference page are printed from it."""

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, SecretStr
from pydantic.fields import FieldInfo

from conversation_genome.llm_settings import LlmSettings
from conversation_genome.settings import PREFIX, PROJECT_ROOT, ROLES, RoleSettings

SHARED_GROUP: Final = "every role"
LLM_GROUP: Final = "language model"
SHARED_GROUPS: Final = (SHARED_GROUP, LLM_GROUP)

_KIND_NAMES: Final[dict[type, str]] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    Path: "path",
    SecretStr: "secret",
    str: "text",
}


class CatalogueEntry(BaseModel):
    """One setting as its class declares it."""

    model_config = ConfigDict(frozen=True)

    group: str
    """`every role`, `language model` (every role, too), or the one role that has it."""
    field: str
    name: str
    """The environment variable."""
    kind: str
    """What may be written, in words: `whole number, 0 to 65535`."""
    default: str
    """As it is written in a settings file; a path in the project's folder is relative to it."""
    description: str
    is_secret: bool


def catalogue() -> tuple[CatalogueEntry, ...]:
    """Return every setting of every role once, those of every role first."""
    shared = [
        _entry(group, name, info)
        for group in SHARED_GROUPS
        for name, info in RoleSettings.model_fields.items()
        if (name in LlmSettings.model_fields) == (group == LLM_GROUP)
    ]
    own = [
        _entry(role, name, info)
        for role, settings in ROLES.items()
        for name, info in settings.model_fields.items()
        if name not in RoleSettings.model_fields
    ]
    return (*shared, *own)


def example_env() -> str:
    """Return the text of `example.env`: each setting with its default, under a comment that explains it."""
    lines = [
        "# Settings of Conversation Genome. Copy this file to .env, change what differs, and run: cgp config check",
        "# A variable of the environment wins over this file; a name without a value is as good as left out.",
        "# Made by `cgp config example` from conversation_genome/settings.py.",
    ]
    for group, entries in _by_group():
        lines += ["", f"# --- {group} ---"]
        for entry in entries:
            lines += [f"# {entry.description} ({_kind_and_default(entry)})", f"{entry.name}={_portable_value(entry)}"]
    return "\n".join(lines) + "\n"


def reference_page() -> str:
    """Return the Markdown of `docs/reference/settings.md`."""
    lines = [
        "# Settings",
        "",
        "Each is an environment variable or a line of `.env` (or of the file that `CGP_ENV_FILE` names); the environment",
        "wins. `cgp config check` shows the values in use and every fault. This page is made by `cgp config reference`.",
    ]
    for group, entries in _by_group():
        lines += ["", f"## {group.capitalize()}", "", "| name | what | may be | default |", "|---|---|---|---|"]
        lines += [
            f"| `{entry.name}` | {_cell(entry.description)} | {_cell(entry.kind)} | {_code(entry.default)} |"
            for entry in entries
        ]
    return "\n".join(lines) + "\n"


def _by_group() -> Iterator[tuple[str, list[CatalogueEntry]]]:
    entries = catalogue()
    for group in dict.fromkeys(entry.group for entry in entries):
        yield group, [entry for entry in entries if entry.group == group]


def _entry(group: str, field: str, info: FieldInfo) -> CatalogueEntry:
    plain = _plain_type(info.annotation)
    return CatalogueEntry(
        group=group,
        field=field,
        name=f"{PREFIX}{field}".upper(),
        kind=_kind(plain, info),
        default=_default(info),
        description=info.description or "",
        is_secret=plain is SecretStr,
    )


def _plain_type(annotation: Any) -> Any:
    """Return the type without Annotated and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _plain_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _plain_type(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def _kind(plain: Any, info: FieldInfo) -> str:
    if get_origin(plain) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(plain))
    name = _KIND_NAMES.get(plain, "text")
    bounds = {
        bound: getattr(mark, bound)
        for mark in info.metadata
        for bound in ("ge", "gt", "le", "lt")
        if hasattr(mark, bound)
    }
    return ", ".join([name, *_bounds_in_words(bounds)])


def _bounds_in_words(bounds: dict[str, Any]) -> list[str]:
    if "ge" in bounds and "le" in bounds:
        return [f"{bounds['ge']} to {bounds['le']}"]
    words = {"gt": "above {}", "ge": "{} or more", "le": "at most {}", "lt": "under {}"}
    return [text.format(bounds[bound]) for bound, text in words.items() if bound in bounds]


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True)
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Path):
        return value.relative_to(PROJECT_ROOT).as_posix() if value.is_relative_to(PROJECT_ROOT) else value.as_posix()
    return str(value)


def _portable_value(entry: CatalogueEntry) -> str:
    """Return the default as a line of `.env` may hold it: not where it depends on the project's folder."""
    default = RoleSettings.model_fields[entry.field].default if entry.field in RoleSettings.model_fields else None
    return "" if isinstance(default, Path) and default.is_relative_to(PROJECT_ROOT) else entry.default


def _kind_and_default(entry: CatalogueEntry) -> str:
    if not entry.default:
        return f"{entry.kind}; empty unless set"
    place = " in the project's folder" if not _portable_value(entry) else ""
    return f"{entry.kind}; default {entry.default}{place}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`" if text else "(empty)"
