"""Editions as they went out, and the window that the next one is composed from."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, insert, or_, select, update

from newsletter.editorial.editions import Candidate, Edition, Listing
from newsletter.editorial.freshness import Freshness, Verdict
from newsletter.editorial.papers import PaperId
from newsletter.editorial.ranking import Standing
from newsletter.editorial.topics import Assignment
from newsletter.store.archive import paper_of_row, signals_of
from newsletter.store.curations import curated, next_note, note_stands_in
from newsletter.store.engine import in_groups
from newsletter.store.tables import editions, listings, papers, revisions

LISTINGS = select(listings, revisions.c.words).join(
    revisions, revisions.c.number == listings.c.revision
)
"""Listings with the words that their editions print."""


@dataclass(frozen=True, slots=True)
class EditionSummary:
    """An edition without its listings."""

    number: int
    day: date
    published_at: datetime
    listings: int
    entered_today: int
    freshness: Freshness
    sentence: str = ""
    """Why that freshness."""
    note: str = ""
    """The curator's."""
    printed_with: str | None = None
    """JSON: fingerprints of what its first mail was printed with."""

    @property
    def verdict(self) -> Verdict:
        """What was to be thought of the day's haul when it came out."""
        return Verdict(self.freshness, self.sentence)


def window(connection: Connection, day: date, days: int) -> list[Candidate]:
    """The candidates of `day`'s edition: what entered in the last `days` days, what was gathered in
    them and stood in no edition yet, and the curator's pins; without her drops."""
    opened = day - timedelta(days=days)
    hand = curated(connection, day, days)
    rows = connection.execute(
        select(papers.c.id, papers.c.entered, papers.c.signals, revisions.c.words)
        .join(revisions, revisions.c.number == papers.c.revision)
        .where(
            papers.c.withdrawn.is_(False),
            papers.c.absorbed_by.is_(None),
            or_(
                papers.c.entered > opened,
                papers.c.entered.is_(None) & (papers.c.gathered > opened),
                papers.c.id.in_([paper.value for paper in hand.pins]),
            ),
        )
        .order_by(papers.c.id)
    ).mappings()
    order = {paper: place for place, paper in enumerate(hand.pins, 1)}
    found = []
    for row in rows:
        paper = paper_of_row(row["id"], row["words"], row["signals"])
        if pin := hand.pins.get(paper.id):
            entered = _entered_before(row["entered"], pin.day, days)
            found.append(Candidate(paper, entered, pin.note, order[paper.id]))
        elif paper.id not in hand.dropped:
            found.append(Candidate(paper, row["entered"]))
    return found


def _entered_before(entered: date | None, pinned: date, days: int) -> date | None:
    """When a pinned paper entered; None where it had left the window by the day of its pin, and so
    enters again. One that leaves it while the pin holds was there all the while, and is not new."""
    return None if entered is None or entered <= pinned - timedelta(days=days) else entered


def next_number(connection: Connection) -> int:
    """The number of the next edition, from 1 and without gaps."""
    return (connection.execute(select(func.max(editions.c.number))).scalar() or 0) + 1


def keep_edition(
    connection: Connection, edition: Edition, published_at: datetime, verdict: Verdict
) -> None:
    """Store a new edition, frozen, with the curator's note. Its new papers enter on its day; only a
    pin makes a paper enter again."""
    note = next_note(connection, edition.day)
    connection.execute(
        insert(editions).values(
            number=edition.number,
            day=edition.day,
            published_at=published_at,
            listings=len(edition.listings),
            entered_today=edition.entered_today,
            freshness=verdict.freshness.value,
            sentence=verdict.sentence,
            note=note.text if note else "",
        )
    )
    if note:
        note_stands_in(connection, note.number, edition.number)
    for group in in_groups(list(enumerate(edition.listings, 1)), 400):
        keys = [listing.paper.id.value for _, listing in group]
        current = dict(
            connection.execute(
                select(papers.c.id, papers.c.revision).where(papers.c.id.in_(keys))
            ).all()
        )
        connection.execute(
            insert(listings),
            [_listing_row(edition.number, place, listing, current) for place, listing in group],
        )
        entering = [x.paper.id.value for _, x in group if x.entered == edition.day]
        connection.execute(
            update(papers).where(papers.c.id.in_(entering)).values(entered=edition.day)
        )


def latest_edition(connection: Connection, day: date | None = None) -> EditionSummary | None:
    """The newest edition, or the one of `day`."""
    query = select(editions).order_by(editions.c.number.desc()).limit(1)
    if day is not None:
        query = query.where(editions.c.day == day)
    row = connection.execute(query).mappings().first()
    return summary_of_row(row) if row else None


def edition_of(connection: Connection, number: int) -> EditionSummary:
    """The edition of this number, which must exist."""
    row = connection.execute(select(editions).where(editions.c.number == number)).mappings().one()
    return summary_of_row(row)


def note_printing(connection: Connection, number: int, printed_with: str) -> None:
    """Keep with the edition what its first mail is printed with; the first word stands."""
    connection.execute(
        update(editions)
        .where(editions.c.number == number, editions.c.printed_with.is_(None))
        .values(printed_with=printed_with)
    )


def first_entered(connection: Connection, edition: EditionSummary) -> date:
    """The day from which mails may have held a paper of the edition: that on which its oldest one
    entered, or was gathered where a pin brought it back."""
    entered, gathered = connection.execute(
        select(func.min(listings.c.entered), func.min(papers.c.gathered))
        .join(papers, papers.c.id == listings.c.paper)
        .where(listings.c.edition == edition.number)
    ).one()
    return min(entered or edition.day, gathered or edition.day)


def load_edition(connection: Connection, summary: EditionSummary) -> Edition:
    """The edition as it was frozen."""
    rows = connection.execute(
        LISTINGS.where(listings.c.edition == summary.number).order_by(listings.c.place)
    ).mappings()
    return Edition(summary.number, summary.day, tuple(listing_of_row(row) for row in rows))


def some_listings(
    connection: Connection, number: int, ids: Iterable[PaperId]
) -> dict[PaperId, Listing]:
    """Listings of one edition, by paper."""
    found: dict[PaperId, Listing] = {}
    for group in in_groups([paper_id.value for paper_id in ids], 400):
        rows = connection.execute(
            LISTINGS.where(listings.c.edition == number, listings.c.paper.in_(group))
        ).mappings()
        found.update((PaperId(row["paper"]), listing_of_row(row)) for row in rows)
    return found


def summary_of_row(row: RowMapping) -> EditionSummary:
    """The edition that is stored as this row."""
    return EditionSummary(**{**row, "freshness": Freshness(row["freshness"])})


def _listing_row(
    number: int, place: int, listing: Listing, revision: dict[str, int]
) -> dict[str, object]:
    return {
        "edition": number,
        "place": place,
        "paper": listing.paper.id.value,
        "revision": revision[listing.paper.id.value],
        "entered": listing.entered,
        "topics": json.dumps([[a.topic, a.points, list(a.because)] for a in listing.topics]),
        "standing": listing.standing.value,
        "standing_words": listing.standing.words,
        "signals": signals_of(listing.paper),
        "pinned": listing.pinned,
    }


def listing_of_row(row: RowMapping) -> Listing:
    """The listing that is stored as this row of LISTINGS."""
    paper = paper_of_row(row["paper"], row["words"], row["signals"])
    return Listing(
        paper,
        row["entered"],
        tuple(
            Assignment(slug, points, tuple(because))
            for slug, points, because in json.loads(row["topics"])
        ),
        Standing(row["standing"], row["standing_words"]),
        row["pinned"],
    )
