"""One window: what each miner is shown, its reply checked and graded, the reward divided, everything handed in.

The rule of this module: one answer can hurt nothing but its own score.
"""

import asyncio
import hmac
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog

from conversation_genome.annotation import GroundTruth, Hotkey, Outcome
from conversation_genome.chain.base import Neuron
from conversation_genome.client import ConversationServerClient
from conversation_genome.client.miners import ANSWERED, MinerCaller, Reply
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.errors import AnswerError, AnswerTooLargeError, NobodyAnswersError
from conversation_genome.protocol.messages import MinerAnswer, MinerTask, Receipt, Submission
from conversation_genome.rewards import DEFAULT_CURVE
from conversation_genome.rewards.sharing import divide_shared
from conversation_genome.scoring.copies import CopyEvidence, CopyMemory
from conversation_genome.tasks.base import Given, ScoredAnswer, TaskType
from conversation_genome.tasks.sharing import groups_of
from conversation_genome.tracing import span
from validators.metrics import ValidatorMetrics
from validators.watchdog import advance, in_thread

_SEVERAL: Final = 3
"""So many miners do not all fail at once by themselves."""
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


class Record(Protocol):
    """What is kept of a round, so that it goes on where it was broken off."""

    def known_after(self, evidence: Sequence[CopyEvidence]) -> CopyMemory:
        """Return all that is known of copies with these windows, which `graded` adds."""

    def graded(
        self,
        lease_id: str,
        stretch: int,
        evidence: Sequence[CopyEvidence],
        rewards: Sequence[Mapping[Hotkey, float]],
        submissions: Sequence[Submission],
    ) -> None:
        """Keep what is to be handed in: from now on it is this and nothing else."""

    def handed_in(self, lease_id: str, stretch: int) -> None:
        """Keep that the server has all of it."""


class Forgetful:
    """A Record that is forgotten with the process."""

    def __init__(self) -> None:
        self._copies = CopyMemory()
        self._lock = threading.Lock()

    def known_after(self, evidence: Sequence[CopyEvidence]) -> CopyMemory:
        """Return all that is known of copies with these windows, which `graded` adds."""
        return self._copies.after(evidence)

    def graded(
        self,
        lease_id: str,  # noqa: ARG002 -- the Protocol names the arguments
        stretch: int,  # noqa: ARG002
        evidence: Sequence[CopyEvidence],
        rewards: Sequence[Mapping[Hotkey, float]],  # noqa: ARG002
        submissions: Sequence[Submission],  # noqa: ARG002
    ) -> None:
        """Keep what the windows tell of copies."""
        with self._lock:
            self._copies = self._copies.after(evidence)

    def handed_in(self, lease_id: str, stretch: int) -> None:
        """Keep nothing."""


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
        record: Record | None = None,
        secret: bytes | None = None,
        metrics: ValidatorMetrics | None = None,
    ) -> None:
        """Keep the tools; `timeout_seconds` is what each miner has.

        Of the windows, `varied_share` (in [0, 1]) goes out with different lines left out for each miner, and so does
        every one about which more than the usual `miners_per_window` are asked; `secret` decides which lines those are.
        """
        self._miners_per_window = miners_per_window
        self._varied_share = varied_share
        self._record = record or Forgetful()
        self._secret = secret or secrets.token_bytes(32)
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
            reply = await self._caller.ask(neuron.hotkey, neuron.endpoint.url, task)
        checked = GradedReply(neuron, reply, shown, None)
        if reply.outcome is Outcome.SCORED:
            checked = await in_thread(check_reply, leased, shown, neuron, task, reply)
        outcome, seconds = checked.reply.outcome.value, reply.seconds
        self._metrics.count_answer(outcome, seconds)
        log.info(
            "asked", window=shown.id, task=task.task_id, miner=neuron.uid, outcome=outcome, seconds=round(seconds, 3)
        )
        return checked

    async def grade(self, leased: Leased, window: Window, replies: Sequence[GradedReply]) -> GradedWindow:
        """Return the window with the score of each reply; one without an answer keeps 0."""
        in_order = sorted(replies, key=lambda one: one.neuron.uid)
        return await in_thread(grade_replies, leased, window, in_order, self._embedder)

    async def settle(
        self, leased: Leased, graded: Sequence[GradedWindow], *, stretch: int = 0
    ) -> list[dict[Hotkey, float]]:
        """Divide the rewards by all that the windows tell together of copies, keep that, and hand everything in.

        Returns what each window adds to the averages, in [0, 1]: the shares of its reward, which sum to 1 or are all 0;
        where more miners were asked than usual, as many times more, so that being asked there is no loss.

        Raises:
            NobodyAnswersError: If not one of several miners answered to anything; nothing is handed in.
        """
        _check_somebody_answered(graded)
        rewards, submissions = await in_thread(self._decide, leased, graded, stretch)
        await self.hand_in(leased.lease_id, stretch, submissions)
        return rewards

    async def hand_in(self, lease_id: str, stretch: int, submissions: Sequence[Submission]) -> None:
        """Hand in what was decided; what the server has already changes nothing."""
        await asyncio.gather(*map(self._submit, submissions))
        await in_thread(self._record.handed_in, lease_id, stretch)

    def _decide(
        self, leased: Leased, graded: Sequence[GradedWindow], stretch: int
    ) -> tuple[list[dict[Hotkey, float]], list[Submission]]:
        """Return each window's rewards and what is handed in, both kept by now."""
        evidence = [one.evidence for one in graded]
        settled = divide_rewards(graded, self._record.known_after(evidence), curve=self._reward_curve)
        rewards = [self._added(one) for one in settled]
        submissions = [submission_of(leased, one.window, reply) for one in settled for reply in one.replies]
        self._record.graded(leased.lease_id, stretch, evidence, rewards, submissions)
        return rewards, submissions

    def _added(self, settled: GradedWindow) -> dict[Hotkey, float]:
        times = max(1.0, len(settled.replies) / self._miners_per_window)
        return {reply.neuron.hotkey: min(1.0, times * reply.reward) for reply in settled.replies}

    async def _submit(self, submission: Submission) -> Receipt:
        async with self._submitting:
            receipt = await self._server.submit(submission)
        advance()
        if not receipt.agrees and not receipt.is_duplicate:
            self._metrics.disagreements.inc()
            log.warning("server disagrees", window=submission.window_id, ours=submission.score, theirs=receipt.score)
        return receipt


def submission_of(leased: Leased, window: Window, graded: GradedReply) -> Submission:
    """Return what is handed in of a reply."""
    return Submission(
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


def _check_somebody_answered(graded: Sequence[GradedWindow]) -> None:
    """Let windows pass that tell something of miners.

    Raises:
        NobodyAnswersError: If several miners were asked and none answered: the own network or clock is at fault.
    """
    replies = [reply for one in graded for reply in one.replies]
    miners = {reply.neuron.hotkey for reply in replies}
    if len(miners) < _SEVERAL or any(reply.reply.outcome in ANSWERED for reply in replies):
        return
    raise NobodyAnswersError(
        f"none of {len(miners)} miners answered, first {replies[0].reply.detail[:200]!r}: "
        "see to the network and the clock (NTP) of this machine; nobody is scored for it"
    )


def check_reply(leased: Leased, window: Window, neuron: Neuron, task: MinerTask, reply: Reply) -> GradedReply:
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
    graded: Sequence[GradedWindow], copies: CopyMemory, *, curve: str = DEFAULT_CURVE
) -> list[GradedWindow]:
    """Return the windows with each reply's share of its window's reward; copies of each other share one.

    What a later window of the same talk gives away counts in an earlier one, too.
    """
    known = copies.known()
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
    for found in leased.task_type.score_editions(
        leased.conversation, leased.ground_truth, list(by_shown.values()), embedder
    ):
        scored |= found
    baseline = max((scored[name].score for name in baselines), default=0.0)
    return {name: one.score for name, one in scored.items()}, baseline
