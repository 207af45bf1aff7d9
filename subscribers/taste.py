"""What she asked more and less of: a row for each paper, its last word counts.

All of it can be set aside by the link in a mail, which may be in anybody's hands. So it counts no
more, but stays for a day, in which it can be brought back.

Papers are texts here, the identities that whoever knows papers gives them. As in the roster, every
function works inside the transaction of the connection it is given.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    SmallInteger,
    and_,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from subscribers.roster import Enrolment, Outcome
from subscribers.tables import Moment
from subscribers.tables import subscribers as _subscribers
from subscribers.tables import tastes as _tastes

MOST_READ = 200
"""So many of each are read, the newest: what she liked years ago says little of today."""

_MORE, _LESS = 1, -1
_FOR = timedelta(days=1)
_her = _tastes.c
_counts = _her.set_aside_at.is_(None)


@dataclass(frozen=True, slots=True)
class Taste:
    """The papers she asked more and less of, the newest first."""

    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()

    @property
    def papers(self) -> tuple[str, ...]:
        return self.more + self.less


def ask(connection: Connection, subscriber: int, paper: str, more: bool, now: datetime) -> None:
    """Let her ask for more, or for less, like this paper, in place of what she asked before.

    Nothing happens where nobody has that number: a link in an old mail outlives who was erased.
    """
    hers = select(
        _subscribers.c.number,
        literal(paper),
        literal(_MORE if more else _LESS, SmallInteger),
        literal(now, Moment),
    ).where(_subscribers.c.number == subscriber)
    row = _insert(connection).from_select(["subscriber", "paper", "sign", "at"], hers)
    connection.execute(_in_place(row))


def begin(connection: Connection, enrolment: Enrolment, taste: Taste, now: datetime) -> Outcome:
    """What enrolling somebody comes to when her taste begins with these papers. What she asked
    herself stays."""
    subscriber = enrolment.number
    known = of(connection, [subscriber], most=None)[subscriber].papers if taste.papers else ()
    signs = dict.fromkeys(taste.less, _LESS) | dict.fromkeys(taste.more, _MORE)
    new = [
        {"subscriber": subscriber, "paper": paper, "sign": sign, "at": now}
        for paper, sign in signs.items()
        if paper not in known
    ]
    if new:
        connection.execute(_in_place(_insert(connection), ~_counts), new)
    unchanged = enrolment.outcome is Outcome.UNCHANGED
    return Outcome.UPDATED if new and unchanged else enrolment.outcome


def forget(connection: Connection, subscriber: int, paper: str) -> bool:
    """Take back what she asked about this paper; whether she had."""
    row = delete(_tastes).where(_her.subscriber == subscriber, _her.paper == paper, _counts)
    return connection.execute(row).rowcount == 1


def reset(connection: Connection, subscriber: int, now: datetime) -> int:
    """Set aside all that she asked; how many papers it was about."""
    hers = update(_tastes).where(_her.subscriber == subscriber, _counts)
    return connection.execute(hers.values(set_aside_at=now)).rowcount


def bring_back(connection: Connection, subscriber: int, now: datetime) -> int:
    """Let what was set aside within a day count again; how many papers it is about. What she has
    asked about one of them since stays."""
    hers = update(_tastes).where(_aside(subscriber, now))
    return connection.execute(hers.values(set_aside_at=None)).rowcount


def set_aside(connection: Connection, subscriber: int, now: datetime) -> int:
    """About how many papers it is what can still be brought back."""
    hers = select(func.count()).where(_aside(subscriber, now))
    return connection.execute(hers).scalar_one()


def forget_set_aside(connection: Connection, now: datetime) -> int:
    """Forget what cannot be brought back any more; how many rows."""
    return connection.execute(delete(_tastes).where(_her.set_aside_at <= now - _FOR)).rowcount


def of(
    connection: Connection, subscribers: Collection[int], most: int | None = MOST_READ
) -> dict[int, Taste]:
    """The taste of each, empty where she asked nothing: a group, of some ten thousand at most.

    The newest `most` papers of more and of less each are read, or all of them if it is None.
    """
    place = func.row_number().over(
        partition_by=(_her.subscriber, _her.sign), order_by=(_her.at.desc(), _her.paper)
    )
    ranked = (
        select(_her.subscriber, _her.paper, _her.sign, place.label("place"))
        .where(_her.subscriber.in_(list(subscribers)), _counts)
        .subquery()
    )
    wanted = select(ranked).order_by(ranked.c.subscriber, ranked.c.place)
    if most is not None:
        wanted = wanted.where(ranked.c.place <= most)
    asked: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row in connection.execute(wanted):
        asked[row.subscriber, row.sign].append(row.paper)
    return {
        number: Taste(tuple(asked[number, _MORE]), tuple(asked[number, _LESS]))
        for number in subscribers
    }


def named(connection: Connection) -> set[str]:
    """Every paper that anybody asks more or less of."""
    return set(connection.execute(select(_her.paper).where(_counts).distinct()).scalars())


def _in_place(
    row: sqlite.Insert | postgresql.Insert, where: ColumnElement[bool] | None = None
) -> sqlite.Insert | postgresql.Insert:
    """The row in place of the one that is there, where that one is such."""
    return row.on_conflict_do_update(
        index_elements=[_her.subscriber, _her.paper],
        set_={"sign": row.excluded.sign, "at": row.excluded.at, "set_aside_at": None},
        where=where,
    )


def _aside(subscriber: int, now: datetime) -> ColumnElement[bool]:
    return and_(_her.subscriber == subscriber, _her.set_aside_at > now - _FOR)


def _insert(connection: Connection) -> sqlite.Insert | postgresql.Insert:
    insert_into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert_into(_tastes)
