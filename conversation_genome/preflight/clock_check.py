"""The clock: a signed request is good for 10 s back and 2 s ahead, so that a clock that is off loses every call.

The chain's time is that of its last block. At the moment at which a new block arrives it should be as old as a block
takes to travel, whatever its length.
"""

import time
from collections.abc import Callable
from typing import Final

from conversation_genome.chain.bittensor import BlockTime
from conversation_genome.errors import ChainError
from conversation_genome.preflight.findings import Findings

AHEAD_SECONDS: Final = 2.0
"""How far a clock may be behind the time of a block that it has seen."""
LATE_SECONDS: Final = 8.0
"""How long a block may take to arrive; a clock that is ahead makes it seem longer."""
LOOK_SECONDS: Final = 0.25
BLOCKS_WAITED: Final = 2.5
SHORTEST_WAIT_SECONDS: Final = 3.0
"""For chains of tests, whose blocks take less than a busy machine does to look."""

BY_NTP: Final = "set it by NTP: `timedatectl set-ntp true`, or chrony"


def check_clock(
    read: Callable[[], BlockTime],
    *,
    block_seconds: float,
    findings: Findings,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Compare this machine's clock with the next block's time; blocks for as long as that block takes.

    Args:
        read: Returns the chain's last block.
        block_seconds: How long a block takes.
        findings: Where the result goes.
        clock: Seconds since 1970.
        sleep: Waits so many seconds.
    """
    patience = max(SHORTEST_WAIT_SECONDS, block_seconds * BLOCKS_WAITED)
    try:
        arrived = _next_block(read, patience, clock, sleep)
    except ChainError as exc:
        findings.notes.append(f"the clock was not compared with the chain's: {exc}")
        return
    if arrived is None:
        findings.fault(
            f"the chain made no block within {patience:g} s: it stands still, or its endpoint hangs; "
            "no weights are set on such a chain. Try another endpoint (CGP_SUBTENSOR_FALLBACK_ENDPOINTS)"
        )
        return
    age = clock() - arrived.at_seconds
    if age < -AHEAD_SECONDS:
        findings.fault(f"this machine's clock is at least {-age:.0f} s behind the chain's; {BY_NTP}")
    elif age > LATE_SECONDS:
        findings.fault(
            f"block {arrived.block} was {age:.0f} s old when it arrived: this machine's clock is ahead of the chain's, or the "
            f"endpoint is behind; {BY_NTP}"
        )
    else:
        findings.passed.append(f"the clock: block {arrived.block} was {age:.1f} s old when it arrived")


def _next_block(
    read: Callable[[], BlockTime], seconds: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> BlockTime | None:
    first, began = read(), clock()
    while clock() - began < seconds:
        sleep(LOOK_SECONDS)
        last = read()
        if last.block > first.block:
            return last
    return None
