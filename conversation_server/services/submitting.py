"""Submissions: stored once, with the server's own score, before the receipt is sent."""

import secrets

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import InputError, LeaseExpiredError
from conversation_genome.protocol.messages import Receipt, Submission
from conversation_server.db import conversations, leases, submissions
from conversation_server.db.models import LeaseRow, SubmissionRow
from conversation_server.services.grading import CaseText, Grade, Grader, Material
from conversation_server.services.leasing import Leases
from conversation_server.services.tools import Tools


class Submissions:
    """What a validator may hand in, inside one transaction."""

    def __init__(self, session: AsyncSession, tools: Tools, grader: Grader) -> None:
        self._session = session
        self._tools = tools
        self._grader = grader
        self._leases = Leases(session, tools)

    async def open(self, caller: Hotkey, submission: Submission) -> Material | Receipt:
        """Return what grading needs, or the receipt if this was submitted before.

        Raises:
            InputError: If no ground truth was stored under the lease.
            LeaseError: If the lease is not the caller's, or not live.
        """
        lease = await self._leases.own(caller, submission.lease_id)
        present = await self._present(lease, submission)
        if present is not None:
            return present
        await self._leases.live(caller, submission.lease_id)
        return await self.material(lease)

    async def material(self, lease: LeaseRow) -> Material:
        """Return what the answers of a lease are graded with.

        Raises:
            InputError: If no ground truth was stored under the lease.
        """
        digest = await leases.ground_truth_digest(self._session, lease.id)
        if digest is None:
            raise InputError(f"lease {lease.id} has no ground truth yet; store it before the first submission")
        key = (lease.id, digest)
        known = self._grader.known(key)
        if known is not None:
            return Material(key, known)
        ground_truth = await leases.ground_truth(self._session, lease.id)
        record = await conversations.record_of(self._session, lease.conversation)
        return Material(key, CaseText(lease.task_type, record.body, record.windows, ground_truth.body))

    async def record(self, caller: Hotkey, submission: Submission, material: Material, grade: Grade) -> Receipt:
        """Store a graded submission and return its receipt.

        Raises:
            LeaseError: If the lease ran out, or its ground truth was changed, while it was graded.
        """
        lease = await self._leases.own(caller, submission.lease_id)
        present = await self._present(lease, submission)
        if present is not None:
            return present
        await self._leases.live(caller, submission.lease_id)
        await self._check_ground_truth(lease, material)
        identifier = secrets.token_hex(16)
        await submissions.add(
            self._session,
            id=identifier,
            lease=lease.id,
            conversation=lease.conversation,
            window_id=submission.window_id,
            validator_hotkey=caller,
            miner_hotkey=submission.miner_hotkey,
            miner_uid=submission.miner_uid,
            outcome=submission.outcome,
            detail=submission.detail,
            answer=submission.answer.model_dump_json() if submission.answer else None,
            seconds=submission.seconds,
            claimed_score=submission.score,
            claimed_reward=submission.reward,
            score=grade.score,
            reasons=orjson.dumps(grade.reasons).decode(),
            agrees=grade.agrees,
            scoring_version=submission.scoring_version,
            submitted_at=self._tools.clock(),
        )
        return Receipt(
            submission_id=identifier,
            score=grade.score,
            reasons=grade.reasons,
            agrees=grade.agrees,
            is_duplicate=False,
        )

    async def _present(self, lease: LeaseRow, submission: Submission) -> Receipt | None:
        row = await submissions.find(self._session, lease.id, submission.window_id, submission.miner_hotkey)
        return None if row is None else _receipt(row)

    async def _check_ground_truth(self, lease: LeaseRow, material: Material) -> None:
        if await leases.ground_truth_digest(self._session, lease.id) != material.key[1]:
            raise LeaseExpiredError(f"the ground truth of lease {lease.id} was changed meanwhile; submit again")


def _receipt(row: SubmissionRow) -> Receipt:
    return Receipt(
        submission_id=row.id,
        score=row.score,
        reasons=tuple(orjson.loads(row.reasons)),
        agrees=row.agrees,
        is_duplicate=True,
    )
