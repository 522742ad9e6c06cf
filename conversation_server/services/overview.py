"""Overview: how fast answers come in, what waits, who is at work, what went wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from conversation_genome.annotation import Outcome
from conversation_genome.protocol.reads import ConversationState
from conversation_server.db import recent
from conversation_server.db.recent import AnswerMoment
from conversation_server.services.times import at

ANSWERS: Final = 5_000
"""The newest answers that the figures are made from."""
BUCKETS: Final = 48
HELD: Final = 50
TROUBLES: Final = 8
_SPANS: Final = (600, 3_600, 6 * 3_600, 86_400, 7 * 86_400, 30 * 86_400)
"""Seconds that a chart may reach back."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """Answers by time and outcome."""

    start: datetime
    end: datetime
    scored: tuple[int, ...]
    """By bucket, oldest first."""
    failed: tuple[int, ...]
    per_minute: float
    """Over the last tenth of the time shown."""
    newest: datetime
    """When the newest answer came in."""
    is_flowing: bool
    """Whether that was within the last ten minutes."""

    @property
    def total(self) -> int:
        """How many answers are shown."""
        return sum(self.scored) + sum(self.failed)


@dataclass(frozen=True, slots=True)
class AtWork:
    """A conversation that a validator holds."""

    conversation_id: str
    lines: int
    holder: str
    attempt: int
    since: datetime
    seconds_left: float
    share_left: float
    """Of the lease, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A conversation that was given up."""

    conversation_id: str
    state: ConversationState
    detail: str


@dataclass(frozen=True, slots=True)
class Overview:
    """How the server stands."""

    states: dict[ConversationState, int]
    throughput: Throughput | None
    """None before the first answer."""
    outcomes: dict[Outcome, int]
    """Of the newest answers."""
    mean_score: float
    disagreements: int
    leases: dict[str, int]
    """How the leases stand under which the newest answers came in."""
    at_work: tuple[AtWork, ...]
    troubles: tuple[Trouble, ...]

    @property
    def answers(self) -> int:
        """How many answers the figures are made from."""
        return sum(self.outcomes.values())


def overview(connection: Connection, *, now: float) -> Overview:
    """Return how the server stands; reads no more than the newest `ANSWERS` answers."""
    counts, moments = recent.states(connection), recent.answer_moments(connection, ANSWERS)
    outcomes = Counter(Outcome(one.outcome) for one in moments)
    scored = [one.score for one in moments if one.outcome == Outcome.SCORED]
    return Overview(
        states={state: counts.get(state, 0) for state in ConversationState},
        throughput=_throughput(moments, now),
        outcomes={outcome: outcomes[outcome] for outcome in Outcome if outcomes[outcome]},
        mean_score=sum(scored) / len(scored) if scored else 0.0,
        disagreements=sum(not one.agrees for one in moments),
        leases=recent.lease_states(connection, ANSWERS),
        at_work=tuple(_at_work(one, now) for one in recent.held(connection, HELD)),
        troubles=tuple(
            Trouble(name, ConversationState(state), detail)
            for name, state, detail in recent.in_trouble(connection, TROUBLES)
        ),
    )


def _throughput(moments: Sequence[AnswerMoment], now: float) -> Throughput | None:
    """Count answers by time: as far back as they are all known, and no further than the newest needs."""
    if not moments:
        return None
    newest = max(one.at for one in moments)
    oldest = min(one.at for one in moments)
    is_flowing = now - newest < _SPANS[0]
    end = now if is_flowing else newest
    is_whole = len(moments) < ANSWERS
    span = next((span for span in _SPANS if span >= end - oldest), _SPANS[-1]) if is_whole else max(end - oldest, 1.0)
    start = end - span
    scored, failed = [0] * BUCKETS, [0] * BUCKETS
    for one in moments:
        place = min(BUCKETS - 1, int((one.at - start) / span * BUCKETS))
        if place >= 0:
            (scored if one.outcome == Outcome.SCORED else failed)[place] += 1
    last = span / 10
    lately = sum(one.at > end - last for one in moments)
    rate = 60 * lately / last
    return Throughput(at(start), at(end), tuple(scored), tuple(failed), rate, at(newest), is_flowing)


def _at_work(one: recent.HeldConversation, now: float) -> AtWork:
    whole = max(one.expires_at - one.granted_at, 1e-9)
    left = one.expires_at - now
    return AtWork(
        conversation_id=one.id,
        lines=one.lines,
        holder=one.holder,
        attempt=one.attempt,
        since=at(one.granted_at),
        seconds_left=left,
        share_left=min(1.0, max(0.0, left / whole)),
    )
