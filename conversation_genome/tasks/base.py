"""The TaskType Protocol: a new kind of work is one class that fills these steps in.

Validator side: `generate` the ground truth, `vary` what each miner is shown, `mask` it, `check` and `unmask` what
comes back, `score` it and `compare` the answers with each other. Miner side: `run`. Server side: `score` again, to see who misreports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from conversation_genome.annotation import GroundTruth
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.base import Engine
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from conversation_genome.scoring.copies import CopyEvidence


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """What one answer earned, and why in plain words."""

    score: float
    """In [0, 1]."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """One miner's unmasked answer, and what it was made from."""

    shown: Window
    """The window as this miner was shown it."""
    answer: MinerAnswer
    seconds: float = 0.0
    """How long it took."""


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

    def vary(
        self,
        conversation: Conversation,
        window: Window,
        ground_truth: GroundTruth,
        miners: Sequence[str],
        secret: bytes,
    ) -> dict[str, Window]:
        """Return what each miner is shown: the window under its own id, with no more than some of its lines.

        An answer is masked, unmasked and scored with the window as its miner was shown it.
        """

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

    def score_editions(
        self,
        conversation: Conversation,
        ground_truth: GroundTruth,
        editions: Sequence[tuple[Window, Mapping[str, MinerAnswer]]],
        embedder: Embedder,
    ) -> list[dict[str, ScoredAnswer]]:
        """Return what `score` returns of each window as it was shown with its answers, bit by bit."""

    def compare(self, conversation: Conversation, given: Mapping[str, Given]) -> CopyEvidence:
        """Return what the answers to one window tell of each other, by the miner's name."""

    def baselines(self, conversation: Conversation, window: Window) -> dict[str, MinerAnswer]:
        """Return answers that need no understanding: what scores no higher than they do earns nothing.

        Deterministic, so that the validator and the server hold the same ones; the names cannot be hotkeys.
        """
