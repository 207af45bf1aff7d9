"""The roster: who subscribes, in what state, and by whose consent.

Every function works inside the transaction of the connection it is given and leaves committing to
the caller. `now` is aware and kept to the second. What is read may have moved before it is written
(she withdraws while an import runs), so a write asks for the state that it was decided on, and
where that has gone the decision is made anew.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from subscribers.addresses import Address
from subscribers.departures import count_departure
from subscribers.errors import HasLeft, IllegalMove
from subscribers.model import Consent, Move, Preferences, State, Subscriber, after, clean_name
from subscribers.tables import consents as _consents
from subscribers.tables import roster_keys as _keys
from subscribers.tables import subscribers as _subscribers
from subscribers.tables import suppressions as _suppressions
from subscribers.tables import tastes as _tastes

_KEY_OCTETS = 32
_DEPARTURES = {Move.WITHDRAW, Move.PAUSE, Move.SUPPRESS}
_PAGE = 1000  # rows fetched at a time while streaming

_Row = Row[*tuple[Any, ...]]
_her = _subscribers.c
_SUBSCRIBER = select(
    _her.number, _her.address, _her.name, _her.state, _her.preferences, _her.paused_until
)


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
    row = connection.execute(_SUBSCRIBER.where(_her.address_key == address.key)).one_or_none()
    if row is None:
        return _join(connection, address, name, preferences, consent)
    values = {
        "state": after(row.state, Move.ENROL),
        "name": clean_name(name) or row.name,
        "preferences": _written(preferences),
    }
    if not _differ(row, values):
        return Enrolment(row.number, Outcome.UNCHANGED)
    if not _update(connection, row, values, consent.at):
        return enrol(connection, address, name, preferences, consent)
    if row.state is not State.PENDING:
        return Enrolment(row.number, Outcome.UPDATED)
    _record(connection, row.number, consent)
    return Enrolment(row.number, Outcome.ADDED)


def find(connection: Connection, address: Address) -> Subscriber | None:
    """Who has this address, however it is capitalised."""
    row = connection.execute(_SUBSCRIBER.where(_her.address_key == address.key)).one_or_none()
    return _subscriber(row) if row else None


def get(connection: Connection, number: int) -> Subscriber | None:
    """Who has this number."""
    return some(connection, [number]).get(number)


def some(connection: Connection, numbers: Iterable[int]) -> dict[int, Subscriber]:
    """Those of the numbers that exist, in one query: a group, of some ten thousand at most."""
    rows = connection.execute(_SUBSCRIBER.where(_her.number.in_(list(numbers))))
    return {row.number: _subscriber(row) for row in rows}


def recipients(connection: Connection, after: int, limit: int) -> list[Subscriber]:
    """The next ones numbered above `after` who may be due: all active ones, and those whose pause
    has an end. An empty list says that there are no more."""
    may_be_due = or_(
        _her.state == State.ACTIVE,
        and_(_her.state == State.PAUSED, _her.paused_until.is_not(None)),
    )
    page = _SUBSCRIBER.where(_her.number > after, may_be_due).order_by(_her.number).limit(limit)
    return [_subscriber(row) for row in connection.execute(page)]


def everyone(connection: Connection) -> Iterator[Subscriber]:
    """All subscribers in every state by number, streamed: the transaction has to stay open."""
    rows = connection.execute(
        _SUBSCRIBER.order_by(_her.number), execution_options={"yield_per": _PAGE}
    )
    return map(_subscriber, rows)


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
    return _move(connection, number, Move.CHANGE, now, {"preferences": _written(preferences)})


def pause(connection: Connection, number: int, until: date | None, now: datetime) -> bool:
    """Send her nothing before `until`, or None: before she resumes. Whether that is news.

    Raises IllegalMove.
    """
    return _move(connection, number, Move.PAUSE, now, {"paused_until": until})


def resume(connection: Connection, number: int, now: datetime) -> bool:
    """End her pause; whether there was one. Raises IllegalMove."""
    return _move(connection, number, Move.RESUME, now, {"paused_until": None})


def withdraw(connection: Connection, number: int, now: datetime) -> bool:
    """Unsubscribe her; whether she was still there. May be repeated, and never fails."""
    try:
        return _move(connection, number, Move.WITHDRAW, now, {"paused_until": None})
    except IllegalMove:  # suppressed or erased: she gets nothing as it is
        return False


def suppress(connection: Connection, number: int, reason: str, now: datetime) -> bool:
    """Never write to her address again; whether it was not suppressed yet. May be repeated."""
    known = get(connection, number)
    if known is None:
        return False
    _bar(connection, known.address, reason, now)
    return _move(connection, number, Move.SUPPRESS, now, {"paused_until": None})


def erase(connection: Connection, number: int, now: datetime) -> bool:
    """Forget her; whether there was anything to forget. May be repeated.

    All that stays is a keyed hash of her address among the suppressions, so that no import can
    bring her back, and her number, which nobody gets again.
    """
    known = get(connection, number)
    if known is None:
        return False
    _bar(connection, known.address, "erased", now)
    count_departure(connection)
    for rows in (_consents, _tastes):
        connection.execute(delete(rows).where(rows.c.subscriber == number))
    connection.execute(delete(_subscribers).where(_her.number == number))
    return True


def _join(
    connection: Connection, address: Address, name: str, preferences: Preferences, consent: Consent
) -> Enrolment:
    if _is_barred(connection, address):
        raise HasLeft("She was suppressed or erased, and no import brings her back: leave her out.")
    number = connection.scalar(
        _insert_unless_there(connection, _subscribers).returning(_her.number),
        {
            "address": address.text,
            "domain": address.domain,
            "address_key": address.key,
            "name": clean_name(name),
            "state": State.ACTIVE,
            "preferences": _written(preferences),
            "joined_at": consent.at,
            "changed_at": consent.at,
        },
    )
    if number is None:  # somebody else brought her in since we looked
        return enrol(connection, address, name, preferences, consent)
    _record(connection, number, consent)
    return Enrolment(number, Outcome.ADDED)


def _record(connection: Connection, number: int, consent: Consent) -> None:
    given = {"ground": consent.ground, "source": consent.source, "at": consent.at}
    connection.execute(insert(_consents), {"subscriber": number, **given})


def _move(
    connection: Connection, number: int, move: Move, now: datetime, values: dict[str, object]
) -> bool:
    """Make a move and write the values that come with it; whether any was new."""
    row = connection.execute(_SUBSCRIBER.where(_her.number == number)).one_or_none()
    state = after(row.state if row else None, move)
    if row is None or not _differ(row, written := {**values, "state": state}):
        return False
    if move in _DEPARTURES:
        count_departure(connection)
    return _update(connection, row, written, now) or _move(connection, number, move, now, values)


def _differ(row: _Row, values: dict[str, object]) -> bool:
    return any(getattr(row, column) != value for column, value in values.items())


def _update(connection: Connection, row: _Row, values: dict[str, object], now: datetime) -> bool:
    """Whether she was still in the state that the row was read in; only then is it written."""
    still_so = and_(_her.number == row.number, _her.state == row.state)
    result = connection.execute(
        update(_subscribers).where(still_so).values(changed_at=now, **values)
    )
    return result.rowcount == 1


def _is_barred(connection: Connection, address: Address) -> bool:
    barred = select(_suppressions.c.at).where(
        _suppressions.c.address_hash == _hash(connection, address)
    )
    return connection.execute(barred).first() is not None


def _bar(connection: Connection, address: Address, reason: str, now: datetime) -> None:
    entry = {"address_hash": _hash(connection, address), "reason": reason, "at": now}
    connection.execute(_insert_unless_there(connection, _suppressions), entry)


def _hash(connection: Connection, address: Address) -> str:
    """What stays of an erased address: without the key, guessing addresses does not find it."""
    return hmac.digest(_key(connection), address.key.encode(), "sha256").hex()


def _key(connection: Connection) -> bytes:
    """The roster's own key, made on first use. It is never replaced: the hashes would be lost."""
    kept = select(_keys.c.key)
    key: bytes | None = connection.scalar(kept)
    if key is None:
        made = {"id": 1, "key": secrets.token_bytes(_KEY_OCTETS)}
        connection.execute(_insert_unless_there(connection, _keys), made)
        key = connection.execute(kept).scalar_one()
    return key


def _insert_unless_there(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    insert_into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert_into(table).on_conflict_do_nothing()


def _subscriber(row: _Row) -> Subscriber:
    number, address, name, state, preferences, paused_until = row
    return Subscriber(
        number, Address.stored(address), name, state, _read(preferences), paused_until
    )


def _written(preferences: Preferences) -> str:
    # One spelling for equal preferences: texts are compared to see whether anything changed.
    return json.dumps(
        preferences.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


@lru_cache(maxsize=4096)  # most readers share a few sets of wishes, or have none
def _read(written: str) -> Preferences:
    return Preferences.from_json(json.loads(written))
