"""The TaskType Protocol: a new kind of work is one class that fills these steps in.

Validator side: `generate` the ground truth, `mask` a task for each miner, `check` and `unmask` what
comes back, `score` it. Miner side: `run`. Server side: `score` again, to see who misreports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from conversation_genome.annotation import GroundTruth
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.base import Engine
from conversation_genome.protocol.messages import MinerAnswer, MinerTask


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """What one answer earned, and why in plain words."""

    score: float
    """In [0, 1]."""
    reasons: tuple[str, ...]


class TaskType(Protocol):
    """One kind of work, from ground truth to score."""

    @property
    def name(self) -> str:
        """The name under which the server hands it out."""

    @property
    def scoring_version(self) -> str:
        """Changes whenever an equal answer may get another score."""

    def generate(self, conversation: Conversation, windows: Sequence[Window], engine: Engine) -> GroundTruth:
        """Return what is held true of each window, established from the whole conversation."""

    def mask(
        self, conversation: Conversation, window: Window, *, task_id: str, max_tags: int, timeout_seconds: float
    ) -> MinerTask:
        """Return the task as a miner sees it: no source, no ids of ours, no names of participants."""

    def run(self, task: MinerTask, engine: Engine, embedder: Embedder) -> MinerAnswer:
        """Answer a task (miner side)."""

    def check(self, body: bytes, task: MinerTask) -> MinerAnswer:
        """Return the answer that the bytes hold.

        Raises:
            AnswerError: If they are not an answer to this task; the message says what is wrong.
        """

    def unmask(self, answer: MinerAnswer, conversation: Conversation, window: Window) -> MinerAnswer:
        """Return the answer with real participants and line numbers of the whole conversation.

        Of the vectors only those are kept that are spot-checked.
        """

    def score(
        self,
        conversation: Conversation,
        window: Window,
        ground_truth: GroundTruth,
        answers: Mapping[str, MinerAnswer],
        embedder: Embedder,
    ) -> dict[str, ScoredAnswer]:
        """Return what each unmasked answer earns; one answer never changes another's score."""

    def baselines(self, conversation: Conversation, window: Window) -> dict[str, MinerAnswer]:
        """Return answers that need no understanding: what scores no higher than they do earns nothing.

        Deterministic, so that the validator and the server hold the same ones; the names cannot be hotkeys.
        """
