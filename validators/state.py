"""What a validator must not forget: averages, accounts and suspicions, by hotkey, in one small file."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from conversation_genome.atomic_file import write_atomically
from conversation_genome.errors import SettingsError
from conversation_genome.rewards import Accounts, Kinship, MovingAverages
from conversation_genome.scoring.copies import CopyMemory


class ValidatorState(BaseModel):
    """The moving averages, the suspicions of copying, and the epoch in which weights were last set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    averages: MovingAverages = MovingAverages()
    copies: CopyMemory = CopyMemory()
    """What windows told of who copies whom."""
    kinship: Kinship = Kinship()
    """Which hotkeys have given one engine's answers."""
    accounts: Accounts = Accounts()
    """What each hotkey was paid, and what it earned."""
    last_epoch: int = -1


def load_state(path: Path) -> ValidatorState:
    """Return what was saved, or an empty state where nothing was.

    Raises:
        SettingsError: If the file is there and cannot be read as a state.
    """
    if not path.exists():
        return ValidatorState()
    try:
        return ValidatorState.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as exc:
        raise SettingsError(f"{path} is not a validator's state ({exc}); move it away to start anew") from exc


def save_state(path: Path, state: ValidatorState) -> None:
    """Write the state, whole or not at all."""
    write_atomically(path, state.model_dump_json(indent=1) + "\n")
