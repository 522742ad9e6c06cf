"""Submissions: stored once, with the server's own score, before the receipt is sent."""

import secrets
from typing import ClassVar

import orjson
from sqlalchemy import Connection

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import InputError, LeaseExpiredError
from conversation_genome.protocol.messages import Receipt, Submission
from conversation_server.db import leases, submissions
from conversation_server.db.leases import HeldLease
from conversation_server.db.submissions import Place, Present
from conversation_server.services.calling import Call, use
from conversation_server.services.grading import CaseText, Grade, Grader, Material
from conversation_server.services.leasing import Leases, check_live, check_own, no_lease
from conversation_server.services.tools import Tools


class GroundTruthChangedError(LeaseExpiredError):
    """The ground truth was replaced while an answer was graded against the one before it; submit again."""

    code: ClassVar[str] = "ground_truth_changed"


class Submissions:
    """What an answer is graded with, inside one transaction."""

    def __init__(self, connection: Connection, tools: Tools, grader: Grader) -> None:
        self._connection = connection
        self._grader = grader
        self._leases = Leases(connection, tools)

    def material_for(self, caller: Hotkey, submission: Submission) -> Material | None:
        """Return what grading needs, or None if this was submitted before.

        Raises:
            InputError: If no ground truth was stored under the lease.
            LeaseError: If the lease is not the caller's, or not live.
        """
        self._leases.own(caller, submission.lease_id)
        place = submissions.place_of(
            self._connection, submission.lease_id, submission.window_id, submission.miner_hotkey
        )
        if place is not None and place.present is not None:
            return None
        return self.material(self._leases.live(caller, submission.lease_id))

    def material(self, lease: HeldLease) -> Material:
        """Return what the answers of a lease are graded with.

        Raises:
            InputError: If no ground truth was stored under the lease.
        """
        digest = leases.ground_truth_digest(self._connection, lease.id)
        if digest is None:
            raise InputError(f"lease {lease.id} has no ground truth yet; store it before the first submission")
        key = (lease.id, digest)
        known = self._grader.known(key)
        if known is not None:
            return Material(key, known)
        truth = leases.ground_truth(self._connection, lease.id)
        out = leases.handed_out(self._connection, lease.conversation)
        return Material(key, CaseText(lease.task_type, out.record, out.leased_windows, truth))


def record(
    connection: Connection, call: Call, submission: Submission, material: Material, grade: Grade, now: float
) -> Receipt:
    """Store a graded submission and return its receipt; the first one, if it was submitted before.

    Raises:
        AuthenticationError: If the request was received before.
        LeaseError: If the lease is not the caller's, or not live.
        GroundTruthChangedError: If it was graded against a ground truth that is no longer there.
    """
    use(connection, call, now=now)
    place = _own_place(connection, call, submission)
    if place.present is not None:
        return _first_receipt(place.present)
    check_live(place.lease, now)
    if place.digest != material.key[1]:
        raise GroundTruthChangedError(f"the ground truth of lease {place.lease.id} was changed meanwhile; submit again")
    receipt = Receipt(
        submission_id=secrets.token_hex(16),
        score=grade.score,
        reasons=grade.reasons,
        agrees=grade.agrees,
        is_duplicate=False,
    )
    if submissions.add(connection, _row(call.hotkey, place.lease.conversation, submission, receipt, now)):
        return receipt
    return _receipt_of_the_first(connection, call, submission)  # the same answer came in at the same time


def first_receipt(connection: Connection, call: Call, submission: Submission, now: float) -> Receipt:
    """Return the receipt of what was submitted before.

    Raises:
        AuthenticationError: If the request was received before.
        LeaseError: If the lease is not the caller's.
    """
    use(connection, call, now=now)
    return _receipt_of_the_first(connection, call, submission)


def _receipt_of_the_first(connection: Connection, call: Call, submission: Submission) -> Receipt:
    place = _own_place(connection, call, submission)
    if place.present is None:
        raise GroundTruthChangedError(f"the answers under lease {place.lease.id} were changed meanwhile; submit again")
    return _first_receipt(place.present)


def _own_place(connection: Connection, call: Call, submission: Submission) -> Place:
    place = submissions.hold_place(connection, submission.lease_id, submission.window_id, submission.miner_hotkey)
    if place is None:
        raise no_lease(submission.lease_id)
    check_own(place.lease, call.hotkey)
    return place


def _row(caller: Hotkey, conversation: int, submission: Submission, receipt: Receipt, now: float) -> dict[str, object]:
    return {
        "id": receipt.submission_id,
        "lease": submission.lease_id,
        "conversation": conversation,
        "window_id": submission.window_id,
        "validator_hotkey": caller,
        "miner_hotkey": submission.miner_hotkey,
        "miner_uid": submission.miner_uid,
        "outcome": submission.outcome,
        "detail": submission.detail,
        "shown": None if submission.shown is None else orjson.dumps(submission.shown).decode(),
        "answer": submission.answer.model_dump_json() if submission.answer else None,
        "seconds": submission.seconds,
        "claimed_score": submission.score,
        "claimed_reward": submission.reward,
        "score": receipt.score,
        "reasons": orjson.dumps(receipt.reasons).decode(),
        "agrees": receipt.agrees,
        "scoring_version": submission.scoring_version,
        "submitted_at": now,
    }


def _first_receipt(present: Present) -> Receipt:
    return Receipt(
        submission_id=present.id,
        score=present.score,
        reasons=tuple(orjson.loads(present.reasons)),
        agrees=present.agrees,
        is_duplicate=True,
    )
