"""One client process that leases, holds and completes as fast as it can, with a clock of its own.

`python -m tests_ap.integration.server.hammer URL SECONDS-AHEAD HOLDER` prints the conversations that it was granted,
one a line: number, attempt, and the moments (on its own clock) from which and until which it holds it.
"""

import asyncio
import random
import sys
import time

from sqlalchemy import Connection, select

from conversation_server.db import conversations, leases, queue
from conversation_server.db.database import Database
from conversation_server.db.leases import HeldLease
from conversation_server.db.models import LeaseRow

TERM_SECONDS = 0.2
JUMP_SECONDS = 0.4


class JumpingClock:
    """The real time, but for jumps: what a machine shows whose clock is set again and again."""

    def __init__(self, ahead: float, chance: random.Random) -> None:
        self._ahead, self._chance = ahead, chance

    def __call__(self) -> float:
        if self._chance.random() < 0.02:
            self._ahead = self._chance.uniform(-JUMP_SECONDS, JUMP_SECONDS)
        return time.time() + self._ahead


async def hammer(url: str, ahead: float, holder: str) -> None:
    """Take conversations until none is left, completing most and losing the others."""
    chance = random.Random(holder)
    clock, database = JumpingClock(ahead, chance), Database(url)
    quiet = 0
    while quiet < 20:
        quiet = 0 if await turn(database, clock, holder, chance) else quiet + 1
        await asyncio.sleep(0.02 if quiet else 0)
    await database.close()


async def turn(database: Database, clock: JumpingClock, holder: str, chance: random.Random) -> bool:
    """Take one conversation, and complete it unless this holder is one that forgets."""
    now = clock()
    lease = await database.transact(lambda connection: grant(connection, holder, now), is_write=True)
    if lease is None:
        return False
    print("granted", lease.conversation, lease.attempt, flush=True)
    if chance.random() < 0.2:
        return True  # forgotten: it runs out and goes to somebody else
    await asyncio.sleep(chance.uniform(0.0, TERM_SECONDS / 2))
    if await database.transact(lambda connection: complete(connection, lease, clock), is_write=True):
        print("completed", lease.conversation, lease.attempt, flush=True)
    return True


def grant(connection: Connection, holder: str, now: float) -> HeldLease | None:
    """Grant a lease, as the service does it."""
    found = queue.take_next(connection, holder=holder, now=now, until=now + TERM_SECONDS)
    if found is None:
        return None
    lease = HeldLease(
        id=f"{found.conversation}-{found.attempt}-{holder}",
        holder=holder,
        state="held",
        attempt=found.attempt,
        expires_at=now + TERM_SECONDS,
        conversation=found.conversation,
        task_type="conversation_tagging",
    )
    leases.add(connection, lease, granted_at=now)
    return lease


def complete(connection: Connection, granted: HeldLease, clock: JumpingClock) -> bool:
    """Complete a lease if it is still held, as the service does it."""
    before = leases.with_id(connection, granted.id)
    assert before is not None, "a lease is gone"
    lease = leases.lock(connection, before)
    if lease.state != "held" or lease.expires_at <= clock():
        return False
    others = connection.scalars(
        select(LeaseRow.id).where(LeaseRow.conversation == lease.conversation, LeaseRow.state == "held")
    )
    assert others.all() == [lease.id], "two hold one conversation"
    leases.end(connection, lease.id, "completed")
    conversations.set_columns(
        connection, lease.conversation, state="completed", available_at=None, gradings=1, failures=0
    )
    return True


if __name__ == "__main__":
    asyncio.run(hammer(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
