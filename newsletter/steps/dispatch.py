"""Dispatch: claimed deliveries to the relay's connections, and what became of them to the ledger.

A clerk keeps the books: in one transaction it writes the outcomes that have come in and claims the
next deliveries, committed before the first byte of them leaves. Each connection has a worker that
takes one delivery after the other and has it printed at that moment. So the wire does not wait for
the disk, nor one connection for another that is slow, and whoever leaves or moves until then is
heard. Between two transactions the journal knows.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from newsletter.delivery.journal import Journal, Mark
from newsletter.delivery.message import Message
from newsletter.delivery.pace import Pace, back_off
from newsletter.delivery.relay import Line
from newsletter.delivery.replies import Concern, Deferred, Doubtful, Outcome, Refused, Sent
from newsletter.errors import NewsletterError, RelayUnavailable, TooManyRefusals
from newsletter.steps.books import Books, Watched
from newsletter.steps.ready import PATIENCE, Ready, Taken
from newsletter.steps.waiting import event_within
from newsletter.store.ledger import Delivery, Ending, State, requeued

# Seconds that mails on the wire get once we are asked to stop: service managers kill after ten.
_LAST_WORDS = 7.0

# Deliveries claimed for each connection. After a power cut all of them are in doubt, since the
# journal's last lines may be lost; at a thousand mails a second a group lasts a tenth of one.
_CLAIMED = 25

_TIDY = 1.0  # seconds that an outcome waits for others to be written with

# Relays restart, and run out of room for a moment: a connection is given up after so many failures
# in a row, half a second, one and two apart, or at the first one where no mail has left yet.
_FAILURES = 4

_STATES = {
    Sent: State.SENT,
    Deferred: State.DEFERRED,
    Refused: State.REFUSED,
    Doubtful: State.DOUBTFUL,
}


class Dispatch:
    """Runs until nothing is left to send, `stop` is called, or something keeps all from it."""

    def __init__(
        self,
        books: Books,
        journal: Journal,
        lines: Sequence[Line],
        pace: Pace,
        now: Callable[[], datetime],
        retry_after: float,
        watch: Watched,
    ) -> None:
        self._books = books
        self._journal = journal
        self._lines = lines
        self._pace = pace
        self._now = now
        self._retry_after = retry_after
        self._watch = watch
        self._group = _CLAIMED * len(lines)
        self._ready = Ready(books, pace, now)
        self._endings: list[Ending] = []
        self._oldest = 0.0
        self._on_wire = 0
        self._dry = False  # whether the last claim found less than it asked for
        self._serving = 0
        self._free = 0  # of those who serve: who waits for work
        # After a turn that failed: its claims may stand in the ledger though nobody here was told,
        # and only the journal says that they were not begun.
        self._is_in_the_dark = False
        self._fault: Exception | None = None
        self._out_of_service: RelayUnavailable | None = None
        self._has_carried = False
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()
        self._work = asyncio.Event()

    async def run(self) -> None:
        """Send; raises what keeps all deliveries from being sent. What was not sent is queued."""
        workers = [asyncio.create_task(self._serve(line)) for line in self._lines]
        self._serving = len(workers)
        try:
            await self._keep_books()
        except Exception as error:  # noqa: BLE001  # nothing must leave after the store has failed
            self._fault = error
        self.stop()
        await self._end(workers)
        await asyncio.gather(*(line.close() for line in self._lines))
        if self._fault:
            raise self._fault

    def stop(self) -> None:
        """Take nothing more in hand; what is on the wire gets some seconds to end."""
        self._stopping.set()
        self._changed.set()
        self._work.set()

    async def _end(self, workers: Sequence[asyncio.Task[None]]) -> None:
        _, late = await asyncio.wait(workers, timeout=_LAST_WORDS)
        for worker in late:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        self._endings += [requeued(job.delivery) for job in self._ready.clear()]
        try:
            await self._books.turn(self._endings, 0)
        except Exception as error:  # noqa: BLE001  # the journal tells the next run what it lost
            self._fault = self._fault or error
        else:
            if not self._is_in_the_dark:
                self._journal.is_settled()

    async def _keep_books(self) -> None:
        while not (self._stopping.is_set() or self._fault):
            if self._wants_turn():
                await self._turn()
            elif self._is_idle() and not await self._later():
                return
            else:
                self._changed.clear()
                if not self._wants_turn():
                    await event_within(self._changed, _TIDY)
                if self._ready.release_late(self._free):
                    self._work.set()

    def _is_idle(self) -> bool:
        return self._dry and not (self._ready or self._on_wire or self._endings)

    def _wants_turn(self) -> bool:
        if not self._dry and len(self._ready) <= self._group // 2:
            return True
        waiting = bool(self._endings) and time.monotonic() - self._oldest >= _TIDY
        nothing_else = not (self._ready or self._on_wire)
        full = len(self._endings) >= self._group // 2
        return bool(self._endings) and (waiting or nothing_else or full)

    async def _turn(self) -> None:
        endings, self._endings = self._endings, []
        room = 0 if self._dry else self._group - len(self._ready)
        try:
            jobs = await self._books.turn(endings, room)
        except BaseException:
            self._endings = endings + self._endings
            self._is_in_the_dark = True
            raise
        if room:
            self._dry = len(jobs) < room
        self._ready.add(jobs)
        self._work.set()

    async def _later(self) -> bool:
        """Wait for what is deferred for a short time alone; whether there is anything."""
        retry = await asyncio.to_thread(self._books.next_retry)
        if self._stopping.is_set() or self._fault:
            return True
        if retry is None or (seconds := (retry - self._now()).total_seconds()) > PATIENCE:
            return False
        self._changed.clear()
        await event_within(self._changed, max(seconds, 0.0) + 0.01)
        self._dry = False
        return True

    async def _serve(self, line: Line) -> None:
        failures = 0
        try:
            while taken := await self._next(line):
                ending = await self._ended(line, taken)
                self._work.set()  # another one may have it, or her mail domain, now
                if ending is not None:
                    failures = 0
                    self._ready.settled(taken)
                    self._settle(taken.job.delivery, ending)
                    continue
                self._ready.put_back(taken)
                failures += 1
                if failures == _FAILURES or not self._has_carried:
                    return
                await event_within(self._stopping, 0.25 * 2**failures)
        except Exception as error:  # noqa: BLE001  # of ours, or nobody can be told: a full disk
            self._fault = self._fault or error
            self.stop()
        finally:
            self._ready.release(line)
            self._work.set()
            self._serving -= 1
            if not self._serving and not self._stopping.is_set() and self._out_of_service:
                self._fault = self._fault or self._out_of_service
            self._changed.set()

    async def _next(self, line: Line) -> Taken | None:
        """What the line may hand over now; None where there is nothing more to do."""
        while not (self._stopping.is_set() or self._fault):
            taken, delay = self._ready.take(line)
            if taken:
                if self._wants_turn():
                    self._changed.set()
                return taken
            self._work.clear()
            self._free += 1
            await event_within(self._work, delay)
            self._free -= 1
        return None

    def _following(self, line: Line) -> Message | None:
        """The message whose envelope may leave with the dot of the one on the wire."""
        try:
            while not (self._stopping.is_set() or self._fault):
                taken = self._ready.promise(line)
                if taken is None:
                    return None
                if isinstance(taken.message, Message):
                    return taken.message
                self._settle(taken.job.delivery, taken.message)
        except Exception as error:  # noqa: BLE001  # the message on the wire has no part in it
            self._fault = self._fault or error
            self.stop()
        return None

    async def _ended(self, line: Line, taken: Taken) -> Ending | None:
        """What became of it; None where the relay is out of service for a moment."""
        if isinstance(taken.message, Ending):
            return taken.message
        self._on_wire += 1
        try:
            return await self._handed_over(line, taken.job.delivery, taken.message)
        except RelayUnavailable as error:
            self._out_of_service = error
            return None
        except (NewsletterError, asyncio.CancelledError):
            self._ready.put_back(taken)
            raise
        finally:
            self._on_wire -= 1

    async def _handed_over(self, line: Line, delivery: Delivery, message: Message) -> Ending:
        begun = partial(self._journal.note, Mark.STARTED, delivery.number)
        try:
            outcome = await line.deliver(message, begun, partial(self._following, line))
        except NewsletterError:
            raise
        except Exception as error:  # noqa: BLE001  # a bug of ours: the dot may have left
            return Ending(delivery.number, State.DOUBTFUL, f"{type(error).__name__}: {error}")
        if isinstance(outcome, Deferred) and outcome.concern is Concern.SENDER:
            # It is about us, as a refused connection is: no recipient should wait for it.
            raise RelayUnavailable(f"the relay takes no mail from us now: {outcome.words}")
        return self._ending(delivery, message.recipient.domain, outcome)

    def _ending(self, delivery: Delivery, domain: str, outcome: Outcome) -> Ending:
        """The outcome as the ledger has it; the journal is told first."""
        number = delivery.number
        self._has_carried = True
        if not isinstance(outcome, Doubtful):
            taken = isinstance(outcome, Sent)
            try:
                self._journal.note(Mark.ACCEPTED if taken else Mark.NOT_TAKEN, number)
            except NewsletterError as error:
                # The answer stands; only nothing more may leave.
                self._fault = self._fault or error
                self.stop()
        if not isinstance(outcome, Deferred):
            unknown = isinstance(outcome, Refused) and outcome.concern is Concern.RECIPIENT
            return Ending(number, _STATES[type(outcome)], outcome.words, unknown=unknown)
        counts = outcome.concern is not Concern.DESTINATION
        delay = back_off(self._retry_after, delivery.attempts + counts, number)
        if not counts:
            self._pace.slow(domain, time.monotonic() + delay)
        retry_at = self._now() + timedelta(seconds=delay)
        return Ending(number, State.DEFERRED, outcome.words, retry_at, counts)

    def _settle(self, delivery: Delivery, ending: Ending) -> None:
        if not self._endings:
            self._oldest = time.monotonic()
        self._endings.append(ending)
        if len(self._endings) in {1, self._group // 2} or not (self._ready or self._on_wire):
            self._changed.set()
        self._watch(delivery, ending)
        if ending.state in {State.SENT, State.REFUSED} and self._pace.watch(
            refused=ending.state is State.REFUSED
        ):
            self._fault = self._fault or TooManyRefusals(
                f"most of the last mails were refused, such as: {ending.reason}. Nothing more is"
                " sent until somebody has looked: see 'newsletter status'"
            )
            self.stop()
