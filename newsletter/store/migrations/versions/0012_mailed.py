"""When the link to an errand was mailed: what was not is offered to the relay again."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add it; whatever was asked before counts as mailed then."""
    op.add_column("errands", sa.Column("mailed_at", sa.BigInteger(), nullable=True))
    op.execute("UPDATE errands SET mailed_at = asked_at")
