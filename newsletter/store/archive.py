"""The archive: papers as they come in, editions as they went out."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, or_, select, update

from newsletter.editorial.editions import Candidate, Edition, Listing
from newsletter.editorial.freshness import Freshness, freshness
from newsletter.editorial.papers import Paper, PaperId, unified
from newsletter.editorial.ranking import Standing
from newsletter.editorial.topics import Assignment
from newsletter.store.engine import in_groups
from newsletter.store.tables import editions, listings, papers, revisions

_SIGNALS = ("votes", "comments", "stars", "position")
_LISTS = ("authors", "categories", "keywords")
_LISTINGS = select(listings, revisions.c.words).join(
    revisions, revisions.c.number == listings.c.revision
)
_TEXTS = ("title", "abstract", "url", "pdf", "code", "project", "comment")


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of gathered papers: never seen before, already known."""

    new: int
    known: int


@dataclass(frozen=True, slots=True)
class EditionSummary:
    """An edition without its listings."""

    number: int
    day: date
    published_at: datetime
    listings: int
    entered_today: int

    @property
    def freshness(self) -> Freshness:
        return freshness(self.entered_today)


def file_papers(connection: Connection, gathered: Iterable[Paper], day: date) -> Filed:
    """File what a source brought on `day`. A known paper keeps the best of both records; changed
    words become a new revision, so that no edition's text ever changes."""
    new = known = 0
    for group in in_groups(unified(list(gathered)), 400):
        stored = _stored(connection, [paper.id for paper in group])
        merged = [stored[p.id].merged(p) if p.id in stored else p for p in group]
        numbers = _revisions_of(connection, merged)
        rows = [
            {
                "key": paper.id.value,
                "revision_number": numbers[paper.id],
                "signals_json": _signals(paper),
            }
            for paper in merged
        ]
        known_rows = [row for row in rows if PaperId(str(row["key"])) in stored]
        new_rows = [row for row in rows if PaperId(str(row["key"])) not in stored]
        if known_rows:
            connection.execute(
                update(papers)
                .where(papers.c.id == bindparam("key"))
                .values(revision=bindparam("revision_number"), signals=bindparam("signals_json")),
                known_rows,
            )
        if new_rows:
            connection.execute(
                insert(papers).values(
                    id=bindparam("key"),
                    gathered=day,
                    revision=bindparam("revision_number"),
                    signals=bindparam("signals_json"),
                ),
                new_rows,
            )
        new += len(new_rows)
        known += len(known_rows)
    return Filed(new, known)


def window(connection: Connection, day: date, days: int) -> list[Candidate]:
    """The candidates of `day`'s edition: what entered in the last `days` days, and what was
    gathered in them and stood in no edition yet."""
    opened = day - timedelta(days=days)
    rows = connection.execute(
        select(papers.c.id, papers.c.entered, papers.c.signals, revisions.c.words)
        .join(revisions, revisions.c.number == papers.c.revision)
        .where(
            or_(
                papers.c.entered > opened,
                papers.c.entered.is_(None) & (papers.c.gathered > opened),
            )
        )
        .order_by(papers.c.id)
    ).mappings()
    return [
        Candidate(_paper(row["id"], row["words"], row["signals"]), row["entered"]) for row in rows
    ]


def is_empty(connection: Connection) -> bool:
    """True where no paper was ever gathered."""
    return connection.execute(select(papers.c.id).limit(1)).first() is None


def next_number(connection: Connection) -> int:
    """The number of the next edition, from 1 and without gaps."""
    return (connection.execute(select(func.max(editions.c.number))).scalar() or 0) + 1


def keep_edition(connection: Connection, edition: Edition, published_at: datetime) -> None:
    """Store a new edition, frozen. Its papers enter on its day, once and for ever."""
    connection.execute(
        insert(editions).values(
            number=edition.number,
            day=edition.day,
            published_at=published_at,
            listings=len(edition.listings),
            entered_today=edition.entered_today,
        )
    )
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
        connection.execute(
            update(papers)
            .where(papers.c.id.in_(keys) & papers.c.entered.is_(None))
            .values(entered=edition.day)
        )


def latest_edition(connection: Connection, day: date | None = None) -> EditionSummary | None:
    """The newest edition, or the one of `day`."""
    query = select(editions).order_by(editions.c.number.desc()).limit(1)
    if day is not None:
        query = query.where(editions.c.day == day)
    row = connection.execute(query).mappings().first()
    return EditionSummary(**row) if row else None


def edition_of(connection: Connection, number: int) -> EditionSummary:
    """The edition of this number, which must exist."""
    row = connection.execute(select(editions).where(editions.c.number == number)).mappings().one()
    return EditionSummary(**row)


def first_entered(connection: Connection, edition: EditionSummary) -> date:
    """The day on which the oldest paper of the edition entered: where its window opened."""
    query = select(func.min(listings.c.entered)).where(listings.c.edition == edition.number)
    return connection.execute(query).scalar() or edition.day


def load_edition(connection: Connection, summary: EditionSummary) -> Edition:
    """The edition as it was frozen."""
    rows = connection.execute(
        _LISTINGS.where(listings.c.edition == summary.number).order_by(listings.c.place)
    ).mappings()
    return Edition(summary.number, summary.day, tuple(_listing(row) for row in rows))


def some_listings(
    connection: Connection, number: int, ids: Iterable[PaperId]
) -> dict[PaperId, Listing]:
    """Listings of one edition, by paper."""
    found: dict[PaperId, Listing] = {}
    for group in in_groups([paper_id.value for paper_id in ids], 400):
        rows = connection.execute(
            _LISTINGS.where(listings.c.edition == number, listings.c.paper.in_(group))
        ).mappings()
        found.update((PaperId(row["paper"]), _listing(row)) for row in rows)
    return found


def _stored(connection: Connection, ids: list[PaperId]) -> dict[PaperId, Paper]:
    rows = connection.execute(
        select(papers.c.id, papers.c.signals, revisions.c.words)
        .join(revisions, revisions.c.number == papers.c.revision)
        .where(papers.c.id.in_([paper_id.value for paper_id in ids]))
    ).mappings()
    return {PaperId(row["id"]): _paper(row["id"], row["words"], row["signals"]) for row in rows}


def _revisions_of(connection: Connection, group: list[Paper]) -> dict[PaperId, int]:
    """The revision number of each paper's words, made where there is none yet."""
    words = {paper.id: _words(paper) for paper in group}
    hashes = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in words.items()}
    wanted = list(hashes.values())
    query = select(revisions.c.paper, revisions.c.words_hash, revisions.c.number).where(
        revisions.c.words_hash.in_(wanted)
    )
    have = {(paper, digest): number for paper, digest, number in connection.execute(query)}
    missing = [
        {"paper": key.value, "words_hash": digest, "words": words[key]}
        for key, digest in hashes.items()
        if (key.value, digest) not in have
    ]
    if missing:
        connection.execute(insert(revisions), missing)
        have = {(p, digest): number for p, digest, number in connection.execute(query)}
    return {key: have[key.value, digest] for key, digest in hashes.items()}


def _words(paper: Paper) -> str:
    """What is printed of a paper, as JSON; `_signals` is the rest of it."""
    record: dict[str, Any] = {name: getattr(paper, name) for name in (*_TEXTS, *_LISTS)}
    record["published"] = paper.published.isoformat() if paper.published else None
    return json.dumps(
        {key: value for key, value in record.items() if value}, ensure_ascii=False, sort_keys=True
    )


def _signals(paper: Paper) -> str:
    return json.dumps(
        {name: getattr(paper, name) for name in _SIGNALS if getattr(paper, name) is not None}
    )


def _paper(key: str, words: str, signals: str) -> Paper:
    record = json.loads(words) | json.loads(signals)
    for name in _LISTS:
        record[name] = tuple(record.get(name, ()))
    if "published" in record:
        record["published"] = date.fromisoformat(record["published"])
    return Paper(id=PaperId(key), abstract=record.pop("abstract", ""), **record)


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
        "signals": _signals(listing.paper),
    }


def _listing(row: RowMapping) -> Listing:
    paper = _paper(row["paper"], row["words"], row["signals"])
    return Listing(
        paper,
        row["entered"],
        tuple(
            Assignment(slug, points, tuple(because))
            for slug, points, because in json.loads(row["topics"])
        ),
        Standing(row["standing"], row["standing_words"]),
    )
