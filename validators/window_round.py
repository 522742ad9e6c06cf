"""One window: ask several miners at once, check, grade, divide the reward, hand everything in.

The rule of this module: one answer can hurt nothing but its own score.
"""

import asyncio
import hmac
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from conversation_genome.annotation import GroundTruth, Hotkey, Outcome
from conversation_genome.chain.base import Neuron
from conversation_genome.client import ConversationServerClient
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.errors import AnswerError, AnswerTooLargeError
from conversation_genome.protocol.messages import MinerAnswer, MinerTask, Receipt, Submission
from conversation_genome.rewards import DEFAULT_CURVE
from conversation_genome.rewards.sharing import divide_shared
from conversation_genome.scoring.copies import CopyEvidence, CopyMemory
from conversation_genome.tasks.base import Given, ScoredAnswer, TaskType
from conversation_genome.tasks.sharing import groups_of
from validators.asking import MinerCaller, Reply

log = structlog.get_logger(__name__)

_MINERS_PER_STRAGGLER = 8
"""The next window may start when all but one in eight miners have answered; of four to fifteen, all but one."""
_FEWEST_FOR_A_STRAGGLER = 4


@dataclass(frozen=True, slots=True)
class Leased:
    """A conversation under lease, with what is held true of it."""

    lease_id: str
    conversation: Conversation
    ground_truth: GroundTruth
    task_type: TaskType


@dataclass(frozen=True, slots=True)
class GradedReply:
    """One miner's reply with what it earned."""

    neuron: Neuron
    reply: Reply
    shown: Window
    """The window as this miner was shown it."""
    answer: MinerAnswer | None
    score: float = 0.0
    reward: float = 0.0


class Copies:
    """What the windows so far told of who copies whom; this one forgets it with the process."""

    def __init__(self) -> None:
        self._memory = CopyMemory()
        self._lock = threading.Lock()

    def remember_copies(self, evidence: CopyEvidence) -> CopyMemory:
        """Add what one more window tells, and return all that is known."""
        with self._lock:
            self._memory = self._memory.after([evidence])
            return self._memory


class Remembering(Protocol):
    """Whatever keeps what is known of copies."""

    def remember_copies(self, evidence: CopyEvidence) -> CopyMemory:
        """Add what one more window tells, and return all that is known."""


class WindowRound:
    """Plays rounds with one set of tools."""

    def __init__(
        self,
        *,
        caller: MinerCaller,
        server: ConversationServerClient,
        embedder: Embedder,
        timeout_seconds: float,
        max_tags: int,
        reward_curve: str = DEFAULT_CURVE,
        submissions_at_once: int = 8,
        varied_share: float = 1.0,
        copies: Remembering | None = None,
    ) -> None:
        """Keep the tools; `timeout_seconds` is what each miner has.

        Of the windows, `varied_share` (in [0, 1]) goes out with different lines left out for each miner.
        """
        self._varied_share = varied_share
        self._copies = copies or Copies()
        self._secret = secrets.token_bytes(32)
        self._caller = caller
        self._server = server
        self._embedder = embedder
        self._timeout_seconds = timeout_seconds
        self._max_tags = max_tags
        self._reward_curve = reward_curve
        self._submitting = asyncio.Semaphore(submissions_at_once)

    async def play(
        self, leased: Leased, window: Window, miners: Sequence[Neuron], *, nearly_done: Callable[[], None]
    ) -> dict[Hotkey, float]:
        """Return each asked miner's share of the window's reward: they sum to 1, or are all 0.

        `nearly_done` is called once, when only stragglers are still awaited.
        """
        asked = await self._ask_all(leased, window, miners, nearly_done)
        graded = await asyncio.to_thread(
            grade_replies, leased, window, asked, self._embedder, copies=self._copies, curve=self._reward_curve
        )
        await asyncio.gather(*(self._submit(leased, window, one) for one in graded))
        return {one.neuron.hotkey: one.reward for one in graded}

    async def _ask_all(
        self, leased: Leased, window: Window, miners: Sequence[Neuron], nearly_done: Callable[[], None]
    ) -> list[GradedReply]:
        shown = self._shown(leased, window, miners)
        masked = {one.lines: self._masked(leased, one) for one in shown.values()}
        pending = {
            asyncio.create_task(self._ask(leased, shown[one.hotkey], one, masked[shown[one.hotkey].lines]))
            for one in miners
        }
        stragglers = max(len(pending) // _MINERS_PER_STRAGGLER, int(len(pending) >= _FEWEST_FOR_A_STRAGGLER))
        asked: list[GradedReply] = []
        try:
            while pending:
                if len(pending) <= stragglers:
                    nearly_done()
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                asked += [job.result() for job in done]
        finally:
            nearly_done()
            for job in pending:
                job.cancel()
        return sorted(asked, key=lambda one: one.neuron.uid)

    def _shown(self, leased: Leased, window: Window, miners: Sequence[Neuron]) -> dict[str, Window]:
        """Return what each miner is shown, by hotkey."""
        hotkeys = [one.hotkey for one in miners]
        share = int.from_bytes(
            hmac.digest(self._secret, f"{leased.lease_id}/{window.id}".encode(), "sha256")[:8], "big"
        )
        if share >= self._varied_share * 2**64:
            return dict.fromkeys(hotkeys, window)
        return leased.task_type.vary(leased.conversation, window, leased.ground_truth, hotkeys, self._secret)

    def _masked(self, leased: Leased, window: Window) -> MinerTask:
        return leased.task_type.mask(
            leased.conversation,
            window,
            task_id=_task_id(),
            max_tags=self._max_tags,
            timeout_seconds=self._timeout_seconds,
        )

    async def _ask(self, leased: Leased, window: Window, neuron: Neuron, masked: MinerTask) -> GradedReply:
        """Ask one miner under a task id of its own."""
        task = masked.model_copy(update={"task_id": _task_id()})
        if neuron.endpoint is None:
            return GradedReply(neuron, Reply(Outcome.UNREACHABLE, detail="serves nowhere"), window, None)
        reply = await self._caller.ask(neuron.hotkey, neuron.endpoint, task)
        if reply.outcome is not Outcome.SCORED:
            return GradedReply(neuron, reply, window, None)
        return await asyncio.to_thread(_checked, leased, window, neuron, task, reply)

    async def _submit(self, leased: Leased, window: Window, graded: GradedReply) -> Receipt:
        submission = Submission(
            lease_id=leased.lease_id,
            window_id=window.id,
            miner_hotkey=graded.neuron.hotkey,
            miner_uid=graded.neuron.uid,
            outcome=graded.reply.outcome,
            detail=graded.reply.detail[:500],
            answer=graded.answer,
            shown=None if graded.shown == window else graded.shown.lines,
            seconds=graded.reply.seconds,
            score=graded.score,
            reward=graded.reward,
            scoring_version=leased.task_type.scoring_version,
        )
        async with self._submitting:
            receipt = await self._server.submit(submission)
        if not receipt.agrees and not receipt.is_duplicate:
            log.warning("server disagrees", window=window.id, ours=graded.score, theirs=receipt.score)
        return receipt


def _task_id() -> str:
    return secrets.token_hex(16)


def _checked(leased: Leased, window: Window, neuron: Neuron, task: MinerTask, reply: Reply) -> GradedReply:
    """Return the reply with its answer unmasked, or with the reason why it is none."""
    try:
        answer = leased.task_type.check(reply.body, task)
    except AnswerError as exc:
        outcome = Outcome.TOO_LARGE if isinstance(exc, AnswerTooLargeError) else Outcome.MALFORMED
        return GradedReply(neuron, replace(reply, outcome=outcome, body=b"", detail=str(exc)), window, None)
    unmasked = leased.task_type.unmask(answer, leased.conversation, window)
    return GradedReply(neuron, replace(reply, body=b""), window, unmasked)


def grade_replies(
    leased: Leased,
    window: Window,
    asked: Sequence[GradedReply],
    embedder: Embedder,
    *,
    copies: Remembering,
    curve: str = DEFAULT_CURVE,
) -> list[GradedReply]:
    """Return the replies with score and reward; those without an answer keep 0 for both.

    Each is graded by what its miner was shown; answers that are copies of each other share one reward.
    """
    hotkeys = [one.neuron.hotkey for one in asked]
    scored, baseline = _scored(leased, window, asked, embedder)
    scores = [scored.get(hotkey, 0.0) for hotkey in hotkeys]
    given: dict[str, Given] = {
        one.neuron.hotkey: Given(one.shown, one.answer, one.reply.seconds) for one in asked if one.answer
    }
    evidence = leased.task_type.compare(leased.conversation, given)
    groups = groups_of(evidence, hotkeys, copies.remember_copies(evidence).known())
    rewards = divide_shared(scores, groups, baseline=baseline, curve=curve)
    return [replace(one, score=score, reward=reward) for one, score, reward in zip(asked, scores, rewards, strict=True)]


def _scored(
    leased: Leased, window: Window, asked: Sequence[GradedReply], embedder: Embedder
) -> tuple[dict[str, float], float]:
    """Return the score of each answer by hotkey, and the best score of the hidden baselines."""
    baselines = leased.task_type.baselines(leased.conversation, window)
    by_shown: dict[tuple[int, ...] | None, tuple[Window, dict[str, MinerAnswer]]] = {
        window.lines: (window, {**baselines})
    }
    for one in asked:
        if one.answer is not None:
            _, answers = by_shown.setdefault(one.shown.lines, (one.shown, {}))
            answers[one.neuron.hotkey] = one.answer
    scored: dict[str, ScoredAnswer] = {}
    for shown, answers in by_shown.values():
        scored |= leased.task_type.score(leased.conversation, shown, leased.ground_truth, answers, embedder)
    baseline = max((scored[name].score for name in baselines), default=0.0)
    return {name: one.score for name, one in scored.items()}, baseline
