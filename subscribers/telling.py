"""Telling: by mail she hears of every weighty change, whoever made it by a link in a mail.

What she last knew is kept from the first change that she has not heard of until a mail that tells
of it was taken. So one mail tells of many taps, with what was before, and none of them is missed:
what comes within the hour after a mail waits for the next change, or for the next run.

As in the roster, every function works inside the transaction of the connection it is given.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from subscribers import roster
from subscribers.model import State, Subscriber
from subscribers.tables import subscribers as _subscribers
from subscribers.tables import tastes as _tastes
from subscribers.terms import Terms

_QUIET = timedelta(hours=1)
_her = _subscribers.c


@dataclass(frozen=True, slots=True)
class News:
    """What a mail is to tell a reader."""

    reader: Subscriber
    before: Terms
    """As she last knew it."""
    now: Terms


def terms_of(connection: Connection, reader: Subscriber) -> Terms:
    """The terms of a `reader` as she was just read."""
    taste = _tastes.c
    counting = select(func.count()).where(
        taste.subscriber == reader.number, taste.set_aside_at.is_(None)
    )
    tastes = connection.scalar(counting) or 0
    return Terms(reader.state, reader.paused_until, reader.preferences, tastes)


def tell(connection: Connection, number: int, before: Terms, now: datetime) -> News | None:
    """What to tell her by mail after a change that found her subscription as it was `before`; None
    where she heard within the hour before `now`, or all is again as she last knew it. Either way
    what she last knew is kept until `heard`."""
    first = func.coalesce(_her.unheard, before.written())
    connection.execute(update(_subscribers).where(_her.number == number).values(unheard=first))
    return tell_now(connection, number, now)


def tell_now(connection: Connection, number: int, now: datetime) -> News | None:
    """What to tell her of changes that she has not heard of, as `tell` says."""
    row = connection.execute(
        select(_her.unheard).where(_her.number == number, _her.unheard.is_not(None))
    ).one_or_none()
    reader = roster.get(connection, number)
    if row is None or reader is None:
        return None
    news = News(reader, Terms.read(row.unheard), terms_of(connection, reader))
    if news.before == news.now:
        heard(connection, number, news.now)
        return None
    told = update(_subscribers).where(_her.number == number, _may(now)).values(told_at=now)
    return news if connection.execute(told).rowcount == 1 else None


def heard(connection: Connection, number: int, told: Terms) -> None:
    """She was told that her subscription stands so; what changed since then is still to be told."""
    reader = roster.get(connection, number)
    if reader is None:
        return
    unheard = None if terms_of(connection, reader) == told else told.written()
    connection.execute(update(_subscribers).where(_her.number == number).values(unheard=unheard))


def untold(connection: Connection, now: datetime) -> list[int]:
    """Who reads, has changes to hear of, and was told nothing within the hour before `now`."""
    reads = _her.state.in_([State.ACTIVE, State.PAUSED])
    waiting = select(_her.number).where(_her.unheard.is_not(None), _may(now), reads)
    return list(connection.scalars(waiting.order_by(_her.number)))


def _may(now: datetime) -> ColumnElement[bool]:
    """Whether she was told nothing within the hour."""
    return or_(_her.told_at.is_(None), _her.told_at <= now - _QUIET)
