"""When what a reader asked more and less of was set aside: for a day it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add it."""
    op.add_column("tastes", sa.Column("set_aside_at", sa.BigInteger(), nullable=True))
