"""Send: what is queued goes to the relay, claimed before the first byte leaves.

One round: a transaction writes the outcomes of the last round and claims a delivery for every
connection; then each connection hands its message over. So a process that is killed leaves at most
one delivery per connection of which nobody can say whether the relay took it.
"""

import asyncio
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from newsletter.delivery.message import Message
from newsletter.delivery.opening import RelayAddress
from newsletter.delivery.relay import Line
from newsletter.delivery.replies import Deferred, Doubtful, Refused, Sent
from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import PaperId
from newsletter.editorial.schedule import before
from newsletter.editorial.topics import Catalogue
from newsletter.errors import RelayRefused, RelayUnavailable, Temporary
from newsletter.settings import Settings
from newsletter.steps.plan import default_rhythm
from newsletter.steps.printing import Printer
from newsletter.steps.specimens import proofread
from newsletter.store import ledger
from newsletter.store.editions import edition_of, some_listings
from newsletter.store.engine import Store
from newsletter.store.ledger import Delivery, Ending, State
from subscribers import roster
from subscribers.model import State as SubscriberState
from subscribers.model import Subscriber

Watch = Callable[[Delivery, Ending], None]
"""Told of every outcome as it comes."""

LEFT = "left"
"""The reason of a delivery whose reader has left since it was planned."""

PAUSED = "paused"
"""The same of one who has paused."""

# Seconds that mails on the wire get once we are asked to stop: service managers kill after ten.
_LAST_WORDS = 7.0

_Claimed = tuple[Delivery, Message | Ending]
_STATES = {
    Sent: State.SENT,
    Deferred: State.DEFERRED,
    Refused: State.REFUSED,
    Doubtful: State.DOUBTFUL,
}
_RECEIVES = {SubscriberState.ACTIVE, SubscriberState.PAUSED}


@dataclass(slots=True)
class SendReport:
    """What sending came to."""

    outcomes: Counter[State] = field(default_factory=Counter)
    orphans: int = 0
    """Deliveries that a run that died had in hand: doubtful now."""


def send(
    store: Store, catalogue: Catalogue, settings: Settings, now: datetime, watch: Watch
) -> SendReport:
    """Send everything that is queued, and what was deferred and may be tried again.

    Raises RelayUnavailable or RelayRefused where no mail can be handed over, ConfigurationError
    where none may leave, Temporary where it was interrupted; what was not sent stays queued.
    """
    report = SendReport()
    with store.writing() as connection:
        report.orphans = ledger.doubt_orphans(connection, now)
    sender = _Sender(store, catalogue, settings, now, watch, report)
    asyncio.run(sender.run())
    return report


class _Sender:
    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        settings: Settings,
        now: datetime,
        watch: Watch,
        report: SendReport,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._settings = settings
        self._began = (now, time.monotonic())
        self._watch = watch
        self._report = report
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._printers: dict[int, Printer] = {}
        self._stopping = asyncio.Event()
        self._address = relay_address(settings)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in previous:
            loop.add_signal_handler(number, self._stop)
        lines = [Line(self._address) for _ in range(self._settings.relay.connections)]
        try:
            endings: list[Ending] = []
            while claimed := await asyncio.to_thread(self._turn, endings, len(lines)):
                endings = await self._round(lines, claimed)
        finally:
            await asyncio.gather(*(line.close() for line in lines))
            for number, handler in previous.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)
        if self._stopping.is_set():
            raise Temporary("interrupted: what was not sent is queued, and the next run goes on")

    @property
    def _now(self) -> datetime:
        now, began = self._began
        return now + timedelta(seconds=time.monotonic() - began)

    def _stop(self) -> None:
        self._stopping.set()

    def _turn(self, endings: Sequence[Ending], limit: int) -> list[_Claimed]:
        """One transaction: the outcomes of the last round, and the claims of the next."""
        with self._store.writing() as connection:
            ledger.record(connection, endings, self._now)
            if self._stopping.is_set():
                return []
            deliveries = ledger.claim(connection, self._name, limit, self._now)
            readers = roster.some(connection, [d.subscriber for d in deliveries])
        try:
            return [self._prepared(d, readers.get(d.subscriber)) for d in deliveries]
        except BaseException:
            # Nothing of these has been handed over: they are no less queued than before.
            with self._store.writing() as connection:
                ledger.record(connection, [_requeued(d) for d in deliveries], self._now)
            raise

    def _prepared(self, delivery: Delivery, reader: Subscriber | None) -> _Claimed:
        """The claim with its message, or with its ending where there is nothing to hand over."""
        gone = self._gone(reader, delivery)
        if reader is None or gone:
            return delivery, Ending(delivery.number, State.SKIPPED, gone or LEFT)
        try:
            return delivery, self._printer(delivery.edition).message(
                reader, delivery.papers, delivery.rest, delivery.dated
            )
        except ValueError as error:
            # One reader's odd name must not keep all others from their mail.
            return delivery, Ending(delivery.number, State.REFUSED, f"cannot be printed: {error}")

    def _gone(self, reader: Subscriber | None, delivery: Delivery) -> str | None:
        """Why she wants no mail any more, if she has left or paused since it was planned."""
        if reader is None or reader.state not in _RECEIVES:
            return LEFT
        if reader.state is SubscriberState.PAUSED:
            rhythm = reader.preferences.rhythm(default_rhythm(self._settings))
            until = reader.paused_until
            if until is None or before(delivery.slot, rhythm, until):
                return PAUSED
        return None

    def _printer(self, edition: int) -> Printer:
        if not self._printers:
            proofread(self._catalogue, self._settings)
        if edition not in self._printers:
            with self._store.reading() as connection:
                summary = edition_of(connection, edition)
            self._printers[edition] = Printer(
                summary, self._catalogue, self._settings, partial(self._listings, edition)
            )
        return self._printers[edition]

    def _listings(self, edition: int, papers: Sequence[PaperId]) -> Mapping[PaperId, Listing]:
        with self._store.reading() as connection:
            return some_listings(connection, edition, papers)

    async def _round(self, lines: list[Line], claimed: Sequence[_Claimed]) -> list[Ending]:
        """Hand every message over, one a connection.

        What the relay did not get goes back into the queue. A connection that it does not give us
        while others serve is taken off `lines`; where none serves the fault is raised.
        """
        results = await self._all_ended(
            [
                asyncio.create_task(self._handed_over(line, delivery, message))
                for line, (delivery, message) in zip(lines, claimed, strict=False)
            ]
        )
        endings = [
            self._ended(delivery, result)
            for (delivery, _), result in zip(claimed, results, strict=True)
        ]
        # A cancelled hand-over is no fault: we were asked to stop.
        faults = [result for result in results if isinstance(result, Exception)]
        closed = [
            line
            for line, result in zip(lines, results, strict=False)
            if isinstance(result, RelayUnavailable)
        ]
        if len(closed) == len(faults) < len(results):
            for line in closed:
                lines.remove(line)
        elif faults:
            self._stop()
            await asyncio.to_thread(self._turn, endings, 0)
            raise next((fault for fault in faults if not isinstance(fault, Temporary)), faults[0])
        return endings

    async def _all_ended(self, tasks: list[asyncio.Task[Ending]]) -> list[Ending | BaseException]:
        """Results of all; who asks us to stop waits no longer for a relay that is silent."""
        stop = asyncio.create_task(self._stopping.wait())
        while not stop.done() and (pending := [task for task in tasks if not task.done()]):
            await asyncio.wait([*pending, stop], return_when=asyncio.FIRST_COMPLETED)
        if stop.done():
            await asyncio.wait(tasks, timeout=_LAST_WORDS)
        for task in (stop, *tasks):
            task.cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, delivery: Delivery, result: Ending | BaseException) -> Ending:
        if isinstance(result, RelayUnavailable | RelayRefused | asyncio.CancelledError):
            return _requeued(delivery)
        if isinstance(result, BaseException):
            # A bug of ours: it may have struck after the final dot.
            result = Ending(delivery.number, State.DOUBTFUL, f"{type(result).__name__}: {result}")
        self._report.outcomes[result.state] += 1
        self._watch(delivery, result)
        return result

    async def _handed_over(
        self, line: Line, delivery: Delivery, message: Message | Ending
    ) -> Ending:
        if isinstance(message, Ending):
            return message
        outcome = await line.deliver(message)
        retry_at = None
        if isinstance(outcome, Deferred):
            retry_at = self._now + timedelta(seconds=self._settings.relay.retry_after)
        return Ending(delivery.number, _STATES[type(outcome)], outcome.words, retry_at)


def _requeued(delivery: Delivery) -> Ending:
    return Ending(delivery.number, State.QUEUED, "")


def relay_address(settings: Settings) -> RelayAddress:
    """The relay of the settings."""
    relay = settings.relay
    password = relay.password.get_secret_value() if relay.password else None
    return RelayAddress(
        relay.host, relay.port, relay.security, relay.username, password, relay.timeout
    )
