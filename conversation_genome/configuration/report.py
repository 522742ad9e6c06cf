"""The report of `cgp config check`: every setting of a role, its value and origin, and every fault at once."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, SecretStr, computed_field

from conversation_genome.configuration.catalogue import SHARED_GROUPS, CatalogueEntry, catalogue
from conversation_genome.configuration.offline_checks import offline_faults
from conversation_genome.configuration.sources import DEFAULT_ORIGIN, GivenValues, given_values
from conversation_genome.errors import InputError
from conversation_genome.settings import ROLES, RoleSettings, SettingFault, readable_settings

MASK: Final = "********"
_PASSWORD_IN_URL: Final = re.compile(r"(?<=://)([^/@:]*):[^/@]+(?=@)")


class SettingReport(BaseModel):
    """One setting as it stands."""

    model_config = ConfigDict(frozen=True)

    group: str
    name: str
    value: str
    """As it was given where it cannot be read; masked where it is secret."""
    origin: str
    """`default`, `environment` or the settings file."""
    kind: str
    default: str
    description: str


class ConfigurationReport(BaseModel):
    """Every setting of the roles that were asked about, and what must be mended before they start."""

    model_config = ConfigDict(frozen=True)

    roles: tuple[str, ...]
    settings: tuple[SettingReport, ...]
    unreadable: tuple[SettingFault, ...]
    """Values that cannot be used as they are written, and names that are no setting."""
    missing: tuple[SettingFault, ...]
    """What the values leave out, or ask for and this machine does not have."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_ready(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.unreadable and not self.missing


def check_configuration(role: str | None = None) -> ConfigurationReport:
    """Return the report for one role, or for all of them.

    Raises:
        InputError: If there is no such role.
        SettingsError: If the settings file cannot be read at all.
    """
    roles = _roles(role)
    given = given_values(entry.name for entry in catalogue())
    settings, unreadable = _read(roles)
    missing = [fault for each in settings.values() for fault in offline_faults(each)]
    return ConfigurationReport(
        roles=roles,
        settings=tuple(
            _row(entry, settings.get(entry.group, settings[roles[0]]), given)
            for entry in catalogue()
            if entry.group in (*SHARED_GROUPS, *roles)
        ),
        unreadable=_distinct([*given.faults, *unreadable]),
        missing=_distinct(missing),
    )


def settings_in_use(role: str, settings: RoleSettings) -> tuple[SettingReport, ...]:
    """Return every setting of a role that runs, with the value it runs with; secrets are masked."""
    return tuple(
        SettingReport(
            group=entry.group,
            name=entry.name,
            value=_masked(entry, _secret_as_text(getattr(settings, entry.field))),
            origin="in use",
            kind=entry.kind,
            default=entry.default,
            description=entry.description,
        )
        for entry in catalogue()
        if entry.group in (*SHARED_GROUPS, role)
    )


def _secret_as_text(value: Any) -> str:
    """Return a value as text; of a secret, whether there is one."""
    return MASK if isinstance(value, SecretStr) and value.get_secret_value() else _as_text(value)


def _roles(role: str | None) -> tuple[str, ...]:
    if role is None:
        return tuple(ROLES)
    if role not in ROLES:
        raise InputError(f"{role!r} is no role; give one of {', '.join(ROLES)}, or none for all of them")
    return (role,)


def _read(roles: Iterable[str]) -> tuple[dict[str, RoleSettings], list[SettingFault]]:
    settings, unreadable = dict[str, RoleSettings](), list[SettingFault]()
    kinds = {entry.name: entry.kind for entry in catalogue()}
    for role in roles:
        settings[role], faults = readable_settings(ROLES[role])
        unreadable += [_with_remedy(fault, kinds) for fault in faults]
    return settings, unreadable


def _with_remedy(fault: SettingFault, kinds: dict[str, str]) -> SettingFault:
    if fault.setting not in kinds:
        return fault
    return SettingFault(setting=fault.setting, message=f"{fault.message}; it may be: {kinds[fault.setting]}")


def _row(entry: CatalogueEntry, settings: RoleSettings, given: GivenValues) -> SettingReport:
    origin = given.origin_of(entry.name)
    value = _as_text(getattr(settings, entry.field)) if origin == DEFAULT_ORIGIN else given.value_of(entry.name)
    return SettingReport(
        group=entry.group,
        name=entry.name,
        value=_masked(entry, value),
        origin=origin,
        kind=entry.kind,
        default=entry.default,
        description=entry.description,
    )


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.as_posix() if isinstance(value, Path) else str(value)


def _masked(entry: CatalogueEntry, value: str) -> str:
    if entry.is_secret:
        return MASK if value else ""
    return _PASSWORD_IN_URL.sub(rf"\1:{MASK}", value)


def _distinct(faults: Iterable[SettingFault]) -> tuple[SettingFault, ...]:
    return tuple(dict.fromkeys(faults))
