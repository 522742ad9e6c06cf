"""Turns moving averages into weights once an epoch, and knows what became of those that it sent.

The rule of this module: whatever the chain does, old weights stay rather than wrong ones are set. A chain that cannot be
read or refuses is asked again later; weights whose fate is open are looked for before anything is sent again, also
after a restart.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Hyperparameters, Metagraph, Netuid
from conversation_genome.chain.rules import WEIGHTS_VERSION
from conversation_genome.errors import ChainError, PermissionDeniedError, WeightsPendingError
from conversation_genome.rewards import HELD_SAMPLES, weights_of
from conversation_genome.scoring.copies import CopyEvidence, CopyMemory
from validators.memory import Memory
from validators.metrics import ValidatorMetrics
from validators.state import ValidatorState
from validators.store import StateStore

log = structlog.get_logger(__name__)

_DUE_AFTER: Final = 0.5
"""Of an epoch: what it has shown by then counts, and there is half of it left to try again."""
_SPREAD: Final = 0.2
"""Of an epoch, over which validators spread, so that they do not all send in one block."""
_MOST_BLOCKS_OPEN: Final = 16
"""Blocks in which what a killed process sent may still be included (the chain adapter's era); fewer in short epochs."""
_CHECKS_PER_EPOCH: Final = 20


class WeightSetter:
    """Sets weights when they are due; safe to use beside whatever changes the averages."""

    def __init__(
        self,
        chain: Chain,
        netuid: Netuid,
        *,
        alpha: float,
        state_path: Path,
        held_windows: int = HELD_SAMPLES,
        hotkey: Hotkey | None = None,
        metrics: ValidatorMetrics | None = None,
    ) -> None:
        """Take up what was saved; a newcomer is paid after `held_windows`.

        Args:
            chain: Where weights are set.
            netuid: The subnet.
            alpha: Weight of the newest reward in a moving average, in (0, 1].
            state_path: Where the state is kept.
            held_windows: Windows that a hotkey is asked about before it is paid.
            hotkey: The validator's own: its state is no other's, and by it weights are found again after a restart.
            metrics: What counts.

        Raises:
            SettingsError: If the saved state is another validator's, or cannot be read.
        """
        self._chain = chain
        self._netuid = netuid
        self._held_windows = held_windows
        self._hotkey = hotkey
        self._metrics = metrics or ValidatorMetrics()
        self._is_pending = False
        """Whether the chain itself said that weights which this process sent may still come."""
        self._pause_seconds: float | None = None
        self.memory = Memory(StateStore(state_path, owner=f"{hotkey} on {netuid}" if hotkey else ""), alpha=alpha)

    @property
    def state(self) -> ValidatorState:
        """Everything that is remembered, as it is now."""
        return self.memory.state

    def reward(self, rewards: Mapping[Hotkey, float]) -> None:
        """Move the averages of the miners that were asked; the others keep theirs."""
        self.memory.reward(rewards)

    def remember_copies(self, evidence: Sequence[CopyEvidence]) -> CopyMemory:
        """Add what more windows tell of who copies whom, and return all that is known."""
        return self.memory.remember_copies(evidence)

    def suspects(self) -> dict[Hotkey, tuple[Hotkey, ...]]:
        """Return by hotkey those to ask about the same windows, so that a suspicion of copying is settled."""
        return self.state.kinship.suspects()

    def save(self) -> None:
        """Write a snapshot of everything."""
        self.memory.save()

    def pause_seconds(self, unknown: float) -> float:
        """Return how long to wait until the next look: a twentieth of an epoch, `unknown` before the chain was read."""
        return unknown if self._pause_seconds is None else self._pause_seconds

    def set_when_due(self) -> bool:
        """Set weights once in the second half of each epoch; return whether they were set now.

        Miners that are no longer registered are forgotten. Nobody earned anything, or nearly all are newcomers whose
        pay is held back: no weights. So it is where the chain cannot be read, is not one that this version reads, or
        refuses: that is logged and counted, and the old weights stay.

        Raises:
            StateUnwritableError: If it cannot be written down that weights are about to be sent; none are sent then.
        """
        try:
            rules, metagraph = self._chain.hyperparameters(self._netuid), self._chain.metagraph(self._netuid)
        except (ChainError, PermissionDeniedError) as exc:
            self._refused("chain cannot be read; old weights stay", exc)
            return False
        self._pause_seconds = rules.tempo * rules.block_seconds / _CHECKS_PER_EPOCH
        if self.state.weighing is not None:
            return self._settle_open(metagraph, rules)
        return self._is_due(metagraph, rules) and self._set(metagraph)

    def _is_due(self, metagraph: Metagraph, rules: Hyperparameters) -> bool:
        """Return whether this epoch has no weights yet, and its moment has come: at once if the one before had none."""
        last = self.state.last_epoch
        if metagraph.epoch == last:
            return False
        if 0 <= last < metagraph.epoch - 1:
            return True
        share = _DUE_AFTER + _SPREAD * _chance(f"{self._hotkey}/{metagraph.epoch}")
        return metagraph.block >= metagraph.epoch_ends - rules.tempo * (1 - share)

    def _set(self, metagraph: Metagraph) -> bool:
        state = self.memory.keep_registered(metagraph.by_hotkey)
        pay, accounts = state.accounts.settled(state.averages, state.kinship.kin(), held_samples=self._held_windows)
        weights = weights_of(pay)
        if weights is None:
            if any(account.earned for account in accounts.by_hotkey.values()):
                self.memory.held_back(metagraph.epoch, accounts)  # what is held back now is paid later
            return False
        self.memory.weighing(metagraph.epoch, metagraph.block, weights, accounts)
        return self._send(metagraph, weights)

    def _send(self, metagraph: Metagraph, weights: Mapping[Hotkey, float]) -> bool:
        """Send the weights that were written down as under way, and write down what became of them."""
        self._is_pending = False
        try:
            self._chain.set_weights(self._netuid, weights, version=WEIGHTS_VERSION)
        except WeightsPendingError as exc:
            self._is_pending = True
            self._refused("weights are on their way", exc)
            return False
        except (ChainError, PermissionDeniedError) as exc:
            self.memory.weighed(stands=False)
            self._refused("weights refused", exc)
            return False
        self._stand(metagraph)
        return True

    def _settle_open(self, metagraph: Metagraph, rules: Hyperparameters) -> bool:
        """Find out what became of weights that were sent before; return whether they stand.

        Those of this process the chain still knows, and finds or sends again by itself. Those of one that was killed are
        told by the own last update; while they may still be included, nothing else is sent.
        """
        weighing = self.state.weighing
        if weighing is None:
            return False
        if self._is_pending:
            return self._send(metagraph, weighing.weights)
        own = metagraph.by_hotkey.get(self._hotkey) if self._hotkey else None
        if own is not None and own.last_update >= weighing.block:
            self._stand(metagraph)
            return True
        if metagraph.block > weighing.block + min(_MOST_BLOCKS_OPEN, rules.tempo // _CHECKS_PER_EPOCH):
            self.memory.weighed(stands=False)
            return self._is_due(metagraph, rules) and self._set(metagraph)
        return False

    def _stand(self, metagraph: Metagraph) -> None:
        self.memory.weighed(stands=True)
        self._metrics.weights_set.inc()
        self._metrics.weights_set_at.set_to_current_time()
        self.memory.save()
        log.info("weights set", epoch=metagraph.epoch, block=metagraph.block, miners=len(self.state.last_weights))

    def _refused(self, event: str, exc: ChainError | PermissionDeniedError) -> None:
        self._metrics.weights_refused.labels(exc.code).inc()
        log.warning(event, reason=str(exc), code=exc.code)


def _chance(text: str) -> float:
    """Return a number in [0, 1) that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48
