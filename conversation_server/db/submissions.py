"""Submissions: one row an answer, never changed but for the reward; and what they add up to by miner.

What was submitted under a lease that ran out or was given back is kept, and counts for nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db import leases
from conversation_server.db.inserting import insert_new
from conversation_server.db.leases import HeldLease
from conversation_server.db.models import ConversationRow, GroundTruthRow, LeaseRow, SubmissionRow, table_of

_COUNTED: Final = ("held", "completed")
_LEASES: Final = table_of(LeaseRow)
_TRUTHS: Final = table_of(GroundTruthRow)
_SUBMISSIONS: Final = table_of(SubmissionRow)


@dataclass(frozen=True, slots=True)
class MinerTotals:
    """What the answers of one miner with one outcome add up to."""

    hotkey: str
    outcome: str
    answers: int
    score: float
    reward: float
    last: int
    """The number of the newest of them."""


@dataclass(frozen=True, slots=True)
class Present:
    """A submission that is there, as far as its receipt tells."""

    id: str
    score: float
    reasons: str
    """A JSON list."""
    agrees: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a submission belongs, and what is there."""

    lease: HeldLease
    digest: str | None
    """Of the ground truth."""
    present: Present | None


_PLACE: Final = (
    select(
        *leases.COLUMNS,
        _TRUTHS.c.digest,
        _SUBMISSIONS.c.id,
        _SUBMISSIONS.c.score,
        _SUBMISSIONS.c.reasons,
        _SUBMISSIONS.c.agrees,
    )
    .select_from(_LEASES)
    .outerjoin(_TRUTHS, _TRUTHS.c.lease == _LEASES.c.id)
    .outerjoin(
        _SUBMISSIONS,
        and_(
            _SUBMISSIONS.c.lease == _LEASES.c.id,
            _SUBMISSIONS.c.window_id == bindparam("window"),
            _SUBMISSIONS.c.miner_hotkey == bindparam("miner"),
        ),
    )
    .where(_LEASES.c.id == bindparam("lease"))
)
"""Made once: making a statement costs more than running it."""


_SHARED_LEASE: Final = select(_LEASES.c.id).where(_LEASES.c.id == bindparam("lease")).with_for_update(read=True)


def hold_place(connection: Connection, lease: str, window_id: str, hotkey: str) -> Place | None:
    """Return a submission's place, which stays as it is until this transaction ends; None without such a lease.

    Submissions share the lease's row with each other, and with nobody who changes the lease.
    """
    if connection.dialect.name != "sqlite":  # where a transaction that writes is alone
        connection.execute(_SHARED_LEASE, {"lease": lease})
    return place_of(connection, lease, window_id, hotkey)


def place_of(connection: Connection, lease: str, window_id: str, hotkey: str) -> Place | None:
    """Return the place that a submission has under a lease; None if there is no such lease."""
    row = connection.execute(_PLACE, {"lease": lease, "window": window_id, "miner": hotkey}).first()
    if row is None:
        return None
    *held, digest, identifier, score, reasons, agrees = row
    present = None if identifier is None else Present(identifier, score, reasons, agrees)
    return Place(HeldLease(*held), digest, present)


def add(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Put a submission in; False if there is one for this lease, window and miner."""
    return insert_new(connection, SubmissionRow, values)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer under a lease, as far as its reward and its tags depend on it."""

    seq: int
    lease: str
    window_id: str
    miner_hotkey: str
    outcome: str
    shown: str | None
    answer: str | None
    seconds: float
    score: float
    reasons: str


def answered(connection: Connection, lease_ids: Collection[str]) -> list[Answered]:
    """Return all answers under some leases, in the order of their arrival."""
    return [Answered(*row) for row in connection.execute(_ANSWERED, {"of_leases": list(lease_ids)})]


def keys_of_lease(connection: Connection, lease: str) -> list[tuple[str, str]]:
    """Return (window id, miner hotkey) of what was submitted under a lease."""
    return [(window_id, hotkey) for window_id, hotkey in connection.execute(_KEYS, {"of_lease": lease})]


def count_of_lease(connection: Connection, lease: str) -> int:
    """Return how many submissions a lease has."""
    return int(connection.execute(_COUNT, {"of_lease": lease}).scalar_one())


def reward(connection: Connection, shares: Mapping[int, tuple[float, float]]) -> None:
    """Store (reward, standing) by the number of the submission."""
    rows = [{"number": number, "part": part, "place": place} for number, (part, place) in shares.items()]
    connection.execute(_REWARD, rows)


def explain(connection: Connection, reasons: Mapping[int, str]) -> None:
    """Store the reasons (a JSON list) by the number of the submission."""
    if reasons:
        connection.execute(_EXPLAIN, [{"number": number, "why": body} for number, body in reasons.items()])


_OF_LEASE: Final = _SUBMISSIONS.c.lease == bindparam("of_lease")
_NUMBERED: Final = update(_SUBMISSIONS).where(_SUBMISSIONS.c.seq == bindparam("number"))
_ANSWERED: Final = (
    select(*(_SUBMISSIONS.c[name] for name in Answered.__slots__))
    .where(_SUBMISSIONS.c.lease.in_(bindparam("of_leases", expanding=True)))
    .order_by(_SUBMISSIONS.c.seq)
)
_KEYS: Final = (
    select(_SUBMISSIONS.c.window_id, _SUBMISSIONS.c.miner_hotkey).where(_OF_LEASE).order_by(_SUBMISSIONS.c.seq)
)
_COUNT: Final = select(func.count()).select_from(_SUBMISSIONS).where(_OF_LEASE)
_REWARD: Final = _NUMBERED.values(reward=bindparam("part"), standing=bindparam("place"))
_EXPLAIN: Final = _NUMBERED.values(reasons=bindparam("why"))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many answers of one miner have one outcome."""

    miner: str
    outcome: str
    answers: int
    agreements: int
    """Those whose claimed score is the server's."""


def tallies(connection: Connection) -> list[Tally]:
    """Return the answers by miner and outcome."""
    return [Tally(*row) for row in connection.execute(_TALLIES)]


def claims_by_validator(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return (answers, those whose claimed score is the server's) by the validator's hotkey."""
    return {hotkey: (answers, agreeing) for hotkey, answers, agreeing in connection.execute(_CLAIMS)}


async def totals_by_miner(session: AsyncSession) -> list[MinerTotals]:
    """Return what the answers add up to, by miner and outcome."""
    rows = await session.execute(
        select(
            SubmissionRow.miner_hotkey,
            SubmissionRow.outcome,
            func.count(),
            func.sum(SubmissionRow.score),
            func.coalesce(func.sum(SubmissionRow.reward), 0.0),
            func.max(SubmissionRow.seq),
        )
        .where(_counts())
        .group_by(SubmissionRow.miner_hotkey, SubmissionRow.outcome)
    )
    return [
        MinerTotals(hotkey, outcome, answers, score or 0.0, reward or 0.0, last)
        for hotkey, outcome, answers, score, reward, last in rows
    ]


async def uids(session: AsyncSession, numbers: Collection[int]) -> dict[int, int]:
    """Return the miner's uid in some submissions, by the submission's number."""
    rows = await session.execute(
        select(SubmissionRow.seq, SubmissionRow.miner_uid).where(SubmissionRow.seq.in_(numbers))
    )
    return dict(rows.all())


async def page_of_miner(
    session: AsyncSession, hotkey: str, *, before: int | None, limit: int
) -> list[tuple[SubmissionRow, str]]:
    """Return up to `limit` (submission, conversation id) of a miner, newest first."""
    statement = (
        select(SubmissionRow, ConversationRow.id)
        .join(ConversationRow, ConversationRow.seq == SubmissionRow.conversation)
        .where(SubmissionRow.miner_hotkey == hotkey, _counts())
        .order_by(SubmissionRow.seq.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(SubmissionRow.seq < before)
    return [(row, conversation_id) for row, conversation_id in (await session.execute(statement))]


def _counts() -> ColumnElement[bool]:
    return SubmissionRow.lease.in_(select(LeaseRow.id).where(LeaseRow.state.in_(_COUNTED)))


_TALLIES: Final = (
    select(
        SubmissionRow.miner_hotkey,
        SubmissionRow.outcome,
        func.count(),
        func.sum(case((SubmissionRow.agrees, 1), else_=0)),
    )
    .where(_counts())
    .group_by(SubmissionRow.miner_hotkey, SubmissionRow.outcome)
)
_CLAIMS: Final = (
    select(SubmissionRow.validator_hotkey, func.count(), func.sum(case((SubmissionRow.agrees, 1), else_=0)))
    .where(_counts())
    .group_by(SubmissionRow.validator_hotkey)
)
