"""What each miner was shown of a window."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shown", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("submissions", "shown")
