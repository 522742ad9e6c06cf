"""Where values come from: the environment and the settings file; and the names in them that nobody reads."""

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import BaseModel, ConfigDict

from conversation_genome.settings import ENV_FILE_VARIABLE, PREFIX, SettingFault, env_file

DEFAULT_ORIGIN: Final = "default"
ENVIRONMENT_ORIGIN: Final = "environment"
OTHER_NAMES: Final = (ENV_FILE_VARIABLE, "CGP_API_KEY")
"""Read, but no settings of a role: the settings file, and the key that `cgp import --to` sends."""


class GivenValues(BaseModel):
    """The CGP_ values that are set, by upper-case name; a name without a value is not set."""

    model_config = ConfigDict(frozen=True)

    environment: dict[str, str]
    file: dict[str, str]
    file_path: Path
    faults: tuple[SettingFault, ...] = ()
    """What makes the file unreadable, and unknown names."""

    def origin_of(self, name: str) -> str:
        """Return where a setting's value comes from: `environment`, the file's name or `default`."""
        if name in self.environment:
            return ENVIRONMENT_ORIGIN
        return str(self.file_path) if name in self.file else DEFAULT_ORIGIN

    def value_of(self, name: str) -> str:
        """Return a setting's value as it was given; empty where it was not."""
        return self.environment.get(name) or self.file.get(name, "")


def given_values(known_names: Iterable[str]) -> GivenValues:
    """Read the CGP_ values of the environment and of the settings file."""
    known = {*known_names, *OTHER_NAMES}
    path = env_file()
    environment = _ours(os.environ)
    in_file, file_faults = _read_file(path)
    faults = [
        *file_faults,
        *_unknown_names(environment, known, ENVIRONMENT_ORIGIN),
        *_unknown_names(in_file, known, str(path)),
    ]
    return GivenValues(environment=environment, file=in_file, file_path=path, faults=tuple(faults))


def _ours(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name.upper(): value for name, value in values.items() if name.upper().startswith(PREFIX) and value}


def _read_file(path: Path) -> tuple[dict[str, str], list[SettingFault]]:
    if not path.exists():
        is_named = ENV_FILE_VARIABLE in os.environ
        missing = SettingFault(
            setting=ENV_FILE_VARIABLE, message=f"names {path}, which is not there; correct or unset it"
        )
        return {}, [missing] if is_named else []
    try:
        with path.open(encoding="utf-8") as file:
            broken = [binding.original.line for binding in parse_stream(file) if binding.error]
        values = _ours(dotenv_values(path))
    except (OSError, UnicodeDecodeError) as exc:
        return {}, [SettingFault(setting=str(path), message=f"cannot be read ({exc}); it must be a UTF-8 text file")]
    faults = [
        SettingFault(setting=f"{path}:{line}", message="is not NAME=value; mend or remove the line") for line in broken
    ]
    return values, faults


def _unknown_names(values: Mapping[str, str], known: set[str], origin: str) -> list[SettingFault]:
    return [
        SettingFault(setting=name, message=f"is no setting (set in {origin}); {_suggestion(name, known)}")
        for name in values
        if name not in known
    ]


def _suggestion(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else "remove it, or see `cgp config example` for the names"
