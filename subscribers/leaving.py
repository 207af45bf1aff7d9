"""Leaving by a link, and taking it back: the link may be in anybody's hands.

What brings somebody in needs her own confirmation. To take a departure back shortly after it is no
such thing: the mails that she had agreed to go on. So a departure is written down beside the
consents, and only one of somebody who was getting mails.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, update

from subscribers import roster
from subscribers.model import Consent, Move, State, after
from subscribers.tables import consents as _consents
from subscribers.tables import subscribers as _subscribers

LEFT = "withdrawn"
"""In place of a ground, a departure is written down with this,"""
CAME_BACK = "took the withdrawal back"
"""and that it was taken back with this."""

_FOR = timedelta(days=1)
_MOST = 3  # times in a day: two mails go to her each time, and whoever holds a mail can ask for it
_her = _subscribers.c


def leave(connection: Connection, number: int, source: str, now: datetime) -> bool:
    """Unsubscribe her; whether she was still getting mails, or waiting to. May be repeated, and
    never fails."""
    reader = roster.get(connection, number)
    left = roster.withdraw(connection, number, now)
    if left and reader and reader.reads:
        _write_down(connection, number, Consent(LEFT, source, now))
    return left


def come_back(connection: Connection, number: int, source: str, now: datetime) -> bool:
    """Take back, within a day and three times at most, that she left; whether that was still
    possible. A pause she had is over."""
    if not _can_come_back(connection, number, now):
        return False
    left = (_her.number == number) & (_her.state == State.UNSUBSCRIBED)
    state = after(State.UNSUBSCRIBED, Move.RETURN)
    back = connection.execute(update(_subscribers).where(left).values(state=state, changed_at=now))
    if back.rowcount == 1:
        _write_down(connection, number, Consent(CAME_BACK, source, now))
    return back.rowcount == 1


def _can_come_back(connection: Connection, number: int, now: datetime) -> bool:
    reader = roster.get(connection, number)
    if reader is None or reader.state is not State.UNSUBSCRIBED:
        return False
    written = roster.consents(connection, number)
    lately = [entry.ground for entry in written if now - entry.at <= _FOR]
    return lately[-1:] == [LEFT] and lately.count(CAME_BACK) < _MOST


def _write_down(connection: Connection, number: int, entry: Consent) -> None:
    row = {"ground": entry.ground, "source": entry.source, "at": entry.at}
    connection.execute(insert(_consents), {"subscriber": number, **row})
