"""What changes a validator's state: each event is written down before it counts, and means the same when it is read again.

The rule of this module: `applied` is pure, and fits any state: an event that names what is not there changes nothing.
"""

import base64
import zlib
from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, TypeAdapter

from conversation_genome.annotation import Hotkey
from conversation_genome.rewards import Accounts, Copy, Meeting, MovingAverages
from conversation_genome.scoring.copies import CopyEvidence, sources_of
from validators.state import Kept, OpenLease, Outgoing, ValidatorState, Weighing


class Evidence(Kept):
    """What one window told of copies, as text."""

    names: tuple[str, ...]
    is_varied: bool
    arrays: str
    """nats, blind, likeness, borrowed and later, each n x n float64, one after the other: zlib, then base64."""

    @classmethod
    def of(cls, evidence: CopyEvidence) -> Self:
        """Return the evidence as text."""
        arrays = (evidence.nats, evidence.blind, evidence.likeness, evidence.borrowed, evidence.later)
        raw = b"".join(np.asarray(array, dtype=np.float64).tobytes() for array in arrays)
        packed = base64.b64encode(zlib.compress(raw, 1)).decode()
        return cls(names=evidence.names, is_varied=evidence.is_varied, arrays=packed)

    def unpacked(self) -> CopyEvidence:
        """Return what was packed."""
        size = len(self.names)
        raw = np.frombuffer(zlib.decompress(base64.b64decode(self.arrays)), dtype=np.float64).reshape(5, size, size)
        nats, blind, likeness, borrowed, later = raw
        return CopyEvidence(self.names, nats, blind, likeness, borrowed, later.astype(bool), self.is_varied)


class SecretDrawn(Kept):
    """The secret of the editions, drawn once."""

    kind: Literal["secret"] = "secret"
    secret: str

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        return _with(state, secret=self.secret)


class Opened(Kept):
    """A lease was taken, its ground truth established, and who is asked about what drawn."""

    kind: Literal["opened"] = "opened"
    lease: OpenLease
    roll_call: int | None = None
    """The epoch, if one of the windows goes to everybody."""

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        epoch = state.last_roll_call if self.roll_call is None else self.roll_call
        return _with(_with_lease(state, self.lease), last_roll_call=epoch)


class Graded(Kept):
    """A stretch's rewards are decided; they count when it is handed in."""

    kind: Literal["graded"] = "graded"
    lease_id: str
    stretch: int
    evidence: tuple[Evidence, ...]
    outgoing: Outgoing

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        state = _suspecting(state, self.evidence)
        seconds = {one.miner_hotkey: one.seconds for one in self.outgoing.submissions}
        state = _with(state, seconds=state.seconds | seconds)
        lease = state.leases.get(self.lease_id)
        if lease is None:
            return state
        waiting = dict(lease.waiting)
        waiting[self.stretch] = self.outgoing
        return _with_lease(state, lease.model_copy(update={"waiting": waiting}))


class HandedIn(Kept):
    """The server has every answer of a stretch."""

    kind: Literal["handed in"] = "handed in"
    lease_id: str
    stretch: int
    alpha: float

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        lease = state.leases.get(self.lease_id)
        if lease is None or self.stretch not in lease.waiting:
            return state
        left = dict(lease.waiting)
        outgoing = left.pop(self.stretch)
        lease = lease.model_copy(update={"waiting": left, "done": lease.done | {self.stretch}})
        return _with(_with_lease(state, lease), averages=_averages(state, outgoing.rewards, self.alpha))


class Closed(Kept):
    """A lease is over: completed, given back, or lost."""

    kind: Literal["closed"] = "closed"
    lease_id: str

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        return _with(state, leases={key: one for key, one in state.leases.items() if key != self.lease_id})


class Rewarded(Kept):
    """One window's rewards."""

    kind: Literal["rewarded"] = "rewarded"
    rewards: dict[Hotkey, float]
    alpha: float

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        return _with(state, averages=_averages(state, [self.rewards], self.alpha))


class Suspected(Kept):
    """What windows tell of copies, without more."""

    kind: Literal["suspected"] = "suspected"
    evidence: tuple[Evidence, ...]

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        return _suspecting(state, self.evidence)


class Left(Kept):
    """Who is not among these hotkeys is no longer registered, and is forgotten."""

    kind: Literal["left"] = "left"
    registered: tuple[Hotkey, ...]

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        present = frozenset(self.registered)
        return _with(
            state,
            averages=state.averages.kept(present),
            copies=state.copies.kept(present),
            kinship=state.kinship.kept(present),
            accounts=state.accounts.kept(present),
            seconds={hotkey: seconds for hotkey, seconds in state.seconds.items() if hotkey in present},
        )


class WeighingBegun(Kept):
    """Weights are about to be sent."""

    kind: Literal["weighing"] = "weighing"
    weighing: Weighing

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        return _with(state, weighing=self.weighing)


class WeighingEnded(Kept):
    """What became of them is known."""

    kind: Literal["weighed"] = "weighed"
    stands: bool

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        weighing = state.weighing
        if weighing is None or not self.stands:
            return _with(state, weighing=None)
        return _with(
            state,
            weighing=None,
            last_epoch=weighing.epoch,
            accounts=weighing.accounts,
            last_weights=weighing.weights,
        )


class EpochHeldBack(Kept):
    """An epoch in which nobody could be paid yet, though some earned."""

    kind: Literal["held back"] = "held back"
    epoch: int
    accounts: Accounts

    def applied(self, state: ValidatorState) -> ValidatorState:
        """Return the state after this."""
        return _with(state, last_epoch=self.epoch, accounts=self.accounts)


Event = Annotated[
    SecretDrawn
    | Opened
    | Graded
    | HandedIn
    | Closed
    | Rewarded
    | Suspected
    | Left
    | WeighingBegun
    | WeighingEnded
    | EpochHeldBack,
    Field(discriminator="kind"),
]
EVENTS: TypeAdapter[Event] = TypeAdapter(Event)


def _suspecting(state: ValidatorState, packed: Sequence[Evidence]) -> ValidatorState:
    """Return the state after what some windows tell of copies."""
    evidence = [one.unpacked() for one in packed]
    kinship = state.kinship.updated(_meeting(one) for one in evidence if one.is_varied)
    return _with(state, copies=state.copies.after(evidence), kinship=kinship)


def _averages(state: ValidatorState, windows: Sequence[dict[Hotkey, float]], alpha: float) -> MovingAverages:
    averages = state.averages
    for rewards in windows:
        averages = averages.updated(rewards, alpha=alpha)
    return averages


def _with_lease(state: ValidatorState, lease: OpenLease) -> ValidatorState:
    return _with(state, leases={**state.leases, lease.lease_id: lease})


def _with(state: ValidatorState, **changes: object) -> ValidatorState:
    return state.model_copy(update=changes)


def _meeting(evidence: CopyEvidence) -> Meeting:
    """Return what one window alone told of its answers; nobody is the author of two that copied each other."""
    found = sources_of(evidence)
    copies = {
        frozenset(pair): Copy(Hotkey(pair[0]), Hotkey(pair[1]), None if pair[::-1] in found else Hotkey(pair[1]))
        for pair in found
    }
    return Meeting(tuple(map(Hotkey, evidence.names)), tuple(copies.values()))
