"""The rest of the day: papers that a mail lists by their titles alone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them."""
    op.add_column(
        "deliveries",
        sa.Column(
            "rest", sa.Text(), nullable=False, server_default="[]", comment="JSON: ids, titles only"
        ),
    )
