"""Grading: the server computes every score itself, from the stored ground truth, with the library's own code.

What a lease's answers are scored with is read once and kept while answers come in.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
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
from conversation_server.together import Together

TOLERANCE: Final = 1e-6
"""By which a validator's score may differ: vectors differ by rounding from machine to machine."""
KEPT_CASES: Final = 256
KEPT_LINES: Final = 100_000
"""Of all cases that are remembered together: what bounds their memory."""
EXPECTED_CHARACTERS: Final = 8_000_000
"""Of all texts together of cases that no answer has come for yet."""

CaseKey = tuple[str, str]
"""The lease and the digest of its ground truth."""


@dataclass(frozen=True, slots=True)
class CaseText:
    """What a lease's answers are scored with, as it is stored."""

    task_type: str
    record: str
    windows: str
    ground_truth: str

    @property
    def characters(self) -> int:
        """How long it is."""
        return len(self.record) + len(self.windows) + len(self.ground_truth)


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

    def shown(self, window_id: str, lines: tuple[int, ...] | None) -> Window:
        """Return a window as a miner was shown it.

        Raises:
            InputError: If there is no such window, or the lines are not the greater part of it, in order.
        """
        window = self.window(window_id)
        if lines is None:
            return window
        own = window.numbers
        if tuple(line for line in own if line in set(lines)) != lines or 2 * len(lines) <= len(own):
            raise InputError(
                f"'shown' must name more than half of the {len(own)} lines of {window_id!r}, each once and in order"
            )
        return window.showing(lines)

    def scores(self, window: Window, answers: Sequence[MinerAnswer], embedder: Embedder) -> list[ScoredAnswer]:
        """Return what unmasked answers to a window earn; the first time its baselines are scored with them."""
        named = {str(number): answer for number, answer in enumerate(answers)}
        is_whole = window == self.windows[window.id]
        is_first = is_whole and window.id not in self._baselines
        baselines = self.task_type.baselines(self.conversation, window) if is_first else {}
        scored = self.task_type.score(self.conversation, window, self.ground_truth, {**baselines, **named}, embedder)
        if baselines:
            self._baselines[window.id] = max(scored[name].score for name in baselines)
        return [scored[name] for name in named]

    def baseline(self, window: Window, embedder: Embedder) -> float:
        """Return the best score of the hidden baselines of a window; 0 if its task type has none."""
        if window.id not in self._baselines:
            self.scores(window, (), embedder)
        return self._baselines.get(window.id, 0.0)


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
        self._expected: OrderedDict[str, tuple[CaseKey, CaseText]] = OrderedDict()
        self._lock = threading.Lock()
        self._together: Together[tuple[Material, Submission], Grade] = Together(self._grade_together)

    def known(self, key: CaseKey) -> Case | None:
        """Return a case that need not be read again."""
        with self._lock:
            return self._cases.get(key)

    def expect(self, material: Material) -> None:
        """Keep the text of a case whose answers come next, so that it is not asked for."""
        if not isinstance(material.case, CaseText):
            return
        with self._lock:
            self._expected[material.key[0]] = material.key, material.case
            characters = sum(text.characters for _, text in self._expected.values())
            while characters > EXPECTED_CHARACTERS or len(self._expected) > KEPT_CASES:
                _, (_, gone) = self._expected.popitem(last=False)
                characters -= gone.characters

    def newest(self, lease_id: str) -> Material | None:
        """Return the case of a lease that was stored or read last, which may be out of date."""
        with self._lock:
            if lease_id in self._expected:
                return Material(*self._expected[lease_id])
            found = [key for key in self._cases if key[0] == lease_id]
            return Material(found[-1], self._cases[found[-1]]) if found else None

    async def grade(self, material: Material, submission: Submission) -> Grade:
        """Return the server's score of a submission.

        Raises:
            InputError: If the window is not one of the lease's, or the answer is missing.
        """
        return await self._together.do((material, submission))

    def case(self, material: Material) -> Case:
        """Return a case; its text is read where it is not known yet. Blocks."""
        case = self.known(material.key) or (
            material.case if isinstance(material.case, Case) else read_case(material.case, self._tools)
        )
        with self._lock:
            case = self._cases.setdefault(material.key, case)
            self._cases.move_to_end(material.key)
            if self._expected.get(material.key[0], (None,))[0] == material.key:
                del self._expected[material.key[0]]
            self._forget_oldest()
        return case

    def _forget_oldest(self) -> None:
        """Let the cases go that were read longest ago, until the others are few and short enough."""
        lines = sum(len(case.conversation.lines) for case in self._cases.values())
        while len(self._cases) > 1 and (len(self._cases) > KEPT_CASES or lines > KEPT_LINES):
            _, gone = self._cases.popitem(last=False)
            lines -= len(gone.conversation.lines)

    def forget(self, lease_id: str) -> None:
        """Let the cases of a lease go."""
        with self._lock:
            self._expected.pop(lease_id, None)
            for key in [key for key in self._cases if key[0] == lease_id]:
                del self._cases[key]

    def forget_all(self) -> None:
        """Let every case go: one of them may be of a conversation that was deleted."""
        with self._lock:
            self._cases.clear()
            self._expected.clear()

    async def _grade_together(self, asked: Sequence[tuple[Material, Submission]]) -> list[Grade | Exception]:
        return await in_thread(self._tools.scoring, self._grades, asked)

    def _grades(self, asked: Sequence[tuple[Material, Submission]]) -> list[Grade | Exception]:
        """Return each grade; the answers to one window as it was shown are scored in one go, which changes no score."""
        grades: dict[int, Grade | Exception] = {}
        for places in _by_window(asked):
            material = asked[places[0]][0]
            try:
                found = self._window_grades(material, [asked[place][1] for place in places])
            except Exception as exc:  # noqa: BLE001 - handed to those who asked about this window
                found = [exc] * len(places)
            grades |= dict(zip(places, found, strict=True))
        return [grades[place] for place in range(len(asked))]

    def _window_grades(self, material: Material, submissions: Sequence[Submission]) -> list[Grade | Exception]:
        case = self.case(material)
        window = case.shown(submissions[0].window_id, submissions[0].shown)
        answers = {
            place: one.answer
            for place, one in enumerate(submissions)
            if one.outcome is Outcome.SCORED and one.answer is not None
        }
        scored = case.scores(window, tuple(answers.values()), self._tools.embedder) if answers else []
        found = dict(zip(answers, scored, strict=True))
        return [_grade(one, found.get(place)) for place, one in enumerate(submissions)]


def _by_window(asked: Sequence[tuple[Material, Submission]]) -> list[list[int]]:
    places: dict[tuple[CaseKey, str, tuple[int, ...] | None], list[int]] = {}
    for place, (material, submission) in enumerate(asked):
        places.setdefault((material.key, submission.window_id, submission.shown), []).append(place)
    return list(places.values())


def _grade(submission: Submission, scored: ScoredAnswer | None) -> Grade | Exception:
    if submission.outcome is not Outcome.SCORED:
        return Grade(0.0, (submission.detail or submission.outcome,), agrees=submission.score <= TOLERANCE)
    if scored is None:
        return InputError("a submission with outcome 'scored' must carry the answer")
    return Grade(scored.score, scored.reasons, agrees=abs(scored.score - submission.score) <= TOLERANCE)


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
