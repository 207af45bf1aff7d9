"""Errands, the rows behind links that work once, and how often an address was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "errands",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("subscriber", _NUMBER, nullable=False),
        sa.Column("errand", sa.SmallInteger(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_errands"),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscribers.number"], name="fk_errands_subscriber"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_errands_subscriber", "errands", ["subscriber"])
    op.create_table(
        "questions",
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("third", sa.BigInteger(), nullable=False),
        sa.Column("second", sa.BigInteger(), nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name="pk_questions"),
    )
