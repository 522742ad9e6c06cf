"""The tables. Times are seconds since 1970 (UTC), so that they compare alike in every database.

A conversation's record and windows, ground truths, answers and merged records are kept as the JSON of their models:
they are read and written whole, never queried inside.
"""

from typing import Final

from sqlalchemy import ForeignKey, Index, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of all tables; constraints have predictable names, so that migrations can change them."""

    metadata = MetaData(naming_convention=_NAMES)


class ConversationRow(Base):
    """One conversation and where it stands; the current lease lies in the row, so that leasing is one statement."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_available", "available_at", "seq"),
        Index("ix_conversations_state", "state", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
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
    attempts: Mapped[int] = mapped_column(default=0)
    """The fencing number: counts up with every lease."""
    merge_attempts: Mapped[int] = mapped_column(default=0)
    merge_after: Mapped[float] = mapped_column(default=0.0)


class RecordRow(Base):
    """The uniform record and its windows, apart from the row that is listed and leased."""

    __tablename__ = "records"

    conversation: Mapped[int] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    """The record without its labels, which never leave the server."""
    labels: Mapped[str] = mapped_column(Text)
    windows: Mapped[str] = mapped_column(Text)
    """A JSON list of LeasedWindow."""


class LeaseRow(Base):
    """One hand-out of a conversation to a validator; never changed once it is over."""

    __tablename__ = "leases"
    __table_args__ = (
        Index("ix_leases_conversation", "conversation", "state"),
        Index("ix_leases_holder", "holder", "state", "expires_at"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    conversation: Mapped[int] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"))
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

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Text, unique=True)
    lease: Mapped[str] = mapped_column(ForeignKey("leases.id", ondelete="CASCADE"))
    conversation: Mapped[int] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"))
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


class MergedRow(Base):
    """The merged record of a completed conversation: what the vector store and the dataset are made from."""

    __tablename__ = "merged"

    conversation: Mapped[int] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    merged_at: Mapped[float]


class TagRow(Base):
    """A consensus tag of a merged conversation, to count by."""

    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_text", "text", "aspect"),)

    conversation: Mapped[int] = mapped_column(ForeignKey("conversations.seq", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    aspect: Mapped[str] = mapped_column(Text)
    support: Mapped[int]


class PublicationRow(Base):
    """One writing of the dataset."""

    __tablename__ = "publications"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
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
