"""Departures: a number that moves whenever a reader leaves or pauses."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add it."""
    table = op.create_table(
        "departures",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_departures"),
    )
    op.bulk_insert(table, [{"id": 1, "number": 0}])
