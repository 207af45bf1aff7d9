"""What a reader last knew of her subscription, where it has changed since."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add it."""
    op.add_column("subscribers", sa.Column("unheard", sa.Text(), nullable=True))
