"""The library: questions about the papers that are filed."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Connection, func, or_, select

from newsletter.editorial.papers import Paper, PaperId
from newsletter.store.archive import paper_of_row
from newsletter.store.engine import in_groups
from newsletter.store.names import look_up
from newsletter.store.tables import papers, revisions

_GROUP = 1000
_STORED = select(papers.c.id, papers.c.signals, revisions.c.words).join(
    revisions, revisions.c.number == papers.c.revision
)


def is_empty(connection: Connection) -> bool:
    """True where no paper was ever gathered."""
    return connection.execute(select(papers.c.id).limit(1)).first() is None


def unlisted(connection: Connection, keys: Iterable[PaperId], day: date) -> int:
    """How many works of these keys, or of other names, no edition before `day`'s has listed; of
    those that are in the archive and not withdrawn."""
    wanted = look_up(connection, {key.value for key in keys}).works
    is_new = or_(papers.c.entered.is_(None), papers.c.entered >= day)
    query = select(func.count()).where(is_new, ~papers.c.withdrawn)
    return sum(
        connection.execute(query.where(papers.c.id.in_(group))).scalar_one()
        for group in in_groups(sorted(wanted), _GROUP)
    )


def unknown(connection: Connection, ids: Collection[PaperId]) -> list[PaperId]:
    """Those of these identities that no work of the archive bears, in their order."""
    bearers = look_up(connection, {one.value for one in ids})
    return [one for one in ids if one.value not in bearers.names]


def incomplete(connection: Connection, since: date) -> list[PaperId]:
    """The arXiv identities of works gathered on or after `since` of which no category is known."""
    rows = connection.execute(
        select(papers.c.id, papers.c.signals, revisions.c.words)
        .join(revisions, revisions.c.number == papers.c.revision)
        .where(papers.c.gathered >= since, papers.c.absorbed_by.is_(None), ~papers.c.withdrawn)
        # As `_words` writes it. In a text the quotation marks would be escaped.
        .where(~revisions.c.words.contains('"categories": [', autoescape=True))
        .order_by(papers.c.id)
    )
    found = (paper_of_row(key, words, signals).arxiv for key, signals, words in rows)
    return [PaperId(f"arxiv:{number}") for number in found if number]


def some_papers(connection: Connection, ids: Collection[PaperId]) -> list[Paper]:
    """The papers of these keys, group by group in the order of their keys."""
    return [
        paper_of_row(row.id, row.words, row.signals)
        for group in in_groups(sorted(paper.value for paper in ids), _GROUP)
        for row in connection.execute(_STORED.where(papers.c.id.in_(group)).order_by(papers.c.id))
    ]


def newest_papers(connection: Connection, most: int) -> list[Paper]:
    """The papers that were gathered last, at most so many."""
    query = _STORED.where(papers.c.absorbed_by.is_(None))
    query = query.order_by(papers.c.gathered.desc(), papers.c.id).limit(most)
    return [paper_of_row(row.id, row.words, row.signals) for row in connection.execute(query)]
