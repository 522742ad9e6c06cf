"""Leases: one conversation is held by one validator at a time, until it completes, gives back or runs out.

Who holds what is decided inside the database (`db.queue.take_next`); an attempt number fences off
whoever comes late.
"""

import hashlib
import secrets
from typing import Final

import orjson
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.annotation import GroundTruth, Hotkey
from conversation_genome.conversation import TASK_LEVEL
from conversation_genome.errors import (
    InputError,
    LeaseError,
    LeaseExpiredError,
    LeaseHeldByAnotherError,
    LeaseNotFoundError,
)
from conversation_genome.protocol.messages import Bundle, LeasedWindow, LeaseRequest, LeaseStatus
from conversation_genome.protocol.reads import ConversationState
from conversation_server.db import conversations, leases, queue, submissions
from conversation_server.db.models import ConversationRow, GroundTruthRow, LeaseRow
from conversation_server.db.queue import Grant
from conversation_server.db.submissions import HeldLease
from conversation_server.services.times import at
from conversation_server.services.tools import Tools

TASK_TYPES: Final = ("conversation_tagging",)
WINDOWS: Final = TypeAdapter(tuple[LeasedWindow, ...])
MAX_LEASES_OF_ONE_HOLDER: Final = 64


class Leases:
    """What a validator may do with leases, inside one transaction."""

    def __init__(self, session: AsyncSession, tools: Tools) -> None:
        self._session = session
        self._tools = tools

    async def lease_next(self, caller: Hotkey, request: LeaseRequest) -> Bundle | None:
        """Return a bundle that the caller holds and does not name, else the next free one, else None."""
        now = self._tools.clock()
        known = [name for name in request.task_types if name in TASK_TYPES]
        if not known:
            raise InputError(f"no task type of {list(request.task_types)} is handed out; known are {list(TASK_TYPES)}")
        lease = await leases.forgotten_by(self._session, caller, holding=request.holding, task_types=known, now=now)
        if lease is not None:
            return await self._bundle(lease)
        lease = await self._new_lease(caller, known[0], now)
        return None if lease is None else await self._bundle(lease)

    async def renew(self, caller: Hotkey, lease_id: str) -> LeaseStatus:
        """Hold a lease for another full term, counted from now."""
        lease = await self.held(caller, lease_id)
        lease.expires_at = self._tools.clock() + self._tools.settings.server_lease_seconds
        await conversations.change(self._session, lease.conversation, available_at=lease.expires_at)
        return _status(lease)

    async def release(self, caller: Hotkey, lease_id: str, reason: str) -> LeaseStatus:
        """Give a lease back; the conversation is free at once. Giving it back again changes nothing.

        Args:
            caller: Who holds the lease.
            lease_id: The lease.
            reason: What went wrong with this conversation; empty where nothing did, as when a validator stops.
        """
        lease = await self.own(caller, lease_id)
        if lease.state == "released":
            return _status(lease)
        lease = await self.held(caller, lease_id)
        lease.state = "released"
        await conversations.change(
            self._session,
            lease.conversation,
            state=ConversationState.WAITING,
            available_at=0.0,
            **(
                {"detail": f"given back by {caller}: {reason}"}
                if reason
                else {"failures": ConversationRow.failures - 1}
            ),
        )
        return _status(lease)

    async def put_ground_truth(
        self, caller: Hotkey, lease_id: str, ground_truth: GroundTruth, body: bytes
    ) -> LeaseStatus:
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
        lease = await self.held(caller, lease_id)
        digest = hashlib.sha256(body).hexdigest()
        present = await leases.ground_truth_digest(self._session, lease_id)
        if present == digest:
            return _status(lease)
        if present is not None and await submissions.count_of_lease(self._session, lease_id):
            raise LeaseError(
                f"answers under lease {lease_id} were scored against another ground truth; release the lease to begin anew"
            )
        record = await conversations.record_of(self._session, lease.conversation)
        _check_cover(ground_truth, WINDOWS.validate_json(record.windows))
        row = GroundTruthRow(lease=lease_id, digest=digest, body=body.decode(), stored_at=self._tools.clock())
        await leases.store_ground_truth(self._session, row)
        return _status(lease)

    async def own(self, caller: Hotkey, lease_id: str) -> LeaseRow:
        """Return a lease of the caller's, whatever its state.

        Raises:
            LeaseNotFoundError: If there is none with this id.
            LeaseHeldByAnotherError: If it is another validator's.
        """
        lease = await leases.with_id(self._session, lease_id)
        if lease is None:
            raise no_lease(lease_id)
        check_own(lease, caller)
        return lease

    async def live(self, caller: Hotkey, lease_id: str) -> LeaseRow:
        """Return a lease that the caller holds now.

        Raises:
            LeaseNotFoundError: If there is none with this id.
            LeaseHeldByAnotherError: If it is another validator's.
            LeaseExpiredError: If it ran out, was given back or is completed.
        """
        lease = await self.own(caller, lease_id)
        check_live(lease, self._tools.clock())
        return lease

    async def held(self, caller: Hotkey, lease_id: str) -> LeaseRow:
        """Return a lease that the caller holds now, and that nobody else may change before this transaction ends.

        Raises:
            LeaseError: As in `live`.
        """
        lease = await self.own(caller, lease_id)
        # First the conversation, then the lease: in the order of the statement that hands out a conversation again.
        await conversations.lock(self._session, lease.conversation)
        lease = await leases.lock(self._session, lease_id)
        check_live(lease, self._tools.clock())
        return lease

    async def _new_lease(self, caller: Hotkey, task_type: str, now: float) -> LeaseRow | None:
        until = now + self._tools.settings.server_lease_seconds
        grant = await queue.take_next(self._session, holder=caller, now=now, until=until)
        while grant is not None and grant.failures > self._tools.settings.server_max_failures:
            await self._quarantine(grant)
            grant = await queue.take_next(self._session, holder=caller, now=now, until=until)
        if grant is None:
            return None
        lease = LeaseRow(
            id=secrets.token_hex(16),
            conversation=grant.conversation,
            holder=caller,
            task_type=task_type,
            attempt=grant.attempt,
            state="held",
            granted_at=now,
            expires_at=until,
        )
        await leases.add(self._session, lease)
        return lease

    async def _quarantine(self, grant: Grant) -> None:
        """Hand a conversation out no more: something about it makes validators fail."""
        row = await conversations.by_number(self._session, grant.conversation)
        await leases.expire(self._session, grant.conversation)
        await conversations.change(
            self._session,
            grant.conversation,
            state=ConversationState.QUARANTINED,
            available_at=None,
            attempts=grant.attempt - 1,
            failures=grant.failures - 1,
            detail=f"{grant.failures - 1} leases in a row were not completed; {row.detail or 'they ran out'}"[:1_000],
        )

    async def _bundle(self, lease: LeaseRow) -> Bundle:
        record = await conversations.record_of(self._session, lease.conversation)
        return Bundle(
            lease_id=lease.id,
            expires_at=at(lease.expires_at),
            attempt=lease.attempt,
            task_type=lease.task_type,
            conversation=orjson.loads(record.body),
            windows=WINDOWS.validate_json(record.windows),
            submitted=tuple(await submissions.keys_of_lease(self._session, lease.id)),
        )


def no_lease(lease_id: str) -> LeaseNotFoundError:
    """Return the error that says that there is no such lease."""
    return LeaseNotFoundError(f"there is no lease {lease_id[:100]!r}; ask for a new one")


def check_own(lease: LeaseRow | HeldLease, caller: Hotkey) -> None:
    """Let a lease pass that is the caller's, whatever its state.

    Raises:
        LeaseHeldByAnotherError: If it is another validator's.
    """
    if lease.holder != caller:
        raise LeaseHeldByAnotherError(f"lease {lease.id} belongs to another validator")


def check_live(lease: LeaseRow | HeldLease, now: float) -> None:
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


def _status(lease: LeaseRow) -> LeaseStatus:
    if lease.state == "held":
        return LeaseStatus(lease_id=lease.id, state="held", expires_at=at(lease.expires_at))
    return LeaseStatus(lease_id=lease.id, state="released" if lease.state == "released" else "completed")


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
