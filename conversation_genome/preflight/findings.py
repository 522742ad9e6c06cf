"""What the checks found: what holds, what must be mended, and what cannot be known from this machine."""

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, computed_field

from conversation_genome.settings import SettingFault


class PreflightReport(BaseModel):
    """Whether a role can start on a network."""

    model_config = ConfigDict(frozen=True)

    role: str
    network: str
    netuid: int
    passed: tuple[str, ...]
    """What was looked at and holds."""
    notes: tuple[str, ...]
    """What an operator should know, and what cannot be seen from this machine."""
    faults: tuple[SettingFault, ...]
    """What must be mended."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_ready(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.faults


@dataclass
class Findings:
    """Collects what the checks find, in their order."""

    passed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[SettingFault] = field(default_factory=list)

    def fault(self, message: str, setting: str = "") -> None:
        """Add what must be mended; the message goes on after the setting's name where there is one."""
        self.faults.append(SettingFault(setting=setting, message=message))
