"""Leases: one conversation is held by one validator at a time, until it completes, gives back or runs out.

Who holds what is decided inside the database (`db.queue.take_next`); an attempt number fences off
whoever comes late.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection

from conversation_genome.annotation import GroundTruth, Hotkey
from conversation_genome.conversation import TASK_LEVEL
from conversation_genome.errors import (
    InputError,
    LeaseError,
    LeaseExpiredError,
    LeaseHeldByAnotherError,
    LeaseNotFoundError,
)
from conversation_genome.protocol.messages import PROTOCOL_VERSION, LeasedWindow, LeaseRequest, LeaseStatus
from conversation_genome.protocol.reads import ConversationState
from conversation_server.db import conversations, leases, queue, submissions
from conversation_server.db.leases import HandedOut, HeldLease
from conversation_server.db.queue import Grant
from conversation_server.services.times import at
from conversation_server.services.tools import Tools

TASK_TYPES: Final = ("conversation_tagging",)
WINDOWS: Final = TypeAdapter(tuple[LeasedWindow, ...])
MAX_LEASES_OF_ONE_HOLDER: Final = 64


@dataclass(frozen=True, slots=True)
class Handing:
    """A lease with what is handed out under it."""

    lease: HeldLease
    out: HandedOut
    submitted: tuple[tuple[str, str], ...] = ()
    """(window id, miner hotkey) of what was submitted under it before."""

    def bundle(self) -> bytes:
        """Return the Bundle as JSON: what is stored as JSON goes out as it lies there, and is not read on its way."""
        return orjson.dumps(
            {
                "protocol_version": PROTOCOL_VERSION,
                "lease_id": self.lease.id,
                "expires_at": at(self.lease.expires_at),
                "attempt": self.lease.attempt,
                "task_type": self.lease.task_type,
                "conversation": orjson.Fragment(self.out.record),
                "windows": orjson.Fragment(self.out.leased_windows),
                "submitted": self.submitted,
            },
            option=orjson.OPT_UTC_Z,
        )


@dataclass(frozen=True, slots=True)
class Grounded:
    """A lease whose ground truth is stored."""

    lease: HeldLease
    digest: str
    out: HandedOut | None
    """What was handed out under it; None where the same ground truth was there before."""

    @property
    def status(self) -> LeaseStatus:
        """What the validator is told."""
        return LeaseStatus(lease_id=self.lease.id, state="held", expires_at=at(self.lease.expires_at))


class Leases:
    """What a validator may do with leases, inside one transaction."""

    def __init__(self, connection: Connection, tools: Tools) -> None:
        self._connection = connection
        self._tools = tools

    def lease_next(self, caller: Hotkey, request: LeaseRequest) -> Handing | None:
        """Return what the caller holds and does not name, else the next free conversation, else None."""
        now = self._tools.clock()
        known = [name for name in request.task_types if name in TASK_TYPES]
        if not known:
            raise InputError(f"no task type of {list(request.task_types)} is handed out; known are {list(TASK_TYPES)}")
        lease = leases.forgotten_by(self._connection, caller, holding=request.holding, task_types=known, now=now)
        if lease is not None:
            submitted = submissions.keys_of_lease(self._connection, lease.id)
            return Handing(lease, leases.handed_out(self._connection, lease.conversation), tuple(submitted))
        return self._new_lease(caller, known[0], now)

    def renew(self, caller: Hotkey, lease_id: str) -> LeaseStatus:
        """Hold a lease for another full term, counted from now."""
        lease = self.held(caller, lease_id)
        until = self._tools.clock() + self._tools.settings.server_lease_seconds
        leases.extend(self._connection, lease_id, until=until)
        conversations.set_columns(self._connection, lease.conversation, available_at=until)
        return LeaseStatus(lease_id=lease_id, state="held", expires_at=at(until))

    def release(self, caller: Hotkey, lease_id: str, reason: str) -> LeaseStatus:
        """Give a lease back; the conversation is free at once. Giving it back again changes nothing.

        Args:
            caller: Who holds the lease.
            lease_id: The lease.
            reason: What went wrong with this conversation; empty where nothing did, as when a validator stops.
        """
        lease = self.own(caller, lease_id)
        if lease.state != "released":
            lease = self.held(caller, lease_id)
            leases.end(self._connection, lease_id, "released")
            before = conversations.standing(self._connection, lease.conversation)
            conversations.set_columns(
                self._connection,
                lease.conversation,
                state=ConversationState.WAITING,
                available_at=0.0,
                detail=f"given back by {caller}: {reason}" if reason else before.detail,
                failures=before.failures if reason else before.failures - 1,
            )
        return LeaseStatus(lease_id=lease_id, state="released")

    def put_ground_truth(self, caller: Hotkey, lease_id: str, ground_truth: GroundTruth, body: bytes) -> Grounded:
        """Store what the caller holds true; the same again changes nothing.

        Args:
            caller: Who holds the lease.
            lease_id: The lease.
            ground_truth: As it was read from the body.
            body: As it was sent.

        Raises:
            InputError: If it does not cover a window that miners are asked about, or names one that is not there.
            LeaseError: If answers were scored against another one.
        """
        lease = self.held(caller, lease_id)
        digest = hashlib.sha256(body).hexdigest()
        present = leases.ground_truth_digest(self._connection, lease_id)
        if present == digest:
            return Grounded(lease, digest, None)
        if present is not None and submissions.count_of_lease(self._connection, lease_id):
            raise LeaseError(
                f"answers under lease {lease_id} were scored against another ground truth; release the lease to begin anew"
            )
        known = leases.handed_out(self._connection, lease.conversation)
        _check_cover(ground_truth, WINDOWS.validate_json(known.leased_windows))
        row = {"lease": lease_id, "digest": digest, "body": body.decode(), "stored_at": self._tools.clock()}
        leases.store_ground_truth(self._connection, row)
        return Grounded(lease, digest, known)

    def own(self, caller: Hotkey, lease_id: str) -> HeldLease:
        """Return a lease of the caller's, whatever its state.

        Raises:
            LeaseNotFoundError: If there is none with this id.
            LeaseHeldByAnotherError: If it is another validator's.
        """
        lease = leases.with_id(self._connection, lease_id)
        if lease is None:
            raise no_lease(lease_id)
        check_own(lease, caller)
        return lease

    def live(self, caller: Hotkey, lease_id: str) -> HeldLease:
        """Return a lease that the caller holds now.

        Raises:
            LeaseNotFoundError: If there is none with this id.
            LeaseHeldByAnotherError: If it is another validator's.
            LeaseExpiredError: If it ran out, was given back or is completed.
        """
        lease = self.own(caller, lease_id)
        check_live(lease, self._tools.clock())
        return lease

    def held(self, caller: Hotkey, lease_id: str) -> HeldLease:
        """Return a lease that the caller holds now, and that nobody else may change before this transaction ends.

        Raises:
            LeaseError: As in `live`.
        """
        lease = leases.lock(self._connection, self.own(caller, lease_id))
        check_live(lease, self._tools.clock())
        return lease

    def _new_lease(self, caller: Hotkey, task_type: str, now: float) -> Handing | None:
        until = now + self._tools.settings.server_lease_seconds
        grant = queue.take_next(self._connection, holder=caller, now=now, until=until)
        while grant is not None and grant.failures > self._tools.settings.server_max_failures:
            self._quarantine(grant)
            grant = queue.take_next(self._connection, holder=caller, now=now, until=until)
        if grant is None:
            return None
        lease = HeldLease(
            id=secrets.token_hex(16),
            holder=caller,
            state="held",
            attempt=grant.attempt,
            expires_at=until,
            conversation=grant.conversation,
            task_type=task_type,
        )
        leases.add(self._connection, lease, granted_at=now)
        return Handing(lease, grant.out or leases.handed_out(self._connection, lease.conversation))

    def _quarantine(self, grant: Grant) -> None:
        """Hand a conversation out no more: something about it makes validators fail."""
        before = conversations.standing(self._connection, grant.conversation)
        leases.expire(self._connection, grant.conversation)
        conversations.set_columns(
            self._connection,
            grant.conversation,
            state=ConversationState.QUARANTINED,
            available_at=None,
            attempts=grant.attempt - 1,
            failures=grant.failures - 1,
            detail=f"{grant.failures - 1} leases in a row were not completed; {before.detail or 'they ran out'}"[
                :1_000
            ],
        )


def no_lease(lease_id: str) -> LeaseNotFoundError:
    """Return the error that says that there is no such lease."""
    return LeaseNotFoundError(f"there is no lease {lease_id[:100]!r}; ask for a new one")


def check_own(lease: HeldLease, caller: Hotkey) -> None:
    """Let a lease pass that is the caller's, whatever its state.

    Raises:
        LeaseHeldByAnotherError: If it is another validator's.
    """
    if lease.holder != caller:
        raise LeaseHeldByAnotherError(f"lease {lease.id} belongs to another validator")


def check_live(lease: HeldLease, now: float) -> None:
    """Let a lease pass that is held now.

    Raises:
        LeaseExpiredError: If it ran out, was given back or is completed.
    """
    if lease.state in ("released", "completed"):
        raise LeaseExpiredError(f"lease {lease.id} was {lease.state}; ask for a new one")
    if lease.state != "held" or lease.expires_at <= now:
        raise LeaseExpiredError(
            f"lease {lease.id} (attempt {lease.attempt}) ran out at {at(lease.expires_at).isoformat(timespec='seconds')}; ask for a new one"
        )


def _check_cover(ground_truth: GroundTruth, windows: tuple[LeasedWindow, ...]) -> None:
    known = {window.window_id for window in windows}
    missing = [w.window_id for w in windows if w.level == TASK_LEVEL and w.window_id not in ground_truth.windows]
    if missing:
        raise InputError(
            f"the ground truth leaves {len(missing)} of the windows out that miners are asked about, first {missing[0]!r}"
        )
    strange = sorted(ground_truth.windows.keys() - known)
    if strange:
        raise InputError(
            f"the ground truth names {len(strange)} windows that are not in the bundle, first {strange[0][:100]!r}"
        )
