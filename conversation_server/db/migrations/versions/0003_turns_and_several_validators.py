"""Sources take turns, several validators may grade one conversation, and numbers have 64 bits."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"
branch_labels: Final = None
depends_on: Final = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NUMBERED: Final = ("conversations", "submissions", "publications")
_POINTING: Final = ("leases", "merged", "records", "submissions", "tags")


def upgrade() -> None:
    """Bring the tables to this revision; conversations that wait keep their order."""
    if op.get_bind().dialect.name == "postgresql":
        _change_numbers(_NUMBER, "bigint")
    _add_tables()
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("turn", _NUMBER, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("gradings", sa.Integer(), nullable=False, server_default="0"))
    conversations = sa.table(
        "conversations", sa.column("turn"), sa.column("seq"), sa.column("state"), sa.column("gradings")
    )
    op.execute(conversations.update().values(turn=conversations.c.seq))
    op.execute(
        conversations.update().where(conversations.c.state.in_(["completed", "published", "failed"])).values(gradings=1)
    )
    op.execute("INSERT INTO queues (source, turn) SELECT source, max(seq) FROM conversations GROUP BY source")
    _change_indexes()


def _add_tables() -> None:
    op.create_table(
        "queues",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("turn", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_queues")),
    )
    op.create_table(
        "agreements",
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("conversation", _NUMBER, nullable=False),
        sa.Column("first_holder", sa.Text(), nullable=False),
        sa.Column("second_holder", sa.Text(), nullable=False),
        sa.Column("tags", sa.Double(), nullable=False),
        sa.Column("scores", sa.Double(), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation"],
            ["conversations.seq"],
            name=op.f("fk_agreements_conversation_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["first"], ["leases.id"], name=op.f("fk_agreements_first_leases"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["second"], ["leases.id"], name=op.f("fk_agreements_second_leases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_agreements")),
    )
    op.create_index("ix_agreements_conversation", "agreements", ["conversation"])


def _change_indexes() -> None:
    op.drop_index("ix_conversations_available", "conversations")
    op.drop_index("ix_leases_conversation", "leases")
    op.create_index("ix_leases_conversation", "leases", ["conversation", "holder", "state"])
    _create_partial_index("ix_conversations_queue", ["turn", "seq"], "available_at IS NOT NULL")
    _create_partial_index("ix_conversations_graded", ["merge_after"], "available_at IS NOT NULL AND gradings > 0")


def _create_partial_index(name: str, columns: list[str], condition: str) -> None:
    op.create_index(
        name, "conversations", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition)
    )


def _change_numbers(number: sa.types.TypeEngine[int], name: str) -> None:
    for table in _NUMBERED:
        op.alter_column(table, "seq", type_=number)
        op.execute(f"ALTER SEQUENCE {table}_seq_seq AS {name}")
    for table in _POINTING:
        op.alter_column(table, "conversation", type_=number)


def downgrade() -> None:
    """Take this revision back; what waits for a second validator waits as if it were new."""
    op.drop_index("ix_leases_conversation", "leases")
    op.create_index("ix_leases_conversation", "leases", ["conversation", "state"])
    op.drop_index("ix_conversations_graded", "conversations")
    op.drop_index("ix_conversations_queue", "conversations")
    for column in ("gradings", "failures", "turn"):
        # not in a batch: that makes the table anew on SQLite, and dropping the old one deletes all that points to it
        op.drop_column("conversations", column)
    op.create_index("ix_conversations_available", "conversations", ["available_at", "seq"])
    op.drop_index("ix_agreements_conversation", "agreements")
    op.drop_table("agreements")
    op.drop_table("queues")
    if op.get_bind().dialect.name == "postgresql":
        _change_numbers(sa.Integer(), "integer")
