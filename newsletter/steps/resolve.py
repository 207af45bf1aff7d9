"""Resolve: what becomes of doubtful deliveries, which nobody but the operator can decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from newsletter.store import ledger, queue
from newsletter.store.ledger import Delivery, Ending, State
from subscribers import roster
from subscribers.model import Subscriber

RESOLVED = "resolved by the operator"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One doubtful delivery, and whose it is: None where she was erased."""

    delivery: Delivery
    reader: Subscriber | None


def doubts(connection: Connection) -> list[Doubt]:
    """All that is doubtful and not superseded by a newer digest, the oldest first."""
    found = queue.doubtful(connection)
    readers = roster.some(connection, {delivery.subscriber for delivery in found})
    return [Doubt(delivery, readers.get(delivery.subscriber)) for delivery in found]


def resolve(
    connection: Connection, deliveries: Sequence[Delivery], state: State, now: datetime
) -> None:
    """Decide about them: QUEUED sends the same bytes again, SENT says that they arrived, SKIPPED
    that they did not and shall not."""
    reason = "" if state is State.QUEUED else RESOLVED
    endings = [Ending(d.number, state, reason) for d in deliveries]
    ledger.record(connection, endings, now, from_state=State.DOUBTFUL)
