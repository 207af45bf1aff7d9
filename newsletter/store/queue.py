"""The queue: what in the ledger waits to be sent, tried again or settled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from newsletter.store.ledger import SUPERSEDED, Delivery, State, delivery_of
from newsletter.store.tables import deliveries


def next_retry(connection: Connection) -> datetime | None:
    """When the first of the deferred deliveries may be tried again."""
    earliest = select(func.min(deliveries.c.retry_at)).where(deliveries.c.state == State.DEFERRED)
    found: datetime | None = connection.scalar(earliest)
    return found


def has_more(connection: Connection, than: int, now: datetime) -> bool:
    """Whether more than so many deliveries could be claimed now."""
    again = (deliveries.c.state == State.DEFERRED) & (deliveries.c.retry_at <= now)
    ready = select(deliveries.c.number).where((deliveries.c.state == State.QUEUED) | again)
    return len(connection.execute(ready.limit(than + 1)).all()) > than


def sent_since(connection: Connection, moment: datetime) -> int:
    """How many mails the relay was given from then on, as far as anybody knows, and how many are in
    hand."""
    given = deliveries.c.state.in_([State.SENT, State.DOUBTFUL])
    count = select(func.count()).where(
        (given & (deliveries.c.ended_at >= moment)) | (deliveries.c.state == State.SENDING)
    )
    return connection.scalar(count) or 0


def waiting(connection: Connection, now: datetime) -> int:
    """How many deliveries could be claimed now."""
    again = (deliveries.c.state == State.DEFERRED) & (deliveries.c.retry_at <= now)
    ready = select(func.count()).where((deliveries.c.state == State.QUEUED) | again)
    return connection.scalar(ready) or 0


def unknown_in_a_row(connection: Connection, numbers: Sequence[int], times: int) -> list[int]:
    """The subscribers of these deliveries whose last so many mails were all refused because nobody
    has that mailbox."""
    whose = select(deliveries.c.subscriber).where(deliveries.c.number.in_(numbers)).distinct()
    found = []
    for subscriber in connection.scalars(whose).all():
        last = (
            select(deliveries.c.unknown)
            .where(deliveries.c.subscriber == subscriber, deliveries.c.state != State.SKIPPED)
            .order_by(deliveries.c.number.desc())
            .limit(times)
        )
        said = connection.scalars(last).all()
        if len(said) == times and all(said):
            found.append(subscriber)
    return found


def orphans(connection: Connection) -> dict[str, list[int]]:
    """What runs that died had in hand, by the run. Call it with the lock held: then no living run
    can have anything in hand."""
    rows = connection.execute(
        select(deliveries.c.claimed_by, deliveries.c.number)
        .where(deliveries.c.state == State.SENDING)
        .order_by(deliveries.c.number)
    )
    found: dict[str, list[int]] = {}
    for run, number in rows:
        found.setdefault(str(run), []).append(number)
    return found


def doubtful(connection: Connection) -> list[Delivery]:
    """What is doubtful and not superseded, the oldest first."""
    wanted = (deliveries.c.state == State.DOUBTFUL) & (deliveries.c.reason != SUPERSEDED)
    rows = connection.execute(select(deliveries).where(wanted).order_by(deliveries.c.number))
    return [delivery_of(row) for row in rows.mappings()]
