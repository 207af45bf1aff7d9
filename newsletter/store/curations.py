"""The curator's hand on what comes next: pins, drops, and the note of the next edition."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select, update

from newsletter.editorial.papers import PaperId
from newsletter.store.ledger import State
from newsletter.store.names import look_up
from newsletter.store.tables import (
    curations,
    curator_notes,
    deliveries,
    editions,
    papers,
    revisions,
)

_NOTE_HOLDS = timedelta(days=7)
_WAS_SENT = (State.SENDING, State.SENT, State.DOUBTFUL)


class Verb(StrEnum):
    """What the curator did with a paper."""

    PIN = "pin"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Work:
    """A paper of the archive, as far as its curator has to know it."""

    id: PaperId
    title: str
    entered: date | None
    """The day of the edition that it entered with, None while none has listed it."""
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Curation:
    """A pin or a drop. A pin holds from the edition of its day on, a drop always."""

    paper: PaperId
    verb: Verb
    note: str
    day: date
    at: datetime
    """Pins stand in this order."""


@dataclass(frozen=True, slots=True)
class Curated:
    """What the curator has decided for the edition of one day."""

    pins: dict[PaperId, Curation]
    """In the order of pinning."""
    dropped: frozenset[PaperId]


def known(connection: Connection, paper: PaperId) -> Work | None:
    """The work that bears this name, as its key or as another one. None where nothing does, or more
    than one."""
    bearers = look_up(connection, {paper.value})
    key = bearers.keys.get(paper.value) or bearers.others.get(paper.value)
    rows = connection.execute(_works().where(papers.c.id == key)).mappings()
    return next(map(_work, rows), None)


def is_ambiguous(connection: Connection, paper: PaperId) -> bool:
    """True for a name that several works bear."""
    return paper.value in look_up(connection, {paper.value}).ambiguous


def titled(connection: Connection, words: str) -> list[Work]:
    """The works in whose title these words stand, whatever their case; where they are the whole
    title of some, only those."""
    wanted = _folded(words)
    rows = connection.execute(_works().where(papers.c.absorbed_by.is_(None)).order_by(papers.c.id))
    # Compared here, since SQLite folds the case of ASCII only.
    found = [work for work in map(_work, rows.mappings()) if wanted in _folded(work.title)]
    return [work for work in found if _folded(work.title) == wanted] or found


def curation_of(connection: Connection, paper: PaperId) -> Curation | None:
    """What the curator decided on this work last."""
    return next((c for _, c in reversed(_all(connection)) if c.paper == paper), None)


def keep(connection: Connection, curation: Curation) -> None:
    """Keep a pin or a drop in place of what there was for the paper.

    What is pinned again for the same day keeps its place among the pins; else it comes last.
    """
    before = curation_of(connection, curation.paper)
    newest = connection.execute(select(func.max(curations.c.at))).scalar()
    at = curation.at
    if before and (before.verb, before.day) == (curation.verb, curation.day):
        at = before.at
    elif newest:
        # Moments are kept in whole seconds, and a script pins several papers in one.
        at = max(at, newest + timedelta(seconds=1))
    take_back(connection, curation.paper)
    connection.execute(
        insert(curations).values(
            paper=curation.paper.value,
            verb=curation.verb.value,
            note=curation.note,
            day=curation.day,
            at=at,
        )
    )


def take_back(connection: Connection, paper: PaperId) -> None:
    """Forget every pin and drop of this work."""
    keys = [key for key, curation in _all(connection) if curation.paper == paper]
    connection.execute(delete(curations).where(curations.c.paper.in_(keys)))


def curated(connection: Connection, day: date, days: int) -> Curated:
    """What holds for the edition of `day`. A pin holds for `days` days, its own the first."""
    latest = _latest(connection)
    pins = {
        paper: curation
        for paper, curation in latest.items()
        if curation.verb is Verb.PIN and curation.day <= day < curation.day + timedelta(days=days)
    }
    return Curated(pins, frozenset(p for p, c in latest.items() if c.verb is Verb.DROP))


def curated_since(connection: Connection, opened: date) -> list[tuple[Curation, Work]]:
    """Every drop, and the pins of days after `opened`, in their order, each with its paper."""
    holding = [c for c in _latest(connection).values() if c.verb is Verb.DROP or c.day > opened]
    return [(c, work) for c in holding if (work := known(connection, c.paper))]


@dataclass(frozen=True, slots=True)
class Note:
    """The curator's note as the next edition would carry it."""

    number: int
    text: str
    carried_by: int | None
    """The edition that carried it already, and that nobody was sent."""


def next_note(connection: Connection, day: date) -> Note | None:
    """The note for the edition of `day`: the one that waits, or that of the newest edition where
    nobody was sent it, as on a quiet day, and it is not a week old."""
    newest = select(curator_notes).order_by(curator_notes.c.number.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    if row is None or not row.note:
        return None
    if row.edition is not None and not _goes_on(connection, row.edition, day):
        return None
    return Note(row.number, row.note, row.edition)


def keep_note(connection: Connection, note: str, now: datetime) -> None:
    """Keep the note for the next edition in place of the one before; "" withdraws that."""
    connection.execute(delete(curator_notes).where(curator_notes.c.edition.is_(None)))
    connection.execute(insert(curator_notes).values(note=note, at=now))


def note_stands_in(connection: Connection, note: int, edition: int) -> None:
    """Remember in which edition the note of this number stands."""
    stands = update(curator_notes).where(curator_notes.c.number == note)
    connection.execute(stands.values(edition=edition))


def _goes_on(connection: Connection, edition: int, day: date) -> bool:
    """Whether nobody was sent an edition, the newest before `day`, and it is not too old."""
    # What is older may have been sent and forgotten.
    recent = (editions.c.number == edition, editions.c.day > day - _NOTE_HOLDS)
    is_newest = select(func.max(editions.c.number)).scalar_subquery() == edition
    if connection.execute(select(editions.c.day).where(*recent, is_newest)).first() is None:
        return False
    was_sent = deliveries.c.state.in_(_WAS_SENT)
    sent = select(deliveries.c.number).where(deliveries.c.edition == edition, was_sent).limit(1)
    return connection.execute(sent).first() is None


def _all(connection: Connection) -> list[tuple[str, Curation]]:
    """Every pin and drop, the oldest first, with the key of its row; each names the work as it is
    known now."""
    rows = connection.execute(
        select(curations, papers.c.absorbed_by)
        .join(papers, papers.c.id == curations.c.paper)
        .order_by(curations.c.at, curations.c.paper)
    ).mappings()
    return [(row["paper"], _curation(row)) for row in rows]


def _latest(connection: Connection) -> dict[PaperId, Curation]:
    """The last pin or drop of each work, in their order."""
    latest: dict[PaperId, Curation] = {}
    for _, curation in _all(connection):
        latest.pop(curation.paper, None)
        latest[curation.paper] = curation
    return latest


def _curation(row: RowMapping) -> Curation:
    paper = PaperId(row["absorbed_by"] or row["paper"])
    return Curation(paper, Verb(row["verb"]), row["note"], row["day"], row["at"])


def _works() -> Select[tuple[str, str, date | None, bool]]:
    return select(papers.c.id, revisions.c.words, papers.c.entered, papers.c.withdrawn).join(
        revisions, revisions.c.number == papers.c.revision
    )


def _work(row: RowMapping) -> Work:
    title = json.loads(row["words"])["title"]
    return Work(PaperId(row["id"]), title, row["entered"], row["withdrawn"])


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
