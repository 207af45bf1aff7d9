"""Live sources and the curator: what was listed, one name for one work, pins and drops."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.BigInteger()  # whole seconds since 1970, UTC
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    with op.batch_alter_table("papers") as papers:
        papers.add_column(
            sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        papers.add_column(
            sa.Column("absorbed_by", sa.Text(), comment="the work it turned out to be")
        )
        papers.create_foreign_key("fk_papers_absorbed_by", "papers", ["absorbed_by"], ["id"])
        papers.alter_column("signals", comment="JSON: counts, when they were seen, version")
    op.create_index(
        "ix_papers_absorbed_by",
        "papers",
        ["absorbed_by"],
        sqlite_where=sa.text("absorbed_by IS NOT NULL"),
        postgresql_where=sa.text("absorbed_by IS NOT NULL"),
    )
    with op.batch_alter_table("editions") as editions:
        editions.add_column(
            sa.Column("freshness", sa.Text(), server_default="fresh", nullable=False)
        )
        editions.add_column(
            sa.Column(
                "sentence",
                sa.Text(),
                server_default="",
                nullable=False,
                comment="why that freshness",
            )
        )
        editions.add_column(
            sa.Column("note", sa.Text(), server_default="", nullable=False, comment="the curator's")
        )
    op.execute("UPDATE editions SET freshness = 'quiet' WHERE entered_today = 0")
    op.add_column(
        "listings",
        sa.Column(
            "pinned",
            sa.Text(),
            comment="the curator's note, perhaps empty; null where not pinned",
        ),
    )
    op.create_table(
        "names",
        sa.Column("name", sa.Text(), nullable=False, comment="another PaperId of a work"),
        sa.Column("paper", sa.Text(), comment="null where several works bear it"),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"], name="fk_names_paper"),
        sa.PrimaryKeyConstraint("name", name="pk_names"),
    )
    op.create_index("ix_names_paper", "names", ["paper"], unique=False)
    op.create_table(
        "curations",
        sa.Column("paper", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False, comment="pin or drop"),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="from this day's edition on"),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"], name="fk_curations_paper"),
        sa.PrimaryKeyConstraint("paper", name="pk_curations"),
    )
    op.create_table(
        "curator_notes",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("edition", sa.Integer(), comment="null: for the next one"),
        sa.ForeignKeyConstraint(["edition"], ["editions.number"], name="fk_curator_notes_edition"),
        sa.PrimaryKeyConstraint("number", name="pk_curator_notes"),
    )
    op.create_table(
        "mornings",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False, comment="when its sources were first asked"),
        sa.Column("judged_at", _MOMENT, nullable=False),
        sa.Column("freshness", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_mornings"),
    )
    op.create_table(
        "lists",
        sa.Column("part", sa.Text(), nullable=False, comment="one list of a source: arXiv cs.AI"),
        sa.Column("day", sa.Date(), nullable=False, comment="of the edition it was read for"),
        sa.Column("listed", sa.Date(), comment="the day it is dated"),
        sa.Column("covered", sa.Date(), comment="all that was listed up to this day has been read"),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="of the papers' identities"),
        sa.Column("freshness", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("part", "day", name="pk_lists"),
    )
