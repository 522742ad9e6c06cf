"""The tables. Times are seconds since 1970 (UTC), so that they compare alike in every database.

A conversation's record and windows, ground truths, answers and merged records are kept as the JSON of their models:
they are read and written whole, never queried inside.
"""

from typing import Annotated, Final, cast

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
Number = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"))]
"""A row's number. SQLite counts up in a column of type INTEGER alone, and its INTEGER has 64 bits."""


def _index_where(condition: str, name: str, *columns: str) -> Index:
    """Return an index that holds only the rows of a condition, in both databases."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class Base(DeclarativeBase):
    """The base of all tables; constraints have predictable names, so that migrations can change them."""

    metadata = MetaData(naming_convention=_NAMES)


def table_of(row: type[Base]) -> Table:
    """Return the table of a class of rows: statements on it are cheaper to make than on the class."""
    return cast(Table, row.__table__)


class ConversationRow(Base):
    """One conversation and where it stands; the current lease lies in the row, so that leasing is one statement."""

    __tablename__ = "conversations"
    __table_args__ = (
        _index_where("available_at IS NOT NULL", "ix_conversations_queue", "turn", "seq"),
        Index("ix_conversations_state", "state", "seq"),
        _index_where("available_at IS NOT NULL AND gradings > 0", "ix_conversations_graded", "merge_after"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[Number] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    content_hash: Mapped[str] = mapped_column(Text, unique=True)
    source: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    lines: Mapped[int]
    participants: Mapped[int]
    windows: Mapped[int]
    tasks: Mapped[int]
    """Level-2 windows."""
    state: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text, default="")
    imported_at: Mapped[float]
    available_at: Mapped[float | None]
    """When it may be leased: 0 at once, the lease's end while it is held, NULL never."""
    turn: Mapped[Number] = mapped_column(default=0)
    """Its place in the queue; see `db.queue`."""
    attempts: Mapped[int] = mapped_column(default=0)
    """The fencing number: counts up with every lease."""
    failures: Mapped[int] = mapped_column(default=0)
    """Leases since the last completion that are neither completed nor given back without a fault."""
    gradings: Mapped[int] = mapped_column(default=0)
    """Leases that were completed."""
    merge_attempts: Mapped[int] = mapped_column(default=0)
    merge_after: Mapped[float] = mapped_column(default=0.0)
    """Merging waits until then: for another attempt, or for the gradings of further validators."""


class QueueRow(Base):
    """How far the conversations of one source reach in the queue."""

    __tablename__ = "queues"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    turn: Mapped[Number]
    """Of the conversation that came in last."""


class RecordRow(Base):
    """The uniform record and its windows, apart from the row that is listed and leased."""

    __tablename__ = "records"

    conversation: Mapped[Number] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    """The record without its labels, which never leave the server."""
    labels: Mapped[str] = mapped_column(Text)
    windows: Mapped[str] = mapped_column(Text)
    """A JSON list of LeasedWindow."""


class LeaseRow(Base):
    """One hand-out of a conversation to a validator; never changed once it is over."""

    __tablename__ = "leases"
    __table_args__ = (
        Index("ix_leases_conversation", "conversation", "holder", "state"),
        Index("ix_leases_holder", "holder", "state", "expires_at"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    conversation: Mapped[Number] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"))
    holder: Mapped[str] = mapped_column(Text)
    task_type: Mapped[str] = mapped_column(Text)
    attempt: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    """held, released, expired or completed."""
    granted_at: Mapped[float]
    expires_at: Mapped[float]


class GroundTruthRow(Base):
    """What a validator holds true, established under a lease."""

    __tablename__ = "ground_truths"

    lease: Mapped[str] = mapped_column(ForeignKey("leases.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    stored_at: Mapped[float]


class SubmissionRow(Base):
    """One miner's answer to one window under one lease, as the validator claims and as the server finds."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("lease", "window_id", "miner_hotkey"),
        Index("ix_submissions_miner", "miner_hotkey", "seq"),
        Index("ix_submissions_conversation", "conversation"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[Number] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    lease: Mapped[str] = mapped_column(ForeignKey("leases.id", ondelete="CASCADE"))
    conversation: Mapped[Number] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"))
    window_id: Mapped[str] = mapped_column(Text)
    validator_hotkey: Mapped[str] = mapped_column(Text)
    miner_hotkey: Mapped[str] = mapped_column(Text)
    miner_uid: Mapped[int]
    outcome: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    shown: Mapped[str | None] = mapped_column(Text)
    """The lines that the miner was sent, as a JSON list; NULL where it was sent the whole window."""
    answer: Mapped[str | None] = mapped_column(Text)
    seconds: Mapped[float]
    claimed_score: Mapped[float]
    claimed_reward: Mapped[float]
    score: Mapped[float]
    reasons: Mapped[str] = mapped_column(Text)
    agrees: Mapped[bool]
    reward: Mapped[float | None]
    standing: Mapped[float | None]
    scoring_version: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[float]


class AgreementRow(Base):
    """How far two validators who graded the same conversation agree."""

    __tablename__ = "agreements"
    __table_args__ = (Index("ix_agreements_conversation", "conversation"),)

    first: Mapped[str] = mapped_column(ForeignKey("leases.id", ondelete="CASCADE"), primary_key=True)
    second: Mapped[str] = mapped_column(ForeignKey("leases.id", ondelete="CASCADE"), primary_key=True)
    conversation: Mapped[Number] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"))
    first_holder: Mapped[str] = mapped_column(Text)
    second_holder: Mapped[str] = mapped_column(Text)
    tags: Mapped[float]
    """How alike the two ground truths are, in [0, 1]."""
    scores: Mapped[float | None]
    """Mean difference of the scores that both gave the same miner for the same window; NULL without one."""
    answers: Mapped[int]
    """Answers that `scores` is made from."""


class MergedRow(Base):
    """The merged record of a completed conversation: what the vector store and the dataset are made from."""

    __tablename__ = "merged"

    conversation: Mapped[Number] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    merged_at: Mapped[float]


class TagRow(Base):
    """A consensus tag of a merged conversation, to count by."""

    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_text", "text", "aspect"),)

    conversation: Mapped[Number] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    aspect: Mapped[str] = mapped_column(Text)
    support: Mapped[int]


class PublicationRow(Base):
    """One writing of the dataset."""

    __tablename__ = "publications"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[Number] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    path: Mapped[str] = mapped_column(Text)
    conversations: Mapped[int]
    left_out: Mapped[int]
    """Conversations whose licence does not let them be passed on."""
    revision: Mapped[str] = mapped_column(Text)
    files: Mapped[str] = mapped_column(Text)
    published_at: Mapped[float]


class NonceRow(Base):
    """A nonce that was used; kept as long as a signature lives."""

    __tablename__ = "nonces"
    __table_args__ = (Index("ix_nonces_expires", "expires_at"),)

    hotkey: Mapped[str] = mapped_column(Text, primary_key=True)
    nonce: Mapped[str] = mapped_column(Text, primary_key=True)
    expires_at: Mapped[float]


class ApiKeyRow(Base):
    """An API key, known by its SHA-256 alone."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """The part of the key that may be shown."""
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    """SHA-256 (hex) of the whole key."""
    scopes: Mapped[str] = mapped_column(Text)
    """Separated by spaces."""
    made_by: Mapped[str] = mapped_column(Text)
    """The id of the key that made it."""
    created_at: Mapped[float]
    expires_at: Mapped[float | None]
    revoked_at: Mapped[float | None]
    last_used_at: Mapped[float | None]
    """Written at most once a minute."""
    old_digest: Mapped[str | None] = mapped_column(Text)
    """Of the key before the last rotation."""
    old_until: Mapped[float | None]
    """Until when the key before is still taken."""


class BudgetRow(Base):
    """What a caller may still spend of one thing; see `db.budgets`."""

    __tablename__ = "budgets"

    caller: Mapped[str] = mapped_column(Text, primary_key=True)
    what: Mapped[str] = mapped_column(Text, primary_key=True)
    full_at: Mapped[float]
    """When the budget is whole again if nothing more is spent."""


class ActRow(Base):
    """An administrative act, written down before it is done; rows are never changed or removed."""

    __tablename__ = "acts"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[Number] = mapped_column(primary_key=True, autoincrement=True)
    begun_at: Mapped[float]
    key_id: Mapped[str] = mapped_column(Text)
    key_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(Text)


class OutcomeRow(Base):
    """How an administrative act ended; rows are never changed or removed."""

    __tablename__ = "outcomes"

    act: Mapped[Number] = mapped_column(ForeignKey("acts.seq"), primary_key=True, autoincrement=False)
    ended_at: Mapped[float]
    outcome: Mapped[str] = mapped_column(Text)
    """`done`, or the code of the error."""


class DeletionRow(Base):
    """A conversation that was taken out of the database and is still to be removed from elsewhere."""

    __tablename__ = "deletions"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """The conversation's."""
    deleted_at: Mapped[float]


class SessionRow(Base):
    """Somebody who is logged in to the console, known by the SHA-256 of the token that the browser holds."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_expires", "expires_at"),)

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    """SHA-256 (hex) of the token."""
    key_id: Mapped[str] = mapped_column(Text)
    """Of the API key that was given at the log-in."""
    key_digest: Mapped[str] = mapped_column(Text)
    """SHA-256 (hex) of that key: when it is rotated or taken back, the session ends with it."""
    expires_at: Mapped[float]
