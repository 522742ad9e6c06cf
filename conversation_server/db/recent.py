"""What the console shows: the newest of everything, by number, so that no page reads a whole table.

Submissions are read from the newest backwards and never further than a bound that the caller gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.models import (
    AgreementRow,
    ConversationRow,
    LeaseRow,
    QueueRow,
    RecordRow,
    SubmissionRow,
    TagRow,
)

_COUNTED: Final = ("held", "completed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations are asked for; empty texts ask for all."""

    state: str = ""
    source: str = ""
    language: str = ""
    text: str = ""
    """In the id, in a tag, or in what is said."""

    @property
    def is_indexed(self) -> bool:
        """Whether the database finds them without looking at the others."""
        return not (self.source or self.language or self.text)


@dataclass(frozen=True, slots=True)
class AnswerMoment:
    """When an answer came in, and how it ended."""

    at: float
    outcome: str
    agrees: bool
    score: float


@dataclass(frozen=True, slots=True)
class HeldConversation:
    """A conversation that a validator is at work on."""

    id: str
    lines: int
    holder: str
    attempt: int
    granted_at: float
    expires_at: float


def states(connection: Connection) -> dict[str, int]:
    """Return how many conversations are in each state, from the index alone."""
    return {row[0]: row[1] for row in connection.execute(_STATES)}


_STATES: Final = select(ConversationRow.state, func.count()).group_by(ConversationRow.state)


def answer_moments(connection: Connection, limit: int) -> list[AnswerMoment]:
    """Return the newest answers, newest first."""
    rows = connection.execute(
        select(SubmissionRow.submitted_at, SubmissionRow.outcome, SubmissionRow.agrees, SubmissionRow.score)
        .order_by(SubmissionRow.seq.desc())
        .limit(limit)
    )
    return [AnswerMoment(*row) for row in rows]


def held(connection: Connection, limit: int) -> list[HeldConversation]:
    """Return what validators are at work on, longest first imported."""
    rows = connection.execute(
        select(
            ConversationRow.id,
            ConversationRow.lines,
            LeaseRow.holder,
            LeaseRow.attempt,
            LeaseRow.granted_at,
            LeaseRow.expires_at,
        )
        .join(LeaseRow, and_(LeaseRow.conversation == ConversationRow.seq, LeaseRow.state == "held"))
        .where(ConversationRow.state == "leased")
        .order_by(ConversationRow.seq)
        .limit(limit)
    )
    return [HeldConversation(*row) for row in rows]


def lease_states(connection: Connection, answers: int) -> dict[str, int]:
    """Return how the leases stand under which the newest answers came in."""
    newest = select(SubmissionRow.lease).order_by(SubmissionRow.seq.desc()).limit(answers).subquery()
    rows = connection.execute(
        select(LeaseRow.state, func.count())
        .where(LeaseRow.id.in_(select(newest.c.lease).distinct()))
        .group_by(LeaseRow.state)
    )
    return {row[0]: row[1] for row in rows}


def in_trouble(connection: Connection, limit: int) -> list[tuple[str, str, str]]:
    """Return (id, state, detail) of conversations that were given up, newest first."""
    found: list[tuple[str, str, str]] = []
    for state in ("quarantined", "failed"):
        rows = connection.execute(
            select(ConversationRow.id, ConversationRow.state, ConversationRow.detail)
            .where(ConversationRow.state == state)
            .order_by(ConversationRow.seq.desc())
            .limit(limit)
        )
        found += [(row[0], row[1], row[2]) for row in rows]
    return found[:limit]


def sources(connection: Connection) -> list[str]:
    """Return every source that conversations came from."""
    return list(connection.scalars(select(QueueRow.source).order_by(QueueRow.source)))


def languages(connection: Connection, limit: int) -> list[str]:
    """Return the languages of the newest conversations."""
    newest = select(ConversationRow.language).order_by(ConversationRow.seq.desc()).limit(limit).subquery()
    rows = connection.scalars(select(newest.c.language).where(newest.c.language.is_not(None)).distinct())
    return sorted(rows)


async def conversations(
    session: AsyncSession, wanted: Wanted, *, before: int | None, scanned: int, limit: int
) -> tuple[Sequence[ConversationRow], int | None]:
    """Return up to `limit` conversations, newest first, and the number to go on before; None at the end.

    Args:
        session: The transaction.
        wanted: Which.
        before: The number to begin below; None for the newest.
        scanned: How many numbers are looked through at most where no index finds what is wanted.
        limit: How many are returned at most.
    """
    top = before
    if top is None:
        top = (await session.scalar(select(func.max(ConversationRow.seq))) or 0) + 1
    floor = 0 if wanted.is_indexed else max(0, top - scanned)
    statement = (
        select(ConversationRow)
        .where(ConversationRow.seq < top, ConversationRow.seq >= floor, *_conditions(wanted))
        .order_by(ConversationRow.seq.desc())
        .limit(limit + 1)
    )
    rows = (await session.scalars(statement)).all()
    if len(rows) > limit:
        return rows[:limit], rows[limit - 1].seq
    return rows, floor if floor > 1 else None


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state:
        conditions.append(ConversationRow.state == wanted.state)
    if wanted.source:
        conditions.append(ConversationRow.source == wanted.source)
    if wanted.language:
        conditions.append(ConversationRow.language == wanted.language)
    if wanted.text:
        in_tags = select(TagRow.position).where(
            TagRow.conversation == ConversationRow.seq, TagRow.text.icontains(wanted.text, autoescape=True)
        )
        in_lines = select(RecordRow.conversation).where(
            RecordRow.conversation == ConversationRow.seq, RecordRow.body.icontains(wanted.text, autoescape=True)
        )
        in_id = ConversationRow.id.icontains(wanted.text, autoescape=True)
        conditions.append(or_(in_id, in_tags.exists(), in_lines.exists()))
    return conditions


async def top_tags(session: AsyncSession, numbers: Sequence[int], limit: int) -> dict[int, list[str]]:
    """Return the first tags of some conversations, by their number."""
    rows = await session.execute(
        select(TagRow.conversation, TagRow.text)
        .where(TagRow.conversation.in_(numbers), TagRow.position < limit)
        .order_by(TagRow.conversation, TagRow.position)
    )
    found: dict[int, list[str]] = {}
    for number, text in rows:
        found.setdefault(number, []).append(text)
    return found


async def answers_to_window(
    session: AsyncSession, conversation: int, window_id: str, *, limit: int
) -> Sequence[tuple[SubmissionRow, str]]:
    """Return (answer, state of its lease) to one window, best score first."""
    rows = await session.execute(
        select(SubmissionRow, LeaseRow.state)
        .join(LeaseRow, LeaseRow.id == SubmissionRow.lease)
        .where(SubmissionRow.conversation == conversation, SubmissionRow.window_id == window_id)
        .order_by(SubmissionRow.score.desc(), SubmissionRow.seq)
        .limit(limit)
    )
    return [(row, state) for row, state in rows]


def miner_outcomes(connection: Connection, answers: int) -> Sequence[Any]:
    """Return (miner, outcome, answers, sum of scores, sum of rewards, newest uid) over the newest answers."""
    newest = _newest(answers, SubmissionRow.miner_hotkey, SubmissionRow.miner_uid, SubmissionRow.reward)
    return connection.execute(
        select(
            newest.c.miner_hotkey,
            newest.c.outcome,
            func.count(),
            func.sum(newest.c.score),
            func.coalesce(func.sum(newest.c.reward), 0.0),
            func.max(newest.c.miner_uid),
        )
        .where(newest.c.state.in_(_COUNTED))
        .group_by(newest.c.miner_hotkey, newest.c.outcome)
    ).all()


def validator_claims(connection: Connection, answers: int) -> Sequence[Any]:
    """Return (validator, lease's state, agrees, answers, leases, greatest difference) over the newest answers."""
    newest = _newest(answers, SubmissionRow.validator_hotkey, SubmissionRow.claimed_score, SubmissionRow.lease)
    return connection.execute(
        select(
            newest.c.validator_hotkey,
            newest.c.state,
            newest.c.agrees,
            func.count(),
            func.count(newest.c.lease.distinct()),
            func.max(func.abs(newest.c.claimed_score - newest.c.score)),
        ).group_by(newest.c.validator_hotkey, newest.c.state, newest.c.agrees)
    ).all()


def disagreements(connection: Connection, answers: int, limit: int) -> Sequence[Any]:
    """Return the newest answers whose claimed score is not the server's."""
    newest = _newest(
        answers,
        SubmissionRow.seq,
        SubmissionRow.validator_hotkey,
        SubmissionRow.miner_hotkey,
        SubmissionRow.claimed_score,
        SubmissionRow.conversation,
        SubmissionRow.window_id,
        SubmissionRow.scoring_version,
        SubmissionRow.submitted_at,
    )
    return connection.execute(
        select(newest, ConversationRow.id.label("conversation_id"))
        .join(ConversationRow, ConversationRow.seq == newest.c.conversation)
        .where(~newest.c.agrees)
        .order_by(newest.c.seq.desc())
        .limit(limit)
    ).all()


def agreements(connection: Connection, limit: int) -> Sequence[Any]:
    """Return (conversation id, validators, tags, scores, answers) of the newest conversations that several graded."""
    return connection.execute(
        select(
            ConversationRow.id,
            AgreementRow.first_holder,
            AgreementRow.second_holder,
            AgreementRow.tags,
            AgreementRow.scores,
            AgreementRow.answers,
        )
        .join(ConversationRow, ConversationRow.seq == AgreementRow.conversation)
        .order_by(AgreementRow.conversation.desc())
        .limit(limit)
    ).all()


def _newest(answers: int, *columns: Any) -> Any:
    """Return the newest answers with their lease's state."""
    return (
        select(*columns, SubmissionRow.outcome, SubmissionRow.score, SubmissionRow.agrees, LeaseRow.state)
        .join(LeaseRow, LeaseRow.id == SubmissionRow.lease)
        .order_by(SubmissionRow.seq.desc())
        .limit(answers)
        .subquery()
    )
