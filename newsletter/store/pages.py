"""What the public pages ask of the archive: days, one paper's editions, and topics."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, func, select

from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import Paper, PaperId
from newsletter.store.archive import paper_of_row
from newsletter.store.editions import (
    LISTINGS,
    EditionSummary,
    listing_of_row,
    some_listings,
    summary_of_row,
)
from newsletter.store.names import look_up
from newsletter.store.tables import editions, listings, papers, revisions


@dataclass(frozen=True, slots=True)
class Appearance:
    """One edition that listed a paper, and where."""

    day: date
    place: int


@dataclass(frozen=True, slots=True)
class Record:
    """A paper of the archive in its current words, with what the editions made of it."""

    paper: Paper
    entered: date
    topics: tuple[str, ...]
    """Slugs, as the newest of these editions has them, the clearest first."""
    appearances: tuple[Appearance, ...]
    """The newest first; at least one."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of an edition's papers that belong to a topic."""

    total: int
    listings: tuple[Listing, ...]


def leading(connection: Connection, edition: EditionSummary, most: int) -> tuple[Listing, ...]:
    """The first papers of an edition, at most so many."""
    query = LISTINGS.where(listings.c.edition == edition.number)
    query = query.order_by(listings.c.place).limit(most)
    return tuple(listing_of_row(row) for row in connection.execute(query).mappings())


def newest_editions(
    connection: Connection, most: int, before: date | None = None
) -> list[EditionSummary]:
    """The newest editions, the newest first; those before a day where one is given."""
    query = select(editions).order_by(editions.c.day.desc()).limit(most)
    if before is not None:
        query = query.where(editions.c.day < before)
    return [summary_of_row(row) for row in connection.execute(query).mappings()]


def editions_of_year(connection: Connection, year: int) -> list[EditionSummary]:
    """All editions of a year from 1 to 9999, the newest first."""
    query = select(editions).where(editions.c.day.between(date(year, 1, 1), date(year, 12, 31)))
    rows = connection.execute(query.order_by(editions.c.day.desc())).mappings()
    return [summary_of_row(row) for row in rows]


def span(connection: Connection) -> tuple[date, date] | None:
    """The days of the first edition and of the newest; None without one."""
    first, last = connection.execute(
        select(func.min(editions.c.day), func.max(editions.c.day))
    ).one()
    return (first, last) if first else None


def day_after(connection: Connection, day: date) -> date | None:
    """The day of the first edition after this day."""
    query = select(editions.c.day).where(editions.c.day > day).order_by(editions.c.day).limit(1)
    return connection.execute(query).scalar()


def record_of(connection: Connection, name: PaperId) -> Record | None:
    """The paper that bears this name, under whatever key it stands now; None where no edition has
    listed it, or where several bear the name."""
    (key, *others) = look_up(connection, {name.value}).works or (None,)
    if key is None or others:
        return None
    row = connection.execute(
        select(papers.c.entered, papers.c.signals, papers.c.withdrawn, revisions.c.words)
        .join(revisions, revisions.c.number == papers.c.revision)
        .where(papers.c.id == key, papers.c.entered.is_not(None))
    ).first()
    # Editions that are out refer to the key of their day, which may have been absorbed since.
    keys = select(papers.c.id).where((papers.c.id == key) | (papers.c.absorbed_by == key))
    seen = connection.execute(
        select(editions.c.day, listings.c.place, listings.c.topics)
        .join(editions, editions.c.number == listings.c.edition)
        .where(listings.c.paper.in_(keys))
        .order_by(editions.c.day.desc())
    ).all()
    if row is None or not seen:
        return None
    paper = replace(paper_of_row(key, row.words, row.signals), withdrawn=row.withdrawn)
    topics = tuple(slug for slug, _, _ in json.loads(seen[0].topics))
    return Record(paper, row.entered, topics, tuple(Appearance(d, place) for d, place, _ in seen))


def topic_counts(connection: Connection, edition: EditionSummary) -> Counter[str]:
    """How many papers of an edition belong to each topic, by slug."""
    query = select(listings.c.topics).where(listings.c.edition == edition.number)
    found = connection.execute(query).scalars()
    return Counter(slug for topics in found for slug, _, _ in json.loads(topics))


def firsts(connection: Connection, edition: EditionSummary) -> dict[str, Listing]:
    """The first paper of each topic that an edition has papers of, by slug."""
    query = select(listings.c.paper, listings.c.topics).where(listings.c.edition == edition.number)
    papers: dict[str, PaperId] = {}
    for paper, topics in connection.execute(query.order_by(listings.c.place)):
        for slug, _, _ in json.loads(topics):
            papers.setdefault(slug, PaperId(paper))
    found = some_listings(connection, edition.number, set(papers.values()))
    return {slug: found[paper] for slug, paper in papers.items()}


def shelf(
    connection: Connection, edition: EditionSummary, slug: str, start: int, most: int
) -> Shelf:
    """The papers of an edition that belong to a topic, at most so many from `start` on, in the
    edition's order."""
    # As `keep_edition` writes them. In a word the quotation marks would be escaped.
    belongs = listings.c.topics.startswith(f'[["{slug}", ', autoescape=True) | (
        listings.c.topics.contains(f']], ["{slug}", ', autoescape=True)
    )
    here = (listings.c.edition == edition.number, belongs)
    total = connection.execute(select(func.count()).select_from(listings).where(*here)).scalar_one()
    query = LISTINGS.where(*here).order_by(listings.c.place).offset(start).limit(most)
    rows = connection.execute(query).mappings()
    return Shelf(total, tuple(listing_of_row(row) for row in rows))
