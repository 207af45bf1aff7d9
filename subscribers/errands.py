"""Errands: what a reader asked for and confirms by a link in a mail, once and before it expires.

Every function works inside the transaction of the connection it is given; `now` is aware. An
Invitation says that a mail with the link is due, and None that none is. To whoever asked in a form
both have to look the same, or the form would tell who subscribes.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from subscribers import roster
from subscribers.addresses import Address
from subscribers.errors import IllegalMove
from subscribers.links import Errand
from subscribers.model import Consent, Move, Preferences, State, Subscriber, after
from subscribers.questions import forget_questions, may_ask
from subscribers.suppressions import ERASED, reason_barred
from subscribers.tables import errands as _errands
from subscribers.tables import subscribers as _subscribers

CONFIRMED_WITHIN = timedelta(days=2)
"""So long a link to confirm a subscription or an address works."""
OWN_WITHIN = timedelta(hours=1)
"""So long a link to her own rows, or to erase or move them, works."""
TRIED_FOR = timedelta(days=2)
"""So long a link that could not be mailed waits for the relay."""
UNDER_WAY = timedelta(minutes=5)
"""So long it is the page's to mail it, before a run does."""

_it = _errands.c
_CONFIRMED = json.dumps("confirmed")  # in place of what was asked


@dataclass(frozen=True, slots=True)
class Invitation:
    """A mail with a link that is due."""

    address: Address
    subscriber: int
    errand: int
    """The number that the link names."""
    until: datetime
    timezone: str | None = None
    """Of the reader who asked, if she has one; none of whoever fills a form, who may be anybody."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A reader before and after her address changed."""

    before: Subscriber
    after: Subscriber


def ask(
    connection: Connection,
    address: Address,
    preferences: Preferences,
    wording: str,
    source: str,
    now: datetime,
) -> Invitation | None:
    """The question that is due to who asks to subscribe, or None where nothing may be sent to her.

    `wording` is the version of the words she agrees to, `source` where she did. Nothing of it
    counts before she confirms, so who types in another's address changes nothing for her.
    """
    number = roster.expect(connection, address, now)
    if number is None or not may_ask(connection, address, now):
        return None
    asked: dict[str, object] = {
        "preferences": preferences.as_json(),
        "wording": wording,
        "source": source,
    }
    return _invite(connection, Errand.CONFIRM, number, address, asked, now)


def confirm(connection: Connection, errand: int, now: datetime) -> Subscriber | None:
    """Who subscribes by doing this errand, or None where it is spent or she cannot any more. Until
    it expires it is known to be confirmed, and so are her other questions, which are void."""
    row = _spend(connection, Errand.CONFIRM, errand, now)
    if row is None:
        return None
    asked = json.loads(row.asked)
    source = f"{asked['source']}, asked {row.asked_at:%Y-%m-%d %H:%M:%S} UTC"
    consent = Consent(asked["wording"], source, now)
    preferences = Preferences.from_json(asked["preferences"])
    connection.execute(insert(_errands), row._asdict())
    hers = (_it.subscriber == row.subscriber, _it.errand == int(Errand.CONFIRM))
    # What was not mailed yet need not be any more.
    done = update(_errands).where(*hers).values(asked=_CONFIRMED, mailed_at=now)
    connection.execute(done)
    return roster.confirm(connection, row.subscriber, preferences, consent)


def confirmed(connection: Connection, errand: int, now: datetime) -> int | None:
    """The reader who has confirmed this errand, or another one in its place, or None."""
    done = (_it.errand == int(Errand.CONFIRM), _it.asked == _CONFIRMED, _it.until > now)
    hers = select(_it.subscriber).where(_it.number == errand, *done)
    return connection.execute(hers).scalar_one_or_none()


def ask_address(
    connection: Connection, number: int, address: Address, now: datetime
) -> Invitation | None:
    """The question that is due to the new address of a reader, or None where none may be sent: the
    address is another reader's or suppressed, or she herself has left."""
    reader = roster.get(connection, number)
    if reader is None or not _may(reader.state, Move.CHANGE):
        return None
    if roster.find(connection, address) or reason_barred(connection, address):
        return None
    if not may_ask(connection, address, now):
        return None
    asked: dict[str, object] = {"address": address.text}
    due = _invite(connection, Errand.CHANGE_ADDRESS, number, address, asked, now)
    return replace(due, timezone=reader.preferences.timezone)


def change_address(connection: Connection, errand: int, now: datetime) -> Moved | None:
    """The reader whose address this errand changed, or None where it is spent, or the address has
    become another's or is suppressed, or she has left."""
    row = _spend(connection, Errand.CHANGE_ADDRESS, errand, now)
    before = roster.get(connection, row.subscriber) if row else None
    if row is None or before is None or not _may(before.state, Move.CHANGE):
        return None
    address = Address.stored(json.loads(row.asked)["address"])
    if not roster.readdress(connection, before.number, address, now):
        return None
    moved = roster.get(connection, before.number)
    return Moved(before, moved) if moved else None


def ask_own(
    connection: Connection, number: int, errand: Errand, now: datetime
) -> Invitation | None:
    """The link that is due to a reader who wants what is kept of her, to be erased, or to move."""
    reader = roster.get(connection, number)
    if reader is None or reader.state is State.SUPPRESSED:
        return None
    if not may_ask(connection, reader.address, now):
        return None
    due = _invite(connection, errand, number, reader.address, {}, now)
    return replace(due, timezone=reader.preferences.timezone)


def open_own(connection: Connection, number: int, errand: Errand, now: datetime) -> int | None:
    """The reader whose errand it was, now spent, or None where it was spent before."""
    row = _spend(connection, errand, number, now)
    return row.subscriber if row else None


def waits(connection: Connection, errand: Errand, number: int, now: datetime) -> bool:
    """Whether an errand can still be done; looking does not spend it."""
    hers = (_it.number == number, *_waiting(errand, now))
    return connection.execute(select(_it.number).where(*hers)).first() is not None


def asks(connection: Connection, number: int) -> bool:
    """Whether a reader has asked for anything that waits to be confirmed."""
    hers = (_it.subscriber == number, _it.asked != _CONFIRMED)
    return connection.execute(select(_it.number).where(*hers)).first() is not None


def time_for(errand: Errand) -> timedelta:
    """How long the link to it works."""
    patient = errand in {Errand.CONFIRM, Errand.CHANGE_ADDRESS}
    return CONFIRMED_WITHIN if patient else OWN_WITHIN


def why_withheld(connection: Connection, address: Address) -> tuple[int | None, str]:
    """Why nobody at this address was asked just now, for the operator: the number of who has it, if
    anybody, and the reason."""
    known = roster.find(connection, address)
    if known and known.reads:
        why = "she reads already"
    elif reason_barred(connection, address) not in {None, ERASED}:
        why = "the address is suppressed"
    else:
        why = "three questions went to the address within 24 hours"
    return known.number if known else None, why


def mailed(connection: Connection, errand: int, now: datetime) -> None:
    """The relay has the link, or will never take it."""
    connection.execute(update(_errands).where(_it.number == errand).values(mailed_at=now))


def unmailed(connection: Connection, now: datetime) -> list[int]:
    """The errands whose link the relay has yet to take, but those that were just asked for."""
    waiting = (_it.mailed_at.is_(None), _it.asked_at <= now - UNDER_WAY)
    fresh = _it.asked_at > now - TRIED_FOR
    return list(connection.scalars(select(_it.number).where(*waiting, fresh).order_by(_it.number)))


def waiting_since(connection: Connection) -> tuple[int, datetime | None]:
    """How many links the relay has yet to take, and since when the oldest waits."""
    count, oldest = func.count(), func.min(_it.asked_at)
    row = connection.execute(select(count, oldest).where(_it.mailed_at.is_(None))).one()
    return row[0], row[1]


def renew(connection: Connection, errand: int, now: datetime) -> tuple[Errand, Invitation] | None:
    """The link of an errand, which works from now on for as long as one does; None where nobody
    waits for it any more."""
    row = connection.execute(
        select(_it.subscriber, _it.errand, _it.asked).where(
            _it.number == errand, _it.mailed_at.is_(None)
        )
    ).one_or_none()
    reader = roster.get(connection, row.subscriber) if row else None
    if row is None or reader is None:
        return None
    kind, address = Errand(row.errand), reader.address
    if kind is Errand.CHANGE_ADDRESS:
        address = Address.stored(json.loads(row.asked)["address"])
        if roster.find(connection, address) or reason_barred(connection, address):
            return None
    if kind is Errand.CONFIRM and reader.reads:
        return None
    until = now + time_for(kind)
    connection.execute(update(_errands).where(_it.number == errand).values(until=until))
    zone = None if kind is Errand.CONFIRM else reader.preferences.timezone
    return kind, Invitation(address, reader.number, errand, until, zone)


def forget_unanswered(connection: Connection, now: datetime) -> int:
    """Forget questions that expired, and whoever never answered one; how many readers that were.
    What the relay has yet to take expires when it has been tried for two days.

    Nothing is kept of an address that somebody typed in and nobody confirmed.
    """
    expired = _it.mailed_at.is_not(None) & (_it.until <= now)
    given_up = _it.mailed_at.is_(None) & (_it.asked_at <= now - TRIED_FOR)
    connection.execute(delete(_errands).where(expired | given_up))
    forget_questions(connection, now)
    waiting = _subscribers.c.number.in_(select(_it.subscriber))
    unanswered = delete(_subscribers).where(_subscribers.c.state == State.PENDING, ~waiting)
    return connection.execute(unanswered).rowcount


def _invite(
    connection: Connection,
    errand: Errand,
    number: int,
    address: Address,
    asked: dict[str, object],
    now: datetime,
) -> Invitation:
    until = now + time_for(errand)
    row = {
        "subscriber": number,
        "errand": int(errand),
        "asked": json.dumps(asked, ensure_ascii=False),
        "asked_at": now,
        "until": until,
    }
    made = connection.execute(insert(_errands).returning(_it.number), row).scalar_one()
    return Invitation(address, number, made, until)


def _spend(connection: Connection, errand: Errand, number: int, now: datetime) -> Any | None:
    """The row of an errand, which is no more: of two that ask at once, one gets it."""
    spent = delete(_errands).where(_it.number == number, *_waiting(errand, now))
    return connection.execute(spent.returning(*_it)).one_or_none()


def _waiting(errand: Errand, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What errands have in common that can still be done."""
    return (_it.errand == int(errand), _it.until > now, _it.asked != _CONFIRMED)


def _may(state: State, move: Move) -> bool:
    try:
        after(state, move)
    except IllegalMove:
        return False
    return True
