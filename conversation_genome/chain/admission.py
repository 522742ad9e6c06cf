"""Who may call: decided by a copy of the metagraph, and by nobody's word once the copy is old.

Reading a chain may take seconds, so a copy is kept and refreshed beside the calls (`start`); a caller that
the copy does not know, or an old copy, asks for one refresh more, at most every few seconds.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Metagraph, Netuid, Neuron
from conversation_genome.errors import ChainError, PermissionDeniedError, StaleMetagraphError

RETRY_SECONDS: Final = 2.0
_logger = structlog.get_logger(__name__)


class Admission:
    """Lets registered hotkeys in, by permit and stake; safe to use from several threads."""

    def __init__(
        self,
        chain: Chain,
        netuid: Netuid,
        *,
        max_age_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """Begin without a copy: nobody is let in before the first refresh.

        Args:
            chain: Where the metagraph is read.
            netuid: The subnet.
            max_age_seconds: Age beyond which the copy lets nobody in.
            clock: Seconds that only grow.
            retry_seconds: Least time between two refreshes that callers bring about.
        """
        self._chain = chain
        self._netuid = netuid
        self._max_age_seconds = max_age_seconds
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._copy: tuple[Metagraph, float] | None = None
        self._tried_at = float("-inf")
        self._stop = threading.Event()

    def refresh(self) -> Metagraph:
        """Read the metagraph now and keep it; blocks. The last good copy stays when it cannot be read.

        Raises:
            ChainError: If the chain cannot be read.
        """
        with self._lock:
            self._tried_at = self._clock()
        with self._refreshing:
            read_at = self._clock()
            metagraph = self._chain.metagraph(self._netuid)
            with self._lock:
                self._copy = (metagraph, read_at)
            return metagraph

    def metagraph(self) -> Metagraph:
        """Return the copy.

        Raises:
            StaleMetagraphError: If it is too old, or was never read.
        """
        with self._lock:
            copy = self._copy
        age = float("inf") if copy is None else self._clock() - copy[1]
        if copy is None or age > self._max_age_seconds:
            raise StaleMetagraphError(
                f"the copy of the metagraph is {age:.0f} s old, older than {self._max_age_seconds:g} s: nobody is let in until the chain can be read"
                if copy
                else "the metagraph was never read: nobody is let in until the chain can be read"
            )
        return copy[0]

    def admit(self, hotkey: Hotkey, *, needs_permit: bool, min_stake: float) -> Neuron:
        """Return the neuron of a hotkey that may call; may block for one reading of the chain.

        Raises:
            PermissionDeniedError: If it is not registered, lacks the permit, or holds too little stake.
            StaleMetagraphError: If the copy of the metagraph is too old to tell.
        """
        try:
            return self._admitted(hotkey, needs_permit=needs_permit, min_stake=min_stake)
        except (PermissionDeniedError, StaleMetagraphError):
            if not self._refresh_for_caller():
                raise
        return self._admitted(hotkey, needs_permit=needs_permit, min_stake=min_stake)

    def start(self, every_seconds: float) -> None:
        """Refresh in a thread of its own until `stop`; failures are logged and tried again."""
        threading.Thread(target=self._keep_fresh, args=(every_seconds,), name="metagraph", daemon=True).start()

    def stop(self) -> None:
        """End the refreshing."""
        self._stop.set()

    def _keep_fresh(self, every_seconds: float) -> None:
        while not self._stop.wait(every_seconds):
            try:
                self.refresh()
            except ChainError as exc:
                _logger.warning("The metagraph could not be read", netuid=self._netuid, reason=str(exc))
            except Exception:  # the edge of a loop that must not end
                _logger.exception("Reading the metagraph failed", netuid=self._netuid)

    def _refresh_for_caller(self) -> bool:
        with self._lock:
            now = self._clock()
            if now - self._tried_at < self._retry_seconds:
                return False
            self._tried_at = now
        try:
            self.refresh()
        except ChainError as exc:
            _logger.warning("The metagraph could not be read", netuid=self._netuid, reason=str(exc))
            return False
        return True

    def _admitted(self, hotkey: Hotkey, *, needs_permit: bool, min_stake: float) -> Neuron:
        metagraph = self.metagraph()
        neuron = metagraph.by_hotkey.get(hotkey)
        if neuron is None:
            raise PermissionDeniedError(f"hotkey {hotkey} is not registered on subnet {self._netuid}")
        if needs_permit and not neuron.validator_permit:
            raise PermissionDeniedError(f"hotkey {hotkey} holds no validator permit on subnet {self._netuid}")
        if neuron.stake < min_stake:
            raise PermissionDeniedError(
                f"hotkey {hotkey} holds a stake of {neuron.stake:g}, less than the {min_stake:g} that are asked for"
            )
        return neuron
