"""One window: what each miner is shown, its reply checked and graded, the reward divided, everything handed in.

The rule of this module: one answer can hurt nothing but its own score.
"""

import asyncio
import hmac
import secrets
import threading
from collections.abc import Mapping, Sequence
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
from conversation_genome.tracing import span
from validators.asking import MinerCaller, Reply
from validators.metrics import ValidatorMetrics

log = structlog.get_logger(__name__)


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


@dataclass(frozen=True, slots=True)
class GradedWindow:
    """A window whose replies are all in and graded, before its reward is divided."""

    window: Window
    replies: tuple[GradedReply, ...]
    """In the order of the miners' uids."""
    baseline: float
    """The best score of the hidden baselines."""
    evidence: CopyEvidence


class Copies:
    """What the windows so far told of who copies whom; this one forgets it with the process."""

    def __init__(self) -> None:
        self._memory = CopyMemory()
        self._lock = threading.Lock()

    def remember_copies(self, evidence: Sequence[CopyEvidence]) -> CopyMemory:
        """Add what more windows tell, and return all that is known."""
        with self._lock:
            self._memory = self._memory.after(evidence)
            return self._memory


class Remembering(Protocol):
    """Whatever keeps what is known of copies."""

    def remember_copies(self, evidence: Sequence[CopyEvidence]) -> CopyMemory:
        """Add what more windows tell, and return all that is known."""


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
        miners_per_window: int,
        reward_curve: str = DEFAULT_CURVE,
        submissions_at_once: int = 8,
        varied_share: float = 1.0,
        copies: Remembering | None = None,
        metrics: ValidatorMetrics | None = None,
    ) -> None:
        """Keep the tools; `timeout_seconds` is what each miner has.

        Of the windows, `varied_share` (in [0, 1]) goes out with different lines left out for each miner, and so does
        every one about which more than the usual `miners_per_window` are asked.
        """
        self._miners_per_window = miners_per_window
        self._varied_share = varied_share
        self._copies = copies or Copies()
        self._secret = secrets.token_bytes(32)
        self._metrics = metrics or ValidatorMetrics()
        self._caller = caller
        self._server = server
        self._embedder = embedder
        self._timeout_seconds = timeout_seconds
        self._max_tags = max_tags
        self._reward_curve = reward_curve
        self._submitting = asyncio.Semaphore(submissions_at_once)

    def shown(self, leased: Leased, window: Window, hotkeys: Sequence[Hotkey]) -> dict[Hotkey, Window]:
        """Return what each miner is shown of a window."""
        share = int.from_bytes(
            hmac.digest(self._secret, f"{leased.lease_id}/{window.id}".encode(), "sha256")[:8], "big"
        )
        if len(hotkeys) <= self._miners_per_window and share >= self._varied_share * 2**64:
            return dict.fromkeys(hotkeys, window)
        varied = leased.task_type.vary(leased.conversation, window, leased.ground_truth, hotkeys, self._secret)
        return {hotkey: varied[hotkey] for hotkey in hotkeys}

    async def ask(self, leased: Leased, neuron: Neuron, shown: Window) -> GradedReply:
        """Return one miner's reply, checked, to a task that is its own by id and speaker labels."""
        if neuron.endpoint is None:
            return GradedReply(neuron, Reply(Outcome.UNREACHABLE, detail="serves nowhere"), shown, None)
        task = leased.task_type.mask(
            leased.conversation,
            shown,
            task_id=secrets.token_hex(16),
            max_tags=self._max_tags,
            timeout_seconds=self._timeout_seconds,
        )
        with span("ask miner", cgp__task=task.task_id):  # not told to the miner, as the lease is not
            reply = await self._caller.ask(neuron.hotkey, neuron.endpoint, task)
        checked = GradedReply(neuron, reply, shown, None)
        if reply.outcome is Outcome.SCORED:
            checked = await asyncio.to_thread(_checked, leased, shown, neuron, task, reply)
        outcome, seconds = checked.reply.outcome.value, reply.seconds
        self._metrics.count_answer(outcome, seconds)
        log.info(
            "asked", window=shown.id, task=task.task_id, miner=neuron.uid, outcome=outcome, seconds=round(seconds, 3)
        )
        return checked

    async def grade(self, leased: Leased, window: Window, replies: Sequence[GradedReply]) -> GradedWindow:
        """Return the window with the score of each reply; one without an answer keeps 0."""
        in_order = sorted(replies, key=lambda one: one.neuron.uid)
        return await asyncio.to_thread(grade_replies, leased, window, in_order, self._embedder)

    async def settle(self, leased: Leased, graded: Sequence[GradedWindow]) -> list[dict[Hotkey, float]]:
        """Divide the rewards by all that the windows tell together of copies, and hand everything in.

        Returns what each window adds to the averages, in [0, 1]: the shares of its reward, which sum to 1 or are all 0;
        where more miners were asked than usual, as many times more, so that being asked there is no loss.
        """
        settled = await asyncio.to_thread(divide_rewards, graded, copies=self._copies, curve=self._reward_curve)
        await asyncio.gather(*(self._submit(leased, one.window, reply) for one in settled for reply in one.replies))
        return [self._added(one) for one in settled]

    def _added(self, settled: GradedWindow) -> dict[Hotkey, float]:
        times = max(1.0, len(settled.replies) / self._miners_per_window)
        return {reply.neuron.hotkey: min(1.0, times * reply.reward) for reply in settled.replies}

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
            self._metrics.disagreements.inc()
            log.warning("server disagrees", window=window.id, ours=graded.score, theirs=receipt.score)
        return receipt


def _checked(leased: Leased, window: Window, neuron: Neuron, task: MinerTask, reply: Reply) -> GradedReply:
    """Return the reply with its answer unmasked, or with the reason why it is none."""
    try:
        answer = leased.task_type.check(reply.body, task)
    except AnswerError as exc:
        outcome = Outcome.TOO_LARGE if isinstance(exc, AnswerTooLargeError) else Outcome.MALFORMED
        return GradedReply(neuron, replace(reply, outcome=outcome, body=b"", detail=str(exc)), window, None)
    unmasked = leased.task_type.unmask(answer, leased.conversation, window)
    return GradedReply(neuron, replace(reply, body=b""), window, unmasked)


def grade_replies(leased: Leased, window: Window, asked: Sequence[GradedReply], embedder: Embedder) -> GradedWindow:
    """Return the replies with their scores, each graded by what its miner was shown, and what they tell of copies."""
    scored, baseline = _scored(leased, window, asked, embedder)
    given: dict[str, Given] = {
        one.neuron.hotkey: Given(one.shown, one.answer, one.reply.seconds) for one in asked if one.answer
    }
    evidence = leased.task_type.compare(leased.conversation, given)
    replies = tuple(replace(one, score=scored.get(one.neuron.hotkey, 0.0)) for one in asked)
    return GradedWindow(window, replies, baseline, evidence)


def divide_rewards(
    graded: Sequence[GradedWindow], *, copies: Remembering, curve: str = DEFAULT_CURVE
) -> list[GradedWindow]:
    """Return the windows with each reply's share of its window's reward; copies of each other share one.

    What a later window of the same talk gives away counts in an earlier one, too.
    """
    known = copies.remember_copies([one.evidence for one in graded]).known()
    return [_divided(one, known, curve) for one in graded]


def _divided(graded: GradedWindow, known: Mapping[tuple[str, str], float], curve: str) -> GradedWindow:
    groups = groups_of(graded.evidence, [one.neuron.hotkey for one in graded.replies], known)
    scores = [one.score for one in graded.replies]
    rewards = divide_shared(scores, groups, baseline=graded.baseline, curve=curve)
    paid = tuple(replace(one, reward=reward) for one, reward in zip(graded.replies, rewards, strict=True))
    return replace(graded, replies=paid)


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
