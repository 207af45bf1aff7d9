"""Curate: what the curator decides about the editions to come."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from newsletter.editorial.papers import PaperId
from newsletter.errors import WrongUse
from newsletter.store import curations
from newsletter.store.curations import Curation, Verb, Work
from newsletter.store.editions import EditionSummary, latest_edition, some_listings
from newsletter.store.names import kin

_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on a paper, and what it met."""

    work: Work
    before: Curation | None
    """The pin or drop in whose place it is."""
    newest: EditionSummary | None
    """The edition that came out last, which it does not change any more."""
    listed: bool
    """Whether the paper stands in that edition."""


def find(connection: Connection, text: str) -> Work:
    """The paper of the archive that an id, a link or words of its title name.

    Raises WrongUse where none or more than one does.
    """
    name = PaperId.named(text)
    if name is None:
        return _by_title(connection, text)
    if work := curations.known(connection, name):
        return work
    if curations.is_ambiguous(connection, name):
        raise WrongUse(f"several papers bear the name {name}: give one's arXiv id or title")
    how = "'newsletter gather --papers FILE' brings it in"
    if name.arxiv:
        how = f"'newsletter curate add {text}' looks it up and brings it in"
    raise WrongUse(f"{name} is not in the archive: {how}")


def known(connection: Connection, text: str) -> bool:
    """Whether the archive has the paper that an id or a link names."""
    name = PaperId.parse(text)
    return name is not None and curations.known(connection, name) is not None


def pin(
    connection: Connection, work: Work, note: str, day: date, now: datetime, window_days: int
) -> Decided:
    """Pin the paper from `day`'s edition on, for as many days as the window has.

    Raises WrongUse where no edition to come could hold it.
    """
    decided = _deciding(connection, work)
    last = day + timedelta(days=window_days - 1)
    if work.withdrawn:
        raise WrongUse(f"{work.id} was withdrawn by its authors: no edition holds it")
    if decided.newest and last <= decided.newest.day:
        raise WrongUse(
            f"a pin of {day} holds until {last}, and the edition of {decided.newest.day} is out"
        )
    curations.keep(connection, Curation(work.id, Verb.PIN, note, day, now))
    return decided


def drop(connection: Connection, work: Work, day: date, now: datetime) -> Decided:
    """Keep the paper out of every edition to come."""
    decided = _deciding(connection, work)
    curations.keep(connection, Curation(work.id, Verb.DROP, "", day, now))
    return decided


def undo(connection: Connection, work: Work) -> Decided:
    """Take back a pin or drop; raises WrongUse where there is none."""
    decided = _deciding(connection, work)
    if decided.before is None:
        raise WrongUse(f"{work.id} is neither pinned nor dropped: there is nothing to take back")
    curations.take_back(connection, work.id)
    return decided


def _deciding(connection: Connection, work: Work) -> Decided:
    newest = latest_edition(connection)
    keys = kin(connection).get(work.id, frozenset({work.id}))
    listed = newest is not None and bool(some_listings(connection, newest.number, keys))
    return Decided(work, curations.curation_of(connection, work.id), newest, listed)


def _by_title(connection: Connection, words: str) -> Work:
    if not words.strip():
        raise WrongUse("no paper is named: give its arXiv id, DOI, link, or words of its title")
    works = curations.titled(connection, words)
    if len(works) == 1:
        return works[0]
    if not works:
        raise WrongUse(
            f"no title in the archive holds {words!r}: 'newsletter curate add' looks a paper up"
            " by its arXiv id or a link and brings it in"
        )
    lines = [f"\n  {work.id}  {work.title}" for work in works[:_MOST_SHOWN]]
    more = f"\n  and {len(works) - _MOST_SHOWN} more" if len(works) > _MOST_SHOWN else ""
    raise WrongUse(
        f"{len(works)} papers have {words!r} in their titles: name one by its id"
        + "".join(lines)
        + more
    )
