"""Send: what is queued goes to the relay, claimed before the first byte leaves."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from newsletter.delivery.journal import Journal, Mark, forget_journals, read_journal
from newsletter.delivery.message import Message
from newsletter.delivery.opening import RelayAddress
from newsletter.delivery.pace import Pace
from newsletter.delivery.relay import Line
from newsletter.editorial.schedule import before, too_late
from newsletter.editorial.topics import Catalogue
from newsletter.errors import Temporary
from newsletter.settings import Settings
from newsletter.steps.books import Job, Watch, Watched
from newsletter.steps.dispatch import Dispatch
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

_NOBODY_KNOWS = "the run that had it in hand ended without a word"
_RECOVERED = {
    Mark.ACCEPTED: (State.SENT, "the relay took it, as the journal of a run that died says"),
    Mark.STARTED: (State.DOUBTFUL, _NOBODY_KNOWS),
    Mark.NOT_TAKEN: (State.QUEUED, ""),
}


@dataclass(slots=True)
class SendReport:
    """What sending came to."""

    outcomes: Counter[State] = field(default_factory=Counter)
    orphans: int = 0
    """Deliveries that a run that died had in hand: doubtful now."""
    suppressed: int = 0
    """Readers who get no mail any more, since nobody has their mailbox."""


def send(
    store: Store, catalogue: Catalogue, settings: Settings, now: datetime, watch: Watch
) -> SendReport:
    """Send everything that is queued, and what was deferred and may be tried again.

    Raises RelayUnavailable or RelayRefused where no mail can be handed over, ConfigurationError
    where none may leave, TooManyRefusals, or Temporary where it was interrupted or the day's cap is
    reached; what was not sent stays queued.
    """
    store.check()
    report = SendReport()
    journals = settings.data_dir / "journal"
    report.orphans = recover(store, journals, now)

    def watched(delivery: Delivery, ending: Ending) -> None:
        report.outcomes[ending.state] += 1
        watch(delivery, ending)

    with store.session() as connection, Journal(journals) as journal:
        books = _Books(store, connection, catalogue, settings, journal.name, now)
        watch.expect(books.waiting())
        asyncio.run(_dispatched(books, journal, settings, watched))
    report.suppressed = books.suppressed
    if books.is_capped:
        raise Temporary(
            f"{settings.relay.daily_cap} mails have left within 24 hours (relay.daily_cap): what is"
            " left is queued, and the next run goes on"
        )
    return report


def recover(store: Store, journals: Path, now: datetime) -> int:
    """Settle what a run that died had in hand, by its journal; how many are doubtful. Call it with
    the run's lock held."""
    with store.writing() as connection:
        orphans = queue.orphans(connection)
        endings = []
        for run, numbers in orphans.items():
            marks = read_journal(journals, run)
            for number in numbers:
                if marks is None:
                    state, reason = State.DOUBTFUL, _NOBODY_KNOWS
                else:
                    state, reason = _RECOVERED[marks.get(number, Mark.NOT_TAKEN)]
                endings.append(Ending(number, state, reason, counts=state is not State.QUEUED))
        ledger.record(connection, endings, now)
    forget_journals(journals)
    return sum(ending.state is State.DOUBTFUL for ending in endings)


async def _dispatched(
    books: "_Books", journal: Journal, settings: Settings, watch: Watched
) -> None:
    relay = settings.relay
    address = relay_address(settings)
    lines = [Line(address, relay.messages_per_connection) for _ in range(relay.connections)]
    pace = Pace(relay.rate_per_second, relay.per_domain)
    dispatch = Dispatch(books, journal, lines, pace, books.clock, relay.retry_after, watch)
    interrupted = False

    def stop() -> None:
        nonlocal interrupted
        interrupted = True
        dispatch.stop()

    with _signalled(stop):
        await dispatch.run()
    if interrupted:
        raise Temporary("interrupted: what was not sent is queued, and the next run goes on")


@contextmanager
def _signalled(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` when the process is asked to end."""
    loop = asyncio.get_running_loop()
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in previous:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number, handler in previous.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


class _Books:
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
            back = [ledger.requeued(job.delivery) for job in jobs]
            _, under_way = await asyncio.to_thread(self._rows, back, 0)
            await asyncio.to_thread(under_way.close)
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
        with self._store.answering():
            moved = departures(self._connection)
        if moved == job.departures:
            return job
        with self._store.reading() as connection:
            reader = roster.get(connection, job.delivery.subscriber)
        return job if reader == job.reader else Job(job.delivery, reader, moved)

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


def relay_address(settings: Settings) -> RelayAddress:
    """The relay of the settings."""
    relay = settings.relay
    password = relay.password.get_secret_value() if relay.password else None
    return RelayAddress(
        relay.host, relay.port, relay.security, relay.username, password, relay.timeout
    )
