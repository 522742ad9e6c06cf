"""Leases and the ground truths that were established under them."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.models import GroundTruthRow, LeaseRow


async def with_id(session: AsyncSession, lease_id: str) -> LeaseRow | None:
    """Return a lease."""
    return await session.get(LeaseRow, lease_id)


async def lock(session: AsyncSession, lease_id: str) -> LeaseRow:
    """Return a lease that is known to exist, as it is now; it stays so until the transaction ends."""
    return await session.get_one(LeaseRow, lease_id, with_for_update=True, populate_existing=True)


async def forgotten_by(
    session: AsyncSession, holder: str, *, holding: Collection[str], task_types: Collection[str], now: float
) -> LeaseRow | None:
    """Return a live lease of this holder that is not among those it names, oldest first."""
    return await session.scalar(
        select(LeaseRow)
        .where(
            LeaseRow.holder == holder,
            LeaseRow.state == "held",
            LeaseRow.expires_at > now,
            LeaseRow.task_type.in_(task_types),
            LeaseRow.id.not_in(holding),
        )
        .order_by(LeaseRow.granted_at, LeaseRow.id)
        .limit(1)
    )


async def add(session: AsyncSession, lease: LeaseRow) -> None:
    """Put a lease in; the one before it on the same conversation is over."""
    await expire(session, lease.conversation)
    session.add(lease)
    await session.flush()


async def expire(session: AsyncSession, conversation: int) -> None:
    """End the lease on a conversation that was not ended by its holder."""
    await session.execute(
        update(LeaseRow)
        .where(LeaseRow.conversation == conversation, LeaseRow.state == "held")
        .values(state="expired")
        .execution_options(synchronize_session=False)
    )


def counts(connection: Connection) -> list[tuple[str, str, int]]:
    """Return (holder, state, how many) of all leases."""
    return [(holder, state, count) for holder, state, count in connection.execute(_COUNTS)]


_COUNTS: Final = select(LeaseRow.holder, LeaseRow.state, func.count()).group_by(LeaseRow.holder, LeaseRow.state)


async def ground_truth_digest(session: AsyncSession, lease_id: str) -> str | None:
    """Return the digest of the ground truth of a lease: its body may be large, and is seldom needed."""
    return await session.scalar(select(GroundTruthRow.digest).where(GroundTruthRow.lease == lease_id))


async def ground_truth(session: AsyncSession, lease_id: str) -> GroundTruthRow:
    """Return the ground truth of a lease that is known to have one."""
    return await session.get_one(GroundTruthRow, lease_id)


async def store_ground_truth(session: AsyncSession, row: GroundTruthRow) -> None:
    """Put a ground truth in, in place of the one before it."""
    await session.merge(row)
    await session.flush()


async def holders_of_completed(session: AsyncSession, conversation: int) -> list[LeaseRow]:
    """Return the completed leases of a conversation, the first one first."""
    rows = await session.scalars(
        select(LeaseRow)
        .where(LeaseRow.conversation == conversation, LeaseRow.state == "completed")
        .order_by(LeaseRow.attempt)
    )
    return list(rows)
