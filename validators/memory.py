"""Memory: the validator's state in this process, one event after the other, each on the disk before it counts."""

import secrets
import threading
from collections.abc import Mapping, Sequence

from conversation_genome.annotation import GroundTruth, Hotkey
from conversation_genome.protocol.messages import Submission
from conversation_genome.rewards import Accounts
from conversation_genome.scoring.copies import CopyEvidence, CopyMemory
from validators.events import (
    Closed,
    EpochHeldBack,
    Event,
    Evidence,
    Graded,
    HandedIn,
    Left,
    Opened,
    Rewarded,
    SecretDrawn,
    Suspected,
    WeighingBegun,
    WeighingEnded,
)
from validators.state import OpenLease, Outgoing, ValidatorState, Weighing
from validators.store import StateStore

_SECRET_BYTES = 32


class Memory:
    """Remembers; safe to use from several threads.

    Every method that changes something blocks until the disk has it, and raises StateUnwritableError, with nothing
    changed, where it cannot.
    """

    def __init__(self, store: StateStore, *, alpha: float) -> None:
        """Take up what was stored.

        Args:
            store: Where events are written down.
            alpha: Weight of the newest reward in a moving average, in (0, 1].
        """
        self._store = store
        self._alpha = alpha
        self._lock = threading.Lock()
        self._state = store.state

    @property
    def state(self) -> ValidatorState:
        """Everything, as it is now."""
        return self._state

    def secret(self) -> bytes:
        """Return what decides which lines a miner is shown; drawn when it is first asked for."""
        with self._lock:
            if not self._state.secret:
                self._happened(SecretDrawn(secret=secrets.token_hex(_SECRET_BYTES)))
            return bytes.fromhex(self._state.secret)

    def reward(self, rewards: Mapping[Hotkey, float]) -> None:
        """Move the averages of the miners of one window; the others keep theirs."""
        self._record(Rewarded(rewards=dict(rewards), alpha=self._alpha))

    def remember_copies(self, evidence: Sequence[CopyEvidence]) -> CopyMemory:
        """Add what more windows tell of who copies whom, and return all that is known."""
        self._record(Suspected(evidence=tuple(map(Evidence.of, evidence))))
        return self._state.copies

    def known_after(self, evidence: Sequence[CopyEvidence]) -> CopyMemory:
        """Return all that is known of copies with these windows, which `graded` adds."""
        return self._state.copies.after(evidence)

    def opened(
        self,
        lease_id: str,
        ground_truth: GroundTruth,
        plan: Sequence[Mapping[str, Sequence[Hotkey]]],
        roll_call: int | None,
    ) -> OpenLease:
        """Keep what was established and drawn for a lease, and return it."""
        stretches = tuple({window: tuple(miners) for window, miners in stretch.items()} for stretch in plan)
        lease = OpenLease(lease_id=lease_id, ground_truth=ground_truth, plan=stretches)
        self._record(Opened(lease=lease, roll_call=roll_call))
        return lease

    def graded(
        self,
        lease_id: str,
        stretch: int,
        evidence: Sequence[CopyEvidence],
        rewards: Sequence[Mapping[Hotkey, float]],
        submissions: Sequence[Submission],
    ) -> None:
        """Keep what is to be handed in: from now on it is this and nothing else."""
        outgoing = Outgoing(rewards=tuple(map(dict, rewards)), submissions=tuple(submissions))
        packed = tuple(map(Evidence.of, evidence))
        self._record(Graded(lease_id=lease_id, stretch=stretch, evidence=packed, outgoing=outgoing))

    def handed_in(self, lease_id: str, stretch: int) -> None:
        """Move the averages by a stretch that the server has; once, however often this is said."""
        lease = self._state.leases.get(lease_id)
        if lease is not None and stretch in lease.waiting:
            self._record(HandedIn(lease_id=lease_id, stretch=stretch, alpha=self._alpha))

    def closed(self, lease_id: str) -> None:
        """Forget a lease that is over; what of it was not handed in never counts."""
        if lease_id in self._state.leases:
            self._record(Closed(lease_id=lease_id))

    def keep_registered(self, registered: Mapping[Hotkey, object]) -> ValidatorState:
        """Forget whoever is not registered any more, and return what is left."""
        known = {
            *self._state.averages.by_hotkey,
            *self._state.accounts.by_hotkey,
            *self._state.kinship.hotkeys,
            *self._state.copies.pairs,
            *self._state.seconds,
        }
        if not known <= registered.keys():
            self._record(Left(registered=tuple(registered)))
        return self._state

    def weighing(self, epoch: int, block: int, weights: Mapping[Hotkey, float], accounts: Accounts) -> None:
        """Keep which weights are about to be sent."""
        weighing = Weighing(epoch=epoch, block=block, weights=dict(weights), accounts=accounts)
        self._record(WeighingBegun(weighing=weighing))

    def weighed(self, *, stands: bool) -> None:
        """Keep what became of them."""
        self._record(WeighingEnded(stands=stands))

    def held_back(self, epoch: int, accounts: Accounts) -> None:
        """Keep that an epoch passed in which nobody could be paid yet."""
        self._record(EpochHeldBack(epoch=epoch, accounts=accounts))

    def save(self) -> None:
        """Write a snapshot, so that the next start need not read a long journal; one that fails costs nothing."""
        with self._lock:
            self._store.compact(self._state)

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._store.close()

    def _record(self, event: Event) -> None:
        with self._lock:
            self._happened(event)
            if self._store.is_long:
                self._store.compact(self._state)

    def _happened(self, event: Event) -> None:
        following = event.applied(self._state)
        self._store.append(event)
        self._state = following
