"""Who serves: the metagraph as it was last read, so that scoring goes on while the chain is away.

Weights never come from this copy: `weight_setter` reads the chain itself, or sets none.
"""

import time
from collections.abc import Callable
from typing import Final

import structlog

from conversation_genome.chain.base import Chain, Metagraph, Netuid
from conversation_genome.errors import ChainError

MAX_AGE_SECONDS: Final = 6 * 3600.0
"""Whoever is asked by an older copy has moved too often: a request is signed for a hotkey, and refused by any other."""
log = structlog.get_logger(__name__)


class Neighbours:
    """Reads the metagraph, and remembers it."""

    def __init__(self, chain: Chain, netuid: Netuid, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without a copy."""
        self._chain = chain
        self._netuid = netuid
        self._clock = clock
        self._copy: tuple[Metagraph, float] | None = None

    def metagraph(self) -> Metagraph:
        """Return the subnet as it is now or, while the chain cannot be read, as it was; blocks.

        Raises:
            ChainError: If it cannot be read, and was not read in the last six hours either.
        """
        try:
            metagraph = self._chain.metagraph(self._netuid)
        except ChainError as exc:
            if self._copy is None or self._clock() - self._copy[1] > MAX_AGE_SECONDS:
                raise
            log.warning(
                "chain cannot be read; scoring goes on", block=self._copy[0].block, reason=str(exc), code=exc.code
            )
            return self._copy[0]
        self._copy = (metagraph, self._clock())
        return metagraph
