"""When a reader was last told by mail of a change."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add it."""
    op.add_column("subscribers", sa.Column("told_at", sa.BigInteger(), nullable=True))
