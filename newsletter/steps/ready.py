"""Ready: the claimed jobs that wait for their turn, and which of them may leave now."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from newsletter.delivery.message import Message
from newsletter.delivery.pace import Pace
from newsletter.delivery.relay import Line
from newsletter.steps.books import Books, Job
from newsletter.store.ledger import Ending, State

# What is deferred for less is waited for: greylisting often asks for a minute.
PATIENCE = 90.0

_LOOK_AHEAD = 50  # jobs that are looked through for one whose mail domain may have it now

# Seconds that a message waits behind another's final dot before a line that is free may have it.
_HELD = 1.0


@dataclass(frozen=True, slots=True)
class Taken:
    """A job in somebody's hands, and its message, or its ending where there is none."""

    job: Job
    message: Message | Ending


class Ready:
    """In the order of their claims. `pace` is told of every message that is taken."""

    def __init__(self, books: Books, pace: Pace, now: Callable[[], datetime]) -> None:
        self._books = books
        self._pace = pace
        self._now = now
        self._jobs: deque[Job] = deque()
        self._promised: dict[Line, tuple[Taken, float]] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, jobs: Iterable[Job]) -> None:
        self._jobs.extend(jobs)

    def clear(self) -> list[Job]:
        """All of them, which nobody takes any more."""
        jobs = list(self._jobs)
        self._jobs.clear()
        return jobs

    def take(self, line: Line) -> tuple[Taken | None, float | None]:
        """What the line may hand over now, as its reader stands at this moment; or the seconds
        until there is something, None where nobody knows."""
        wait = None
        taken, _ = self._promised.pop(line, (None, 0.0))
        if taken and self._put_off(taken.job):  # her mail domain asked for patience meanwhile
            self.put_back(taken)
            taken = None
        if taken is None:
            taken, wait = self._next()
        if taken is None:
            return None, wait
        try:
            return self._renewed(taken), None
        except Exception:
            self.put_back(taken)
            raise

    def promise(self, line: Line) -> Taken | None:
        """What the line may hand over right after the message that it is at, if anything: it is
        kept for it, or is an ending."""
        taken, _ = self._next()
        if taken and isinstance(taken.message, Message):
            self._promised[line] = taken, monotonic()
        return taken

    def release(self, line: Line) -> None:
        """Take back what was promised to the line."""
        if line in self._promised:
            self.put_back(self._promised.pop(line)[0])

    def release_late(self, most: int) -> bool:
        """Take back up to so many of those that a line has waited with for too long, since as many
        others are free; whether there are any."""
        late = monotonic() - _HELD
        held = [line for line, (_, since) in self._promised.items() if since < late][:most]
        for line in held:
            self.release(line)
        return bool(held)

    def settled(self, taken: Taken) -> None:
        """It is out of hand, whatever came of it."""
        if isinstance(taken.message, Message):
            self._pace.arrived(taken.message.recipient.domain)

    def put_back(self, taken: Taken) -> None:
        """It is to be the next one again."""
        self.settled(taken)
        self._jobs.appendleft(taken.job)

    def _next(self) -> tuple[Taken | None, float | None]:
        soonest: float | None = None
        for place, job in enumerate(self._jobs):
            ending = self._put_off(job)
            wait = 0.0 if ending else self._wait(job)
            if wait == 0:
                taken = self._in_hand(job, ending)
                del self._jobs[place]  # not before: a fault in printing must not lose it
                return taken, None
            if wait is not None and (soonest is None or wait < soonest):
                soonest = wait
            if place >= _LOOK_AHEAD:
                break
        return None, soonest

    def _renewed(self, taken: Taken) -> Taken:
        """The same, or printed anew where its reader has left, paused or moved since."""
        job = self._books.renewed(taken.job)
        if job is taken.job:
            return taken
        renewed = self._in_hand(job)
        self.settled(taken)
        return renewed

    def _in_hand(self, job: Job, ending: Ending | None = None) -> Taken:
        message = ending or self._books.message(job)
        if isinstance(message, Message):
            self._pace.leave(message.recipient.domain, monotonic())
        return Taken(job, message)

    def _wait(self, job: Job) -> float | None:
        return self._pace.wait(job.reader.address.domain, monotonic()) if job.reader else 0.0

    def _put_off(self, job: Job) -> Ending | None:
        """The ending where her mail domain has asked for more patience than a run has."""
        domain = job.reader.address.domain if job.reader else ""
        if (patience := self._pace.patience(domain, monotonic())) <= PATIENCE:
            return None
        number, retry_at = job.delivery.number, self._now() + timedelta(seconds=patience)
        words = "her mail domain asked us to slow down"
        return Ending(number, State.DEFERRED, words, retry_at, counts=False)
