"""Waiting for the end of an epoch, on any Chain and over any outage."""

import time
from collections.abc import Callable
from typing import Final

import structlog

from conversation_genome.chain.base import Chain, Metagraph, Netuid
from conversation_genome.errors import ChainError, ChainUnavailableError

LOOKS_PER_BLOCK: Final = 2
RETRY_SECONDS: Final = 2.0
_log = structlog.get_logger(__name__)


def wait_for_epoch(
    chain: Chain,
    netuid: Netuid,
    *,
    after: int,
    timeout_seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Metagraph:
    """Return the metagraph as soon as a later epoch than `after` was paid; blocks.

    The end that a metagraph tells is a guess that owners and full blocks may shift, so that the epoch's number is
    watched: rarely while the end is far, twice a block when it is near.

    Raises:
        ChainError: If no epoch ended in time, or the chain cannot be read for another reason than an outage.
    """
    deadline = clock() + timeout_seconds
    pause = RETRY_SECONDS
    while True:
        try:
            block_seconds = chain.hyperparameters(netuid).block_seconds
            metagraph = chain.metagraph(netuid)
            if metagraph.epoch > after:
                return metagraph
            pause = max(1, metagraph.epoch_ends - metagraph.block) * block_seconds / LOOKS_PER_BLOCK
        except ChainUnavailableError as exc:
            _log.warning("the chain does not answer; the epoch is waited for", netuid=netuid, reason=str(exc))
            pause = RETRY_SECONDS
        left = deadline - clock()
        if left <= 0:
            raise ChainError(f"no epoch after {after} ended on subnet {netuid} within {timeout_seconds:g} s")
        sleep(min(pause, left))
