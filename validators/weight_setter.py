"""Turns rewards into moving averages, and moving averages into weights at the end of every epoch."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Metagraph, Netuid
from conversation_genome.chain.rules import WEIGHTS_VERSION
from conversation_genome.errors import ChainError, PermissionDeniedError
from conversation_genome.rewards import HELD_SAMPLES, Accounts, Copy, Meeting, weights_of
from conversation_genome.scoring.copies import CopyEvidence, CopyMemory, sources_of
from validators.state import ValidatorState, load_state, save_state

log = structlog.get_logger(__name__)

_TAIL_SHARE = 5
"""Weights are set in the last fifth of an epoch, when the averages hold as much of it as they can."""


class WeightSetter:
    """Holds the moving averages; safe to call from several threads."""

    def __init__(
        self, chain: Chain, netuid: Netuid, *, alpha: float, state_path: Path, held_windows: int = HELD_SAMPLES
    ) -> None:
        """Take up the averages that were saved; a newcomer is paid after `held_windows`.

        Raises:
            SettingsError: If the saved state cannot be read.
        """
        self._chain = chain
        self._netuid = netuid
        self._alpha = alpha
        self._held_windows = held_windows
        self._path = state_path
        self._lock = threading.Lock()
        self._state = load_state(state_path)

    @property
    def state(self) -> ValidatorState:
        """The averages as they are now."""
        return self._state

    def reward(self, rewards: Mapping[Hotkey, float]) -> None:
        """Move the averages of the miners that were asked; the others keep theirs."""
        with self._lock:
            averages = self._state.averages.updated(rewards, alpha=self._alpha)
            self._state = self._state.model_copy(update={"averages": averages})

    def remember_copies(self, evidence: Sequence[CopyEvidence]) -> CopyMemory:
        """Add what more windows tell of who copies whom, and return all that is known."""
        with self._lock:
            copies = self._state.copies.after(evidence)
            kinship = self._state.kinship.updated(_meeting(one) for one in evidence if one.is_varied)
            self._state = self._state.model_copy(update={"copies": copies, "kinship": kinship})
            return copies

    def suspects(self) -> dict[Hotkey, tuple[Hotkey, ...]]:
        """Return by hotkey those to ask about the same windows, so that a suspicion of copying is settled."""
        return self._state.kinship.suspects()

    def save(self) -> None:
        """Write the averages to the state file."""
        with self._lock:
            save_state(self._path, self._state)

    def set_when_due(self) -> bool:
        """Set weights once in the last fifth of each epoch; return whether they were set now.

        Miners that are no longer registered are forgotten. Nobody earned anything, or nearly all are newcomers whose
        pay is held back: no weights.
        """
        rules, metagraph = self._chain.hyperparameters(self._netuid), self._chain.metagraph(self._netuid)
        tail = max(1, rules.tempo // _TAIL_SHARE)
        if metagraph.epoch == self._state.last_epoch or metagraph.block < metagraph.epoch_ends - tail:
            return False
        state = self._forget_unregistered(metagraph)
        pay, accounts = state.accounts.settled(state.averages, state.kinship.kin(), held_samples=self._held_windows)
        weights = weights_of(pay)
        if weights is None:
            if any(account.earned for account in accounts.by_hotkey.values()):
                self._remember_epoch(metagraph.epoch, accounts)  # what is held back now is paid later
            return False
        try:
            self._chain.set_weights(self._netuid, weights, version=WEIGHTS_VERSION)
        except (ChainError, PermissionDeniedError) as exc:
            log.warning("weights refused", reason=str(exc), code=exc.code)
            return False
        self._remember_epoch(metagraph.epoch, accounts)
        log.info("weights set", epoch=metagraph.epoch, block=metagraph.block, miners=len(weights))
        return True

    def _forget_unregistered(self, metagraph: Metagraph) -> ValidatorState:
        with self._lock:
            averages = self._state.averages.kept(metagraph.by_hotkey)
            copies = self._state.copies.kept(metagraph.by_hotkey)
            kinship = self._state.kinship.kept(metagraph.by_hotkey)
            accounts = self._state.accounts.kept(metagraph.by_hotkey)
            kept = {"averages": averages, "copies": copies, "kinship": kinship, "accounts": accounts}
            self._state = self._state.model_copy(update=kept)
            return self._state

    def _remember_epoch(self, epoch: int, accounts: Accounts) -> None:
        with self._lock:
            self._state = self._state.model_copy(update={"last_epoch": epoch, "accounts": accounts})
        self.save()


def _meeting(evidence: CopyEvidence) -> Meeting:
    """Return what one window alone told of its answers; nobody is the author of two that copied each other."""
    found = sources_of(evidence)
    copies = {
        frozenset(pair): Copy(Hotkey(pair[0]), Hotkey(pair[1]), None if pair[::-1] in found else Hotkey(pair[1]))
        for pair in found
    }
    return Meeting(tuple(map(Hotkey, evidence.names)), tuple(copies.values()))
