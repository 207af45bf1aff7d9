"""Recipients: to whom an edition went and to whom it did not, a page at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from newsletter.store.ledger import State
from newsletter.store.tables import deliveries


@dataclass(frozen=True, slots=True)
class Recipient:
    """One reader who was due, and how her delivery of an edition stands."""

    delivery: int
    """Its number in the ledger."""
    subscriber: int
    state: State
    reason: str
    """The relay's words, or why there is no mail."""
    ended_at: datetime | None
    """When that was written down; None while it is open."""


def recipients(
    connection: Connection, edition: int, states: Collection[State], after: int, limit: int
) -> list[Recipient]:
    """The next ones whose deliveries are numbered above `after`, of these states or, where none is
    named, of all; in the order in which they were planned."""
    row = deliveries.c
    page = (
        select(row.number, row.subscriber, row.state, row.reason, row.ended_at)
        .where(row.edition == edition, row.number > after)
        .order_by(row.number)
        .limit(limit)
    )
    if states:
        page = page.where(row.state.in_(states))
    return [
        Recipient(number, subscriber, State(state), reason, ended_at)
        for number, subscriber, state, reason, ended_at in connection.execute(page)
    ]
