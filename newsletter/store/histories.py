"""Histories: what the ledger remembers of readers that decides about their next digests."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, func, select, true

from newsletter.editorial.papers import PaperId
from newsletter.store.ledger import State, printed_of
from newsletter.store.names import kin
from newsletter.store.tables import deliveries, editions


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger remembers of one reader that decides about her next digest."""

    served: datetime | None = None
    """The newest slot that was answered, by a mail or a skip."""
    edition_day: date | None = None
    """The day of the newest edition she has a row for."""
    since: date | None = None
    """The day of the newest edition she was sent, inside the window."""
    seen: frozenset[PaperId] = frozenset()
    """The papers of the mails she was sent, inside the window, under every key they ever had."""


def histories_of(
    connection: Connection, subscribers: Collection[int], opened: date, before: int | None = None
) -> dict[int, History]:
    """The histories of these readers, up to the edition `before` that number where one is given;
    `opened` is the first day inside the window."""
    earlier = true() if before is None else deliveries.c.edition < before
    newest = connection.execute(
        select(deliveries.c.subscriber, func.max(deliveries.c.slot), func.max(editions.c.day))
        .join(editions, editions.c.number == deliveries.c.edition)
        .where(deliveries.c.subscriber.in_(subscribers), earlier)
        .group_by(deliveries.c.subscriber)
    )
    sent = connection.execute(
        select(deliveries.c.subscriber, editions.c.day, deliveries.c.papers)
        .join(editions, editions.c.number == deliveries.c.edition)
        .where(deliveries.c.subscriber.in_(subscribers), earlier)
        .where(deliveries.c.state == State.SENT, editions.c.day >= opened)
    )
    since: dict[int, date] = {}
    seen: dict[int, set[PaperId]] = {}
    # What she was sent may have been absorbed since, and an edition that is out lists what has.
    keys = kin(connection)
    for subscriber, day, papers in sent:
        since[subscriber] = max(day, since.get(subscriber, day))
        read = (printed.paper_id for printed in printed_of(papers))
        seen.setdefault(subscriber, set()).update(*(keys.get(key, {key}) for key in read))
    return {
        number: History(served, day, since.get(number), frozenset(seen.get(number, ())))
        for number, served, day in newest
    }


def forget(connection: Connection, before: date, limit: int) -> int:
    """Delete up to so many settled rows of editions older than `before`; how many there were."""
    settled = [State.SENT, State.REFUSED, State.SKIPPED]
    old = (
        select(deliveries.c.number)
        .join(editions, editions.c.number == deliveries.c.edition)
        .where(editions.c.day < before, deliveries.c.state.in_(settled))
        .limit(limit)
    )
    return connection.execute(delete(deliveries).where(deliveries.c.number.in_(old))).rowcount
