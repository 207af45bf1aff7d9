"""What an edition's mails were printed with, and whose mailbox the relay does not know."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add them."""
    words = "JSON: fingerprints of what shaped its first mail"
    op.add_column("editions", sa.Column("printed_with", sa.Text(), nullable=True, comment=words))
    op.add_column(
        "deliveries",
        sa.Column(
            "unknown",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="no such mailbox",
        ),
    )
