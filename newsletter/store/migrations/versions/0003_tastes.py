"""Wishes and taste: what readers asked more and less of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.BigInteger()  # whole seconds since 1970, UTC
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "tastes",
        sa.Column("subscriber", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("sign", sa.SmallInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscribers.number"], name="fk_tastes_subscriber"
        ),
        sa.PrimaryKeyConstraint("subscriber", "paper", name="pk_tastes"),
    )
