"""Send: what is queued goes to the relay, claimed before the first byte leaves."""

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from newsletter.delivery.journal import Journal, Mark, forget_journals, read_journal
from newsletter.delivery.opening import RelayAddress
from newsletter.delivery.pace import Pace
from newsletter.delivery.relay import Line
from newsletter.editorial.topics import Catalogue
from newsletter.errors import Temporary
from newsletter.settings import Settings
from newsletter.steps.books import Watch, Watched
from newsletter.steps.clerk import Clerk
from newsletter.steps.dispatch import Dispatch
from newsletter.store import ledger, queue
from newsletter.store.engine import Store
from newsletter.store.ledger import Delivery, Ending, State

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
        books = Clerk(store, connection, catalogue, settings, journal.name, now)
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


async def _dispatched(books: Clerk, journal: Journal, settings: Settings, watch: Watched) -> None:
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


def relay_address(settings: Settings) -> RelayAddress:
    """The relay of the settings."""
    relay = settings.relay
    password = relay.password.get_secret_value() if relay.password else None
    return RelayAddress(
        relay.host, relay.port, relay.security, relay.username, password, relay.timeout
    )
