"""The clerk: keeps a run's books, the ledger, as dispatch asks, and has the mails printed."""

import asyncio
import math
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

from sqlalchemy import Connection

from newsletter.delivery.message import Message
from newsletter.editorial.schedule import before, too_late
from newsletter.editorial.topics import Catalogue
from newsletter.settings import Settings
from newsletter.steps.books import Job
from newsletter.steps.fingerprints import note_fingerprints
from newsletter.steps.printing import Printer
from newsletter.steps.rhythm import default_rhythm
from newsletter.steps.specimens import proofread
from newsletter.steps.unknown import suppress_unknown
from newsletter.store import ledger, queue
from newsletter.store.engine import Store, WouldWait
from newsletter.store.ledger import Delivery, Ending, State
from subscribers import roster
from subscribers.departures import departures
from subscribers.model import State as SubscriberState
from subscribers.model import Subscriber

LEFT = "left"
"""The reason of a delivery whose reader has left since it was planned."""

PAUSED = "paused"
"""The same of one who has paused."""

TOO_LATE = "too_late"
"""The reason of a delivery that waited until its reader's next slot was over too."""

_FRESH = 0.001  # seconds


class Clerk:
    """The store, as dispatch asks it. `connection` is its own, outside of any transaction."""

    def __init__(
        self,
        store: Store,
        connection: Connection,
        catalogue: Catalogue,
        settings: Settings,
        run: str,
        now: datetime,
    ) -> None:
        self._store = store
        self._connection = connection
        self._catalogue = catalogue
        self._settings = settings
        self._run = run
        self._began = (now, time.monotonic())
        self._printers: dict[int, Printer] = {}
        self._departures, self._asked_at = 0, -math.inf
        self.is_capped = False
        self.suppressed = 0

    def waiting(self) -> int:
        """How many mails could leave now."""
        with self._store.reading() as connection:
            return queue.waiting(connection, self.clock())

    def clock(self) -> datetime:
        """The run's hour."""
        now, began = self._began
        return now + timedelta(seconds=time.monotonic() - began)

    async def turn(self, endings: Sequence[Ending], limit: int) -> list[Job]:
        """One transaction: outcomes in, the next deliveries out. The rows in the loop where that
        takes no waiting, since two threads would take turns at the interpreter; the commit, which
        waits for the disk, in a thread."""
        try:
            jobs, under_way = self._rows(endings, limit, at_once=True)
        except WouldWait:
            jobs, under_way = await asyncio.to_thread(self._rows, endings, limit)
        await asyncio.to_thread(under_way.close)
        try:
            await self._make_printers([job.delivery for job in jobs])
        except BaseException:
            await self.turn([ledger.requeued(job.delivery) for job in jobs], 0)
            raise
        return jobs

    def _rows(
        self, endings: Sequence[Ending], limit: int, *, at_once: bool = False
    ) -> tuple[list[Job], ExitStack]:
        """The jobs claimed, and the transaction under way, which closing commits."""
        now = self.clock()
        with ExitStack() as stack:
            connection = stack.enter_context(self._store.writing(at_once=at_once))
            ledger.record(connection, endings, now)
            self.suppressed += suppress_unknown(connection, endings, now)
            if limit and self._settings.relay.daily_cap:
                limit = self._capped(connection, limit, now)
            deliveries = ledger.claim(connection, self._run, limit, now) if limit else []
            moved = departures(connection)
            readers = roster.some(connection, [d.subscriber for d in deliveries])
            jobs = [Job(d, readers.get(d.subscriber), moved) for d in deliveries]
            return jobs, stack.pop_all()

    def next_retry(self) -> datetime | None:
        """When the first deferred delivery may be tried again."""
        if self.is_capped:
            return None
        with self._store.reading() as connection:
            return queue.next_retry(connection)

    def message(self, job: Job) -> Message | Ending:
        """Her message, or the ending where there is nothing to hand over, as her row stands."""
        delivery, reader = job.delivery, job.reader
        why = self._why_gone(reader, delivery)
        if reader is None or why:
            return Ending(delivery.number, State.SKIPPED, why or LEFT)
        printer = self._printers[delivery.edition]
        try:
            return printer.message(reader, delivery.papers, delivery.rest, delivery.dated)
        except ValueError as error:
            # One reader's odd name must not keep all others from their mail.
            return Ending(delivery.number, State.REFUSED, f"cannot be printed: {error}")

    def renewed(self, job: Job) -> Job:
        """One quick question says whether anybody has left, paused or moved since her row was read;
        then it is read anew."""
        moved = self._moved()
        if moved == job.departures:
            return job
        with self._store.reading() as connection:
            reader = roster.get(connection, job.delivery.subscriber)
        return job if reader == job.reader else Job(job.delivery, reader, moved)

    def _moved(self) -> int:
        """The roster's number, no older than a millisecond: a mail takes longer to print."""
        now = time.monotonic()
        if now - self._asked_at > _FRESH:
            with self._store.answering():
                self._departures = departures(self._connection)
            self._asked_at = now
        return self._departures

    def _capped(self, connection: Connection, limit: int, now: datetime) -> int:
        """As many as the day still allows; what is in hand counts as if it had left."""
        given = queue.sent_since(connection, now - timedelta(days=1))
        left = max((self._settings.relay.daily_cap or 0) - given, 0)
        self.is_capped = left < limit and queue.has_more(connection, left, now)
        return min(limit, left)

    def _why_gone(self, reader: Subscriber | None, delivery: Delivery) -> str | None:
        if reader is None or not reader.reads:
            return LEFT
        rhythm = reader.preferences.rhythm(default_rhythm(self._settings))
        if reader.state is SubscriberState.PAUSED:
            until = reader.paused_until
            if until is None or before(delivery.slot, rhythm, until):
                return PAUSED
        return TOO_LATE if too_late(delivery.slot, rhythm, self.clock()) else None

    async def _make_printers(self, deliveries: Sequence[Delivery]) -> None:
        """Ready for these, most of whose papers the next ones will have too."""
        for edition in {delivery.edition for delivery in deliveries} - self._printers.keys():
            first = [delivery for delivery in deliveries if delivery.edition == edition]
            self._printers[edition] = await asyncio.to_thread(self._made_printer, edition, first)

    def _made_printer(self, edition: int, first: Sequence[Delivery]) -> Printer:
        if not self._printers:
            proofread(self._catalogue, self._settings)
        with self._store.writing() as connection:
            note_fingerprints(connection, edition, self._settings)
        printer = Printer.of(self._store, edition, self._catalogue, self._settings)
        printer.ahead(
            dict.fromkeys(each.paper_id for delivery in first for each in delivery.papers),
            dict.fromkeys(paper for delivery in first for paper in delivery.rest),
        )
        return printer
