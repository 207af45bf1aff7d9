"""The roster: who subscribes, in what state, and by whose consent.

Every function works inside the transaction of the connection it is given and leaves committing to
the caller. `now` is aware and kept to the second. What is read may have moved before it is written
(she withdraws while an import runs), so a write asks for the state that it was decided on, and
where that has gone the decision is made anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, and_, delete, exists, func, insert, or_, select, update

from subscribers.addresses import Address
from subscribers.departures import count_departure
from subscribers.errors import HasLeft, IllegalMove
from subscribers.model import Consent, Move, Preferences, State, Subscriber, after, clean_name
from subscribers.rows import (
    SUBSCRIBER,
    add_row,
    differ,
    spelled,
    subscriber_of,
    update_row,
    written,
)
from subscribers.suppressions import ERASED, bar, lift_erasure, reason_barred
from subscribers.tables import consents as _consents
from subscribers.tables import errands as _errands
from subscribers.tables import subscribers as _subscribers
from subscribers.tables import tastes as _tastes

_DEPARTURES = {Move.WITHDRAW, Move.PAUSE, Move.SUPPRESS}
_PAGE = 1000  # rows fetched at a time while streaming
_her = _subscribers.c


class Outcome(StrEnum):
    """What enrolling came to."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Whom enrolling concerned, and what it came to."""

    number: int
    outcome: Outcome


def enrol(
    connection: Connection, address: Address, name: str, preferences: Preferences, consent: Consent
) -> Enrolment:
    """Bring somebody in on a ground of consent, at the moment of that consent.

    Who is active or paused already stays so, and keeps the consent she gave; her preferences are
    replaced, and her name too unless the new one is empty. Raises HasLeft for somebody who
    unsubscribed, was suppressed or erased.
    """
    row = connection.execute(SUBSCRIBER.where(_her.address_key == address.key)).one_or_none()
    if (row is None or row.state is State.PENDING) and reason_barred(connection, address):
        raise HasLeft("She was suppressed or erased, and no import brings her back: leave her out.")
    if row is None:
        return _join(connection, address, name, preferences, consent)
    values = {
        "state": after(row.state, Move.ENROL),
        "name": clean_name(name) or row.name,
        "preferences": written(preferences),
    }
    if not differ(row, values):
        return Enrolment(row.number, Outcome.UNCHANGED)
    if not update_row(connection, row, values, consent.at):
        return enrol(connection, address, name, preferences, consent)
    if row.state is not State.PENDING:
        return Enrolment(row.number, Outcome.UPDATED)
    _record(connection, row.number, consent)
    return Enrolment(row.number, Outcome.ADDED)


def expect(connection: Connection, address: Address, now: datetime) -> int | None:
    """The number of who asks to subscribe, pending if she is new, or None where asking is not for
    her: she reads already, or nobody may write to her address.

    Who unsubscribed stays so until she confirms: an import must not take her for a newcomer.
    """
    known = find(connection, address)
    try:
        after(known.state if known else None, Move.ASK)
    except IllegalMove:
        return None
    if reason_barred(connection, address) not in {None, ERASED}:
        return None
    if known:
        return known.number
    number = add_row(connection, address, "", State.PENDING, Preferences(), now)
    return number or expect(connection, address, now)


def confirm(
    connection: Connection, number: int, preferences: Preferences, consent: Consent
) -> Subscriber | None:
    """Her, active from now on with these preferences, or None where she cannot be: she is so
    already, or was suppressed or erased since she asked."""
    values: dict[str, object] = {"preferences": written(preferences), "paused_until": None}
    try:
        _move(connection, number, Move.CONFIRM, consent.at, values)
    except IllegalMove:
        return None
    _record(connection, number, consent)
    confirmed = get(connection, number)
    if confirmed:
        lift_erasure(connection, confirmed.address)
    return confirmed


def readdress(connection: Connection, number: int, address: Address, now: datetime) -> bool:
    """Write to her at another address from now on; whether nobody had it, and it is not barred.

    Raises IllegalMove.
    """
    row = connection.execute(SUBSCRIBER.where(_her.number == number)).one_or_none()
    after(row.state if row else None, Move.CHANGE)
    if reason_barred(connection, address):
        return False
    other = _subscribers.alias()
    taken = exists().where(other.c.address_key == address.key, other.c.number != number)
    free = and_(_her.number == number, ~taken)
    moved = update(_subscribers).where(free).values(changed_at=now, **spelled(address))
    if connection.execute(moved).rowcount != 1:
        return False
    count_departure(connection)  # a mail that is made already must not go to the old address
    return True


def find(connection: Connection, address: Address) -> Subscriber | None:
    """Who has this address, however it is capitalised."""
    row = connection.execute(SUBSCRIBER.where(_her.address_key == address.key)).one_or_none()
    return subscriber_of(row) if row else None


def get(connection: Connection, number: int) -> Subscriber | None:
    """Who has this number."""
    return some(connection, [number]).get(number)


def some(connection: Connection, numbers: Iterable[int]) -> dict[int, Subscriber]:
    """Those of the numbers that exist, in one query: a group, of some ten thousand at most."""
    rows = connection.execute(SUBSCRIBER.where(_her.number.in_(list(numbers))))
    return {row.number: subscriber_of(row) for row in rows}


def recipients(connection: Connection, after: int, limit: int) -> list[Subscriber]:
    """The next ones numbered above `after` who may be due: all active ones, and those whose pause
    has an end. An empty list says that there are no more."""
    may_be_due = or_(
        _her.state == State.ACTIVE,
        and_(_her.state == State.PAUSED, _her.paused_until.is_not(None)),
    )
    page = SUBSCRIBER.where(_her.number > after, may_be_due).order_by(_her.number).limit(limit)
    return [subscriber_of(row) for row in connection.execute(page)]


def everyone(connection: Connection) -> Iterator[Subscriber]:
    """All subscribers in every state by number, streamed: the transaction has to stay open."""
    rows = connection.execute(
        SUBSCRIBER.order_by(_her.number), execution_options={"yield_per": _PAGE}
    )
    return map(subscriber_of, rows)


def consents(connection: Connection, number: int) -> list[Consent]:
    """What she agreed to, the oldest first."""
    given = _consents.c
    rows = connection.execute(
        select(given.ground, given.source, given.at)
        .where(given.subscriber == number)
        .order_by(given.id)
    )
    return [Consent(row.ground, row.source, row.at) for row in rows]


def census(connection: Connection) -> dict[State, int]:
    """How many are in each state, zeros included."""
    rows = connection.execute(select(_her.state, func.count()).group_by(_her.state))
    return dict.fromkeys(State, 0) | dict(rows.all())


def change(connection: Connection, number: int, preferences: Preferences, now: datetime) -> bool:
    """Replace her preferences; whether they differed. Raises IllegalMove."""
    return _move(connection, number, Move.CHANGE, now, {"preferences": written(preferences)})


def pause(connection: Connection, number: int, until: date | None, now: datetime) -> bool:
    """Send her nothing before `until`, or None: before she resumes. Whether that is news.

    Raises IllegalMove.
    """
    return _move(connection, number, Move.PAUSE, now, {"paused_until": until})


def resume(connection: Connection, number: int, now: datetime) -> bool:
    """End her pause; whether there was one. Raises IllegalMove."""
    return _move(connection, number, Move.RESUME, now, {"paused_until": None})


def withdraw(connection: Connection, number: int, now: datetime) -> bool:
    """Unsubscribe her; whether she was still there. May be repeated, and never fails.

    What she had asked for and not confirmed is void: only a new question brings her back.
    """
    _void(connection, number)
    try:
        return _move(connection, number, Move.WITHDRAW, now, {"paused_until": None})
    except IllegalMove:  # suppressed or erased: she gets nothing as it is
        return False


def suppress(connection: Connection, number: int, reason: str, now: datetime) -> bool:
    """Never write to her address again; whether it was not suppressed yet. May be repeated."""
    known = get(connection, number)
    if known is None:
        return False
    bar(connection, known.address, reason, now)
    _void(connection, number)
    return _move(connection, number, Move.SUPPRESS, now, {"paused_until": None})


def erase(connection: Connection, number: int, now: datetime) -> bool:
    """Forget her; whether there was anything to forget. May be repeated.

    All that stays is a keyed hash of her address among the suppressions, so that no import can
    bring her back, and her number, which nobody gets again.
    """
    known = get(connection, number)
    if known is None:
        return False
    bar(connection, known.address, ERASED, now)
    count_departure(connection)
    for rows in (_consents, _tastes, _errands):
        connection.execute(delete(rows).where(rows.c.subscriber == number))
    connection.execute(delete(_subscribers).where(_her.number == number))
    return True


def _join(
    connection: Connection, address: Address, name: str, preferences: Preferences, consent: Consent
) -> Enrolment:
    number = add_row(connection, address, name, State.ACTIVE, preferences, consent.at)
    if number is None:  # somebody else brought her in since we looked
        return enrol(connection, address, name, preferences, consent)
    _record(connection, number, consent)
    return Enrolment(number, Outcome.ADDED)


def _void(connection: Connection, number: int) -> None:
    """Nothing waits for her any more: what she asked for, and what she was yet to be told."""
    connection.execute(delete(_errands).where(_errands.c.subscriber == number))
    connection.execute(update(_subscribers).where(_her.number == number).values(unheard=None))


def _record(connection: Connection, number: int, consent: Consent) -> None:
    given = {"ground": consent.ground, "source": consent.source, "at": consent.at}
    connection.execute(insert(_consents), {"subscriber": number, **given})


def _move(
    connection: Connection, number: int, move: Move, now: datetime, values: dict[str, object]
) -> bool:
    """Make a move and write the values that come with it; whether any was new."""
    row = connection.execute(SUBSCRIBER.where(_her.number == number)).one_or_none()
    state = after(row.state if row else None, move)
    if row is None or not differ(row, written := {**values, "state": state}):
        return False
    if move in _DEPARTURES:
        count_departure(connection)
    return update_row(connection, row, written, now) or _move(connection, number, move, now, values)
