"""Completion: every window was answered, so its reward is divided, and the conversation goes on to be merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from conversation_genome.annotation import Hotkey, Outcome
from conversation_genome.conversation import Window
from conversation_genome.errors import InputError, LeaseError
from conversation_genome.protocol.messages import LeaseStatus, MinerAnswer
from conversation_genome.protocol.reads import ConversationState
from conversation_genome.rewards.sharing import Group, divide_shared, standing_shared
from conversation_genome.scoring.copies import CopyEvidence, CopyMemory
from conversation_genome.tasks.base import Given
from conversation_genome.tasks.sharing import groups_of
from conversation_server.db import conversations, leases, submissions
from conversation_server.db.submissions import Answered
from conversation_server.services.grading import Case, Grader, Material
from conversation_server.services.leasing import Leases, check_live
from conversation_server.services.submitting import Submissions
from conversation_server.services.tools import Tools, in_thread


class Share(NamedTuple):
    """What one answer gets of its window's reward."""

    reward: float
    standing: float
    reasons: str | None = None
    """The answer's reasons as a JSON list, where sharing the reward added one."""


Shares = dict[int, Share]
"""By the number of the submission."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A lease whose reward is to be divided."""

    material: Material
    answers: Sequence[Answered]


class Completions:
    """How a validator ends a lease, inside one transaction."""

    def __init__(self, connection: Connection, tools: Tools, grader: Grader) -> None:
        self._connection = connection
        self._tools = tools
        self._leases = Leases(connection, tools)
        self._submissions = Submissions(connection, tools, grader)

    def open(self, caller: Hotkey, lease_id: str) -> Completion | LeaseStatus:
        """Return what dividing the reward needs, or the status if it was divided before.

        Raises:
            InputError: If no ground truth was stored under the lease.
            LeaseError: If the lease is not the caller's, or not live.
        """
        lease = self._leases.own(caller, lease_id)
        if lease.state == "completed":
            return LeaseStatus(lease_id=lease_id, state="completed")
        check_live(lease, self._tools.clock())
        return Completion(self._submissions.material(lease), submissions.answered(self._connection, [lease_id]))

    def complete(self, caller: Hotkey, lease_id: str, shares: Shares) -> LeaseStatus:
        """Store the rewards and pass the conversation on.

        Raises:
            LeaseError: If the lease is not live, or answers came in meanwhile.
        """
        lease = self._leases.own(caller, lease_id)
        if lease.state != "completed":
            lease = self._leases.held(caller, lease_id)
            if submissions.count_of_lease(self._connection, lease_id) != len(shares):
                raise LeaseError(f"answers under lease {lease_id} are still coming in; complete it after the last one")
            submissions.reward(self._connection, {seq: share[:2] for seq, share in shares.items()})
            explained = {seq: share.reasons for seq, share in shares.items() if share.reasons is not None}
            submissions.explain(self._connection, explained)
            leases.end(self._connection, lease_id, "completed")
            self._pass_on(lease.conversation)
        return LeaseStatus(lease_id=lease_id, state="completed")

    def _pass_on(self, number: int) -> None:
        """Let a conversation be merged, or wait for the next validator that shall grade it."""
        settings = self._tools.settings
        gradings = conversations.standing(self._connection, number).gradings + 1
        graded: dict[str, object] = {"gradings": gradings, "failures": 0, "detail": ""}
        if gradings >= settings.server_validators_per_conversation:
            where: dict[str, object] = {"state": ConversationState.COMPLETED, "available_at": None, "merge_after": 0.0}
        else:
            patience = self._tools.clock() + settings.server_grading_patience_seconds
            where = {"state": ConversationState.WAITING, "available_at": 0.0, "merge_after": patience}
        conversations.set_columns(self._connection, number, **graded, **where)


async def divided(completion: Completion, tools: Tools, grader: Grader) -> Shares:
    """Return each answer's share of its window's reward, from the server's own scores.

    Raises:
        InputError: If no miner was asked about a window.
    """
    return await in_thread(tools.scoring, _divided, completion, tools, grader)


def _divided(completion: Completion, tools: Tools, grader: Grader) -> Shares:
    case = grader.case(completion.material)
    by_window: dict[str, list[Answered]] = {window.id: [] for window in case.tasks}
    for answer in completion.answers:
        by_window[answer.window_id].append(answer)
    unasked = [window_id for window_id, answers in by_window.items() if not answers]
    if unasked:
        raise InputError(
            f"{len(unasked)} of {len(by_window)} windows have no submission, first {unasked[0]!r}; "
            "submit what each miner did, also when it did not answer"
        )
    evidence = {window.id: evidence_of(case, by_window[window.id]) for window in case.tasks}
    known = CopyMemory().after(evidence.values()).known()
    shares: Shares = {}
    for window in case.tasks:
        answers = by_window[window.id]
        groups = groups_of(evidence[window.id], [answer.miner_hotkey for answer in answers], known)
        shares |= _window_shares(case, window, answers, groups, tools)
    return shares


def evidence_of(case: Case, answers: Sequence[Answered]) -> CopyEvidence:
    """Return what the answers to one window tell of each other."""
    given = {
        answer.miner_hotkey: Given(
            case.shown(answer.window_id, None if answer.shown is None else tuple(orjson.loads(answer.shown))),
            MinerAnswer.model_validate_json(answer.answer),
            answer.seconds,
        )
        for answer in answers
        if answer.outcome == Outcome.SCORED and answer.answer
    }
    return case.task_type.compare(case.conversation, given)


def _window_shares(
    case: Case, window: Window, answers: Sequence[Answered], groups: Sequence[Group], tools: Tools
) -> Shares:
    scores = [answer.score for answer in answers]
    baseline = case.baseline(window, tools.embedder)
    rewards = divide_shared(scores, groups, baseline=baseline, curve=tools.settings.server_reward_curve)
    places = standing_shared(scores, groups, baseline=baseline)
    notes = {member: _note(group, part) for group in groups for member, part in group.parts}
    return {
        answer.seq: Share(rewards[at], places[at], _with_note(answer.reasons, notes[at]) if at in notes else None)
        for at, answer in enumerate(answers)
    }


def _note(group: Group, part: float) -> str:
    others = len(group.members) - 1
    return (
        f"shares one reward with {others} other answer{'s' if others > 1 else ''}, of which it gets {part:.0%}: "
        "between them they name what only one of their miners was shown"
    )


def _with_note(reasons: str, note: str) -> str:
    return orjson.dumps([*orjson.loads(reasons), note]).decode()
