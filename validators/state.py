"""What a validator must not forget, as one frozen value: averages, accounts, suspicions, open leases, weights under way."""

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.annotation import GroundTruth, Hotkey
from conversation_genome.protocol.messages import Submission
from conversation_genome.rewards import Accounts, Kinship, MovingAverages
from conversation_genome.scoring.copies import CopyMemory


class Kept(BaseModel):
    """The base of everything in the state file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Outgoing(Kept):
    """A stretch that is graded: what is handed in, word for word, however often that is tried."""

    rewards: tuple[dict[Hotkey, float], ...]
    """What each window adds to the averages, once all of it is handed in."""
    submissions: tuple[Submission, ...]


class OpenLease(Kept):
    """A conversation under lease, with all that may not be drawn or established a second time."""

    lease_id: str
    ground_truth: GroundTruth
    plan: tuple[dict[str, tuple[Hotkey, ...]], ...]
    """By stretch: who is asked about which window, by the window's id."""
    waiting: dict[int, Outgoing] = Field(default_factory=dict)
    """Stretches that are graded and not yet handed in, by number."""
    done: frozenset[int] = frozenset()
    """Stretches that are handed in."""


class Weighing(Kept):
    """Weights that are being set: what became of them is read from the chain, also after a restart."""

    epoch: int
    block: int
    """The block at which they were decided."""
    weights: dict[Hotkey, float]
    accounts: Accounts
    """As they are once the weights stand."""


class ValidatorState(Kept):
    """Everything; a validator that is started on it goes on where the one before it ended."""

    averages: MovingAverages = MovingAverages()
    copies: CopyMemory = CopyMemory()
    """What windows told of who copies whom."""
    kinship: Kinship = Kinship()
    """Which hotkeys have given one engine's answers."""
    accounts: Accounts = Accounts()
    """What each hotkey was paid, and what it earned."""
    last_epoch: int = -1
    """The epoch that is settled: weights were set in it, or nobody could be paid."""
    last_weights: dict[Hotkey, float] = Field(default_factory=dict)
    """As they were set last."""
    weighing: Weighing | None = None
    last_roll_call: int | None = None
    """The epoch in which everybody was last asked about one window."""
    secret: str = ""
    """In hex: decides which lines a miner is shown of a window, so that it is shown the same ones after a restart."""
    seconds: dict[Hotkey, float] = Field(default_factory=dict)
    """What each miner's last answer took."""
    leases: dict[str, OpenLease] = Field(default_factory=dict)
