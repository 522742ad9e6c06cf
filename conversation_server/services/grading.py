"""Grading: the server computes every score itself, from the stored ground truth, with the library's own code.

What a lease's answers are scored with is read once and kept while answers come in.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

import orjson

from conversation_genome.annotation import GroundTruth, Outcome
from conversation_genome.conversation import TASK_LEVEL, Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.errors import InputError
from conversation_genome.protocol.messages import LeasedWindow, MinerAnswer, Submission
from conversation_genome.tasks.base import ScoredAnswer, TaskType
from conversation_server.services.leasing import WINDOWS
from conversation_server.services.tools import Tools, in_thread

TOLERANCE: Final = 1e-6
"""By which a validator's score may differ: vectors differ by rounding from machine to machine."""
KEPT_CASES: Final = 16
_THE_ANSWER: Final = "answer"

CaseKey = tuple[str, str]
"""The lease and the digest of its ground truth."""


@dataclass(frozen=True, slots=True)
class CaseText:
    """What a lease's answers are scored with, as it is stored."""

    task_type: str
    record: str
    windows: str
    ground_truth: str


@dataclass(frozen=True)
class Case:
    """What a lease's answers are scored with, read."""

    task_type: TaskType
    conversation: Conversation
    windows: dict[str, Window]
    ground_truth: GroundTruth
    _baselines: dict[str, float] = field(default_factory=dict)

    @property
    def tasks(self) -> list[Window]:
        """The windows that miners are asked about."""
        return [window for window in self.windows.values() if window.level == TASK_LEVEL]

    def window(self, window_id: str) -> Window:
        """Return a window that miners are asked about.

        Raises:
            InputError: If there is none with this id.
        """
        window = self.windows.get(window_id)
        if window is None or window.level != TASK_LEVEL:
            raise InputError(f"{window_id[:100]!r} is no window of this lease that miners are asked about")
        return window

    def score(self, window: Window, answer: MinerAnswer, embedder: Embedder) -> ScoredAnswer:
        """Return what one unmasked answer earns."""
        return self._scores(window, {_THE_ANSWER: answer}, embedder)[_THE_ANSWER]

    def baseline(self, window: Window, embedder: Embedder) -> float:
        """Return the best score of the hidden baselines of a window."""
        if window.id not in self._baselines:
            answers = self.task_type.baselines(self.conversation, window)
            scored = self._scores(window, answers, embedder)
            self._baselines[window.id] = max((one.score for one in scored.values()), default=0.0)
        return self._baselines[window.id]

    def _scores(self, window: Window, answers: dict[str, MinerAnswer], embedder: Embedder) -> dict[str, ScoredAnswer]:
        return self.task_type.score(self.conversation, window, self.ground_truth, answers, embedder)


@dataclass(frozen=True, slots=True)
class Material:
    """A case, read or still to be read."""

    key: CaseKey
    case: Case | CaseText


@dataclass(frozen=True, slots=True)
class Grade:
    """The server's own score of a submission."""

    score: float
    reasons: tuple[str, ...]
    agrees: bool


class Grader:
    """Scores submissions in threads, and remembers the cases that are open."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._cases: OrderedDict[CaseKey, Case] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, key: CaseKey) -> Case | None:
        """Return a case that need not be read again."""
        with self._lock:
            return self._cases.get(key)

    def newest(self, lease_id: str) -> Material | None:
        """Return the case of a lease that was read last, which may be out of date."""
        with self._lock:
            found = [key for key in self._cases if key[0] == lease_id]
            return Material(found[-1], self._cases[found[-1]]) if found else None

    async def grade(self, material: Material, submission: Submission) -> Grade:
        """Return the server's score of a submission.

        Raises:
            InputError: If the window is not one of the lease's, or the answer is missing.
        """
        return await in_thread(self._tools.scoring, self._grade, material, submission)

    def case(self, material: Material) -> Case:
        """Return a case; its text is read where it is not known yet. Blocks."""
        case = self.known(material.key) or (
            material.case if isinstance(material.case, Case) else read_case(material.case, self._tools)
        )
        with self._lock:
            case = self._cases.setdefault(material.key, case)
            self._cases.move_to_end(material.key)
            while len(self._cases) > KEPT_CASES:
                self._cases.popitem(last=False)
        return case

    def forget(self, lease_id: str) -> None:
        """Let the cases of a lease go."""
        with self._lock:
            for key in [key for key in self._cases if key[0] == lease_id]:
                del self._cases[key]

    def _grade(self, material: Material, submission: Submission) -> Grade:
        case = self.case(material)
        window = case.window(submission.window_id)
        if submission.outcome is not Outcome.SCORED:
            return Grade(0.0, (submission.detail or submission.outcome,), agrees=submission.score <= TOLERANCE)
        if submission.answer is None:
            raise InputError("a submission with outcome 'scored' must carry the answer")
        scored = case.score(window, submission.answer, self._tools.embedder)
        agrees = abs(scored.score - submission.score) <= TOLERANCE
        return Grade(scored.score, scored.reasons, agrees=agrees)


def read_case(text: CaseText, tools: Tools) -> Case:
    """Read what a lease's answers are scored with; blocks."""
    conversation = Conversation.from_record(orjson.loads(text.record))
    windows = [window_of(conversation, leased) for leased in WINDOWS.validate_json(text.windows)]
    return Case(
        task_type=tools.task_type(text.task_type),
        conversation=conversation,
        windows={window.id: window for window in windows},
        ground_truth=GroundTruth.model_validate_json(text.ground_truth),
    )


def window_of(conversation: Conversation, leased: LeasedWindow) -> Window:
    """Return the window that was handed out under an id."""
    return Window(conversation_id=conversation.id, **leased.model_dump(exclude={"window_id"}))
