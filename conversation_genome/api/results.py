"""What an outside program gets: one record that the answers agree on, and how each miner fared."""

from pydantic import BaseModel, ConfigDict

from conversation_genome.annotation import Hotkey, Outcome, Profile
from conversation_genome.record import ConsensusTag, MergedRecord


class MinerReport(BaseModel):
    """How one miner fared with this conversation."""

    model_config = ConfigDict(frozen=True)

    hotkey: Hotkey
    uid: int
    outcomes: dict[Outcome, int]
    """Windows by what came of asking about them."""
    mean_score: float
    """Over all windows that it was asked about, in [0, 1]; without an answer a window counts 0."""
    reasons: tuple[str, ...]
    """Why answers failed, each reason once; of a miner without a fault, what its first answer's score rests on."""


class TaggedConversation(BaseModel):
    """A conversation with what chosen miners say of it, graded and merged."""

    model_config = ConfigDict(frozen=True)

    record: MergedRecord
    miners: tuple[MinerReport, ...]
    """Best first."""
    unanswered: int
    """Windows of which nobody gave an answer that could be scored."""

    @property
    def tags(self) -> tuple[ConsensusTag, ...]:
        """What the conversation is about, best first; `support` counts the miners behind a tag, copies once."""
        return self.record.tags

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """What is known of who takes part."""
        return self.record.profiles
