"""The first tables: the roster, the archive, the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.BigInteger()  # whole seconds since 1970, UTC
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "roster_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roster_keys"),
    )
    op.create_table(
        "subscribers",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "active",
                "paused",
                "unsubscribed",
                "suppressed",
                name="state",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("preferences", sa.Text(), nullable=False),
        sa.Column("joined_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_subscribers"),
        sa.UniqueConstraint("address_key", name="uq_subscribers_address_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suppressions",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name="pk_suppressions"),
    )
    op.create_table(
        "consents",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("subscriber", _NUMBER, nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscribers.number"], name="fk_consents_subscriber"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_subscriber", "consents", ["subscriber"], unique=False)
    op.create_table(
        "editions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.Column("listings", sa.Integer(), nullable=False),
        sa.Column("entered_today", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_editions"),
        sa.UniqueConstraint("day", name="uq_editions_day"),
    )
    op.create_table(
        "revisions",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("words_hash", sa.Text(), nullable=False),
        sa.Column(
            "words", sa.Text(), nullable=False, comment="JSON; never updated: editions print it"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_revisions"),
        sa.UniqueConstraint("paper", "words_hash", name="uq_revisions_paper_words_hash"),
    )
    op.create_table(
        "deliveries",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False, comment="why this state"),
        sa.Column(
            "slot", _MOMENT, nullable=False, comment="the moment of her clock that it serves"
        ),
        sa.Column("dated", _MOMENT, nullable=False, comment="the Date header"),
        sa.Column(
            "papers",
            sa.Text(),
            nullable=False,
            comment="JSON: [[paper id, reason]], the best first",
        ),
        sa.Column("planned_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True, comment="the run that has it in hand"),
        sa.Column("claimed_at", _MOMENT, nullable=True),
        sa.Column("retry_at", _MOMENT, nullable=True, comment="deferred: not before"),
        sa.Column("ended_at", _MOMENT, nullable=True, comment="when the outcome was recorded"),
        sa.ForeignKeyConstraint(["edition"], ["editions.number"], name="fk_deliveries_edition"),
        sa.PrimaryKeyConstraint("number", name="pk_deliveries"),
        sa.UniqueConstraint("subscriber", "edition", name="uq_deliveries_subscriber_edition"),
    )
    op.create_index("ix_deliveries_edition", "deliveries", ["edition"], unique=False)
    op.create_index("ix_deliveries_state_number", "deliveries", ["state", "number"], unique=False)
    op.create_table(
        "papers",
        sa.Column("id", sa.Text(), nullable=False, comment="PaperId"),
        sa.Column("gathered", sa.Date(), nullable=False, comment="the day it was first gathered"),
        sa.Column(
            "entered",
            sa.Date(),
            nullable=True,
            comment="the day of the edition that first listed it",
        ),
        sa.Column("revision", _NUMBER, nullable=False),
        sa.Column(
            "signals", sa.Text(), nullable=False, comment="JSON: votes, comments, stars, position"
        ),
        sa.ForeignKeyConstraint(["revision"], ["revisions.number"], name="fk_papers_revision"),
        sa.PrimaryKeyConstraint("id", name="pk_papers"),
    )
    op.create_index("ix_papers_entered", "papers", ["entered"], unique=False)
    op.create_table(
        "listings",
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("revision", _NUMBER, nullable=False),
        sa.Column("entered", sa.Date(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False, comment="JSON: [[slug, points, [words]]]"),
        sa.Column("standing", sa.Float(), nullable=False),
        sa.Column("standing_words", sa.Text(), nullable=False),
        sa.Column("signals", sa.Text(), nullable=False, comment="JSON, as they were that morning"),
        sa.ForeignKeyConstraint(["edition"], ["editions.number"], name="fk_listings_edition"),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"], name="fk_listings_paper"),
        sa.ForeignKeyConstraint(["revision"], ["revisions.number"], name="fk_listings_revision"),
        sa.PrimaryKeyConstraint("edition", "place", name="pk_listings"),
    )
