"""Search over the papers, and the editions that listed one."""

import sqlalchemy as sa
from alembic import op

from newsletter.store.findable import make_findable

revision = "0008"
down_revision = "0007"

_GROUP = 1000


def upgrade() -> None:
    """Add them, with the words of the papers that are there."""
    op.create_index("ix_listings_paper", "listings", ["paper"])
    op.create_index("ix_papers_revision", "papers", ["revision"])
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE findable USING fts5 (title, abstract, content='',"
            " tokenize='unicode61 remove_diacritics 0')"
        )
    else:
        op.execute(
            "CREATE TABLE findable ("
            "revision bigint PRIMARY KEY REFERENCES revisions (number), words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_findable_words ON findable USING gin (words)")
    last = 0
    page = sa.text(
        "SELECT number, words FROM revisions WHERE number > :last ORDER BY number LIMIT :most"
    )
    while rows := connection.execute(page, {"last": last, "most": _GROUP}).all():
        make_findable(connection, [(number, words) for number, words in rows])
        last = rows[-1][0]
