"""Books: what dispatch asks of the store, and the jobs that it gets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from newsletter.delivery.message import Message
from newsletter.store.ledger import Delivery, Ending
from subscribers.model import Subscriber

Watched = Callable[[Delivery, Ending], None]
"""Told of every outcome as it comes."""


class Watch(Protocol):
    """Whoever watches a run."""

    def expect(self, mails: int, /) -> None:
        """Told once how many are to be sent, as far as is known."""

    def __call__(self, delivery: Delivery, ending: Ending, /) -> None:
        """Told of every outcome as it comes."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed delivery, with its reader's row as it stood."""

    delivery: Delivery
    reader: Subscriber | None
    """None who has been erased since it was planned."""
    departures: int
    """The roster's number when her row was read."""


class Books(Protocol):
    """What dispatch asks of the store."""

    async def turn(self, endings: Sequence[Ending], limit: int) -> list[Job]:
        """Write outcomes and claim up to `limit` deliveries, in one transaction."""

    def next_retry(self) -> datetime | None:
        """When the first deferred delivery may be tried again; in a thread."""

    def message(self, job: Job) -> Message | Ending:
        """Its message, or its ending where there is nothing to hand over: quick, and not in a
        thread."""

    def renewed(self, job: Job) -> Job:
        """The same job, or one with its reader's row as it stands now where that is another: to be
        asked right before the message is handed over, and as quick."""
