"""Completion: every window was answered, so its reward is divided, and the conversation goes on to be merged."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.annotation import Hotkey
from conversation_genome.conversation import Window
from conversation_genome.errors import InputError, LeaseError
from conversation_genome.protocol.messages import LeaseStatus
from conversation_genome.protocol.reads import ConversationState
from conversation_genome.rewards import divide, standing
from conversation_server.db import conversations, submissions
from conversation_server.db.models import SubmissionRow
from conversation_server.services.grading import Case, Grader, Material
from conversation_server.services.leasing import Leases
from conversation_server.services.submitting import Submissions
from conversation_server.services.tools import Tools, in_thread

Shares = dict[int, tuple[float, float]]
"""(share of the window's reward, standing) by the number of the submission."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A lease whose reward is to be divided."""

    material: Material
    answers: Sequence[SubmissionRow]


class Completions:
    """How a validator ends a lease, inside one transaction."""

    def __init__(self, session: AsyncSession, tools: Tools, grader: Grader) -> None:
        self._session = session
        self._leases = Leases(session, tools)
        self._submissions = Submissions(session, tools, grader)

    async def open(self, caller: Hotkey, lease_id: str) -> Completion | LeaseStatus:
        """Return what dividing the reward needs, or the status if it was divided before.

        Raises:
            InputError: If no ground truth was stored under the lease.
            LeaseError: If the lease is not the caller's, or not live.
        """
        lease = await self._leases.own(caller, lease_id)
        if lease.state == "completed":
            return LeaseStatus(lease_id=lease_id, state="completed")
        await self._leases.live(caller, lease_id)
        material = await self._submissions.material(lease)
        return Completion(material, await submissions.of_leases(self._session, [lease_id]))

    async def complete(self, caller: Hotkey, lease_id: str, shares: Shares) -> LeaseStatus:
        """Store the rewards and pass the conversation on.

        Raises:
            LeaseError: If the lease is not live, or answers came in meanwhile.
        """
        lease = await self._leases.own(caller, lease_id)
        if lease.state != "completed":
            await self._leases.live(caller, lease_id)
            if await submissions.count_of_lease(self._session, lease_id) != len(shares):
                raise LeaseError(f"answers under lease {lease_id} are still coming in; complete it after the last one")
            await submissions.reward(self._session, shares)
            lease.state = "completed"
            await conversations.change(
                self._session, lease.conversation, state=ConversationState.COMPLETED, available_at=None, merge_after=0.0
            )
        return LeaseStatus(lease_id=lease_id, state="completed")


async def divided(completion: Completion, tools: Tools, grader: Grader) -> Shares:
    """Return each answer's share of its window's reward, from the server's own scores.

    Raises:
        InputError: If no miner was asked about a window.
    """
    return await in_thread(tools.scoring, _divided, completion, tools, grader)


def _divided(completion: Completion, tools: Tools, grader: Grader) -> Shares:
    case = grader.case(completion.material)
    by_window: dict[str, list[SubmissionRow]] = {window.id: [] for window in case.tasks}
    for answer in completion.answers:
        by_window[answer.window_id].append(answer)
    unasked = [window_id for window_id, answers in by_window.items() if not answers]
    if unasked:
        raise InputError(
            f"{len(unasked)} of {len(by_window)} windows have no submission, first {unasked[0]!r}; "
            "submit what each miner did, also when it did not answer"
        )
    shares: Shares = {}
    for window in case.tasks:
        shares |= _window_shares(case, window, by_window[window.id], tools)
    return shares


def _window_shares(case: Case, window: Window, answers: Sequence[SubmissionRow], tools: Tools) -> Shares:
    scores = [answer.score for answer in answers]
    baseline = case.baseline(window, tools.embedder)
    rewards = divide(scores, baseline=baseline, curve=tools.settings.server_reward_curve)
    places = standing(scores, baseline=baseline)
    return {answer.seq: (reward, place) for answer, reward, place in zip(answers, rewards, places, strict=True)}
