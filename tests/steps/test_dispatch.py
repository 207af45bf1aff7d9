"""Dispatch against a scripted relay, with books that a test can read and a journal that fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsletter.delivery.journal import Journal, Mark
from newsletter.delivery.message import Message
from newsletter.delivery.pace import Pace
from newsletter.delivery.relay import Line
from newsletter.errors import NewsletterError, StoreUnavailable
from newsletter.steps.books import Job
from newsletter.steps.dispatch import Dispatch
from newsletter.store.ledger import Delivery, Ending, State
from subscribers.addresses import Address
from subscribers.model import Preferences, Subscriber
from subscribers.model import State as SubscriberState
from tests.edges.handing import mail_to, relay_at
from tests.edges.scripted import END, GREETING, Answer, Fault, ScriptedServer

NOW = datetime(2026, 3, 13, 7, tzinfo=UTC)


def reader(number: int) -> Subscriber:
    address = Address.parse(f"r{number}@example.org")
    return Subscriber(number, address, "", SubscriberState.ACTIVE, Preferences())


class Books:
    """So many deliveries, and what became of each."""

    def __init__(self, count: int) -> None:
        self.queued = list(range(1, count + 1))
        self.states: dict[int, State] = {}
        self.fails_after = 10**9
        self.unheard = False
        """Whether the first claim's commit reaches the store, and its answer not us."""
        self.left: set[int] = set()
        self.unprintable = 0

    async def turn(self, endings: Sequence[Ending], limit: int) -> list[Job]:
        if len(self.states) >= self.fails_after:
            raise StoreUnavailable("the disk is full")
        self.states |= {ending.number: ending.state for ending in endings}
        taken, self.queued = self.queued[:limit], self.queued[limit:]
        if self.unheard:
            self.unheard = False
            raise StoreUnavailable("the server is gone")
        return [
            Job(Delivery(n, 1, n, State.SENDING, "", NOW, NOW, (), ()), reader(n), 0) for n in taken
        ]

    def next_retry(self) -> None:
        return None

    def renewed(self, job: Job) -> Job:
        return job

    def message(self, job: Job) -> Message | Ending:
        number = job.delivery.number
        if number == self.unprintable:
            raise KeyError("a bug")
        if number in self.left:
            return Ending(number, State.SKIPPED, "left")
        return mail_to(f"r{number}@example.org")


class Noted(Journal):
    """A journal in memory whose disk is full for one kind of mark."""

    def __init__(self, full_for: Mark | None = None) -> None:
        self.marks: list[tuple[Mark, int]] = []
        self.settled = False
        self._full_for = full_for

    def note(self, mark: Mark, delivery: int) -> None:
        if mark is self._full_for:
            raise StoreUnavailable("the journal cannot be written")
        self.marks.append((mark, delivery))

    def is_settled(self) -> None:
        self.settled = True


def dispatched(
    books: Books, journal: Noted, port: int, lines: int = 2
) -> tuple[list[Ending], NewsletterError | None]:
    told: list[Ending] = []

    async def run() -> None:
        address = relay_at(port)
        places = [Line(address) for _ in range(lines)]
        await Dispatch(
            books, journal, places, Pace(), lambda: NOW, 900, lambda _, ending: told.append(ending)
        ).run()

    try:
        asyncio.run(run())
    except NewsletterError as error:
        return told, error
    return told, None


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
def test_everything_is_sent_once_noted_and_written(extensions: Sequence[str]) -> None:
    books, journal = Books(500), Noted()
    with ScriptedServer(extensions=extensions) as server:
        told, error = dispatched(books, journal, server.port, lines=4)
    assert error is None
    assert len(server.mails) == len(told) == 500
    assert books.states == dict.fromkeys(range(1, 501), State.SENT)
    assert len(journal.marks) == 1000
    assert journal.settled


def test_an_answer_that_cannot_be_noted_stands_and_nothing_more_leaves() -> None:
    books, journal = Books(100), Noted(full_for=Mark.ACCEPTED)
    with ScriptedServer() as server:
        _, error = dispatched(books, journal, server.port)
    assert "journal" in str(error)
    sent = [number for number, state in books.states.items() if state is State.SENT]
    assert len(server.mails) == len(sent) <= 2
    assert set(books.states.values()) <= {State.SENT, State.QUEUED}


def test_a_start_that_cannot_be_noted_leaves_the_mail_unsent() -> None:
    books, journal = Books(100), Noted(full_for=Mark.STARTED)
    with ScriptedServer() as server:
        _, error = dispatched(books, journal, server.port)
    assert "journal" in str(error)
    assert server.mails == []
    assert set(books.states.values()) == {State.QUEUED}


def test_a_store_that_fails_keeps_the_journal_and_stops_the_wire() -> None:
    books, journal = Books(2000), Noted()
    books.fails_after = 60
    with ScriptedServer() as server:
        _, error = dispatched(books, journal, server.port)
    assert "disk is full" in str(error)
    assert not journal.settled
    assert 60 <= len(server.mails) <= 60 + 2 * 2 * 25
    accepted = {number for mark, number in journal.marks if mark is Mark.ACCEPTED}
    assert len(accepted) == len(server.mails)


def test_claims_of_which_nobody_was_told_are_left_to_the_journal() -> None:
    books, journal = Books(100), Noted()
    books.unheard = True
    with ScriptedServer() as server:
        _, error = dispatched(books, journal, server.port)
    assert "server is gone" in str(error)
    assert server.mails == []
    assert not journal.settled  # the ledger has them in hand: without it they would be doubtful


def test_who_left_after_her_row_was_read_gets_nothing() -> None:
    books, journal = Books(60), Noted()
    books.left = {5, 17}
    with ScriptedServer() as server:
        told, error = dispatched(books, journal, server.port)
    assert error is None
    skipped = {ending.number for ending in told if ending.state is State.SKIPPED}
    assert skipped == {5, 17}
    assert len(server.mails) == 58


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
def test_who_leaves_while_the_mail_before_hers_is_answered_gets_nothing(
    extensions: Sequence[str],
) -> None:
    class Leaving(Books):
        def renewed(self, job: Job) -> Job:
            self.left |= {5, 6, 17} & {job.delivery.number}
            return replace(job, departures=1) if self.left else job

    books, journal = Leaving(40), Noted()
    with ScriptedServer(extensions=extensions) as server:
        _, error = dispatched(books, journal, server.port)
    assert error is None
    assert {n for n, state in books.states.items() if state is State.SKIPPED} == {5, 6, 17}
    assert len(server.mails) == 37


def test_nobody_waits_behind_a_mail_whose_dot_is_not_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("newsletter.steps.dispatch._LAST_WORDS", 0.1)
    monkeypatch.setattr("newsletter.steps.ready._HELD", 0.2)
    books, journal = Books(40), Noted()

    async def run(server: ScriptedServer) -> None:
        places = [Line(relay_at(server.port)) for _ in range(2)]
        dispatch = Dispatch(books, journal, places, Pace(), lambda: NOW, 900, lambda *_: None)
        running = asyncio.create_task(dispatch.run())
        async with asyncio.timeout(10):
            while len(server.mails) < 40:
                await asyncio.wait([running], timeout=0.02)
        dispatch.stop()
        await running

    script: dict[str, list[Answer]] = {END: [*["250 ok"] * 10, Fault.STALL]}
    with ScriptedServer(script, ["PIPELINING"]) as server:
        asyncio.run(run(server))
    assert sorted(books.states.values()) == [State.DOUBTFUL, *[State.SENT] * 39]


def test_a_bug_in_printing_stops_the_run_and_loses_nobody() -> None:
    books, journal = Books(60), Noted()
    books.unprintable = 30
    with ScriptedServer() as server, pytest.raises(KeyError, match="a bug"):
        dispatched(books, journal, server.port)
    assert books.states[30] is State.QUEUED
    assert journal.settled
    sent = [number for number, state in books.states.items() if state is State.SENT]
    assert len(server.mails) == len(sent)
    assert len(books.states) + len(books.queued) == 60


def test_connections_that_are_not_given_leave_the_work_to_others() -> None:
    books, journal = Books(80), Noted()
    greetings = ["220 hello", "421 4.7.0 too many", "421 4.7.0 too many"]
    with ScriptedServer({GREETING: greetings}) as server:
        _, error = dispatched(books, journal, server.port, lines=3)
    assert error is None
    assert len(server.mails) == 80


@pytest.mark.parametrize("answer", ["451 4.3.0 later", "421 4.3.2 restarting", Fault.DROP])
def test_a_relay_that_fails_for_a_moment_is_given_another_try(answer: Answer) -> None:
    books, journal = Books(60), Noted()
    script = {"MAIL": [*["250 ok"] * 20, answer, answer, *["250 ok"] * 20, answer]}
    with ScriptedServer(script) as server:
        _, error = dispatched(books, journal, server.port, lines=1)
    assert error is None
    assert set(books.states.values()) == {State.SENT}
    assert len(server.mails) == 60


def test_without_any_connection_everything_is_queued_again() -> None:
    books, journal = Books(80), Noted()
    with ScriptedServer({GREETING: ["421 4.3.2 closed"] * 9}) as server:
        _, error = dispatched(books, journal, server.port, lines=3)
    assert "421" in str(error)
    assert set(books.states.values()) == {State.QUEUED}
    assert journal.marks == []


def test_a_watch_that_fails_stops_the_run_instead_of_hanging_it() -> None:
    books, journal = Books(100), Noted()

    async def run(port: int) -> None:
        def watch(_: Delivery, ending: Ending) -> None:
            raise OSError(f"nobody can be told of {ending.number}: the disk is full")

        places = [Line(relay_at(port)) for _ in range(3)]
        dispatch = Dispatch(books, journal, places, Pace(), lambda: NOW, 900, watch)
        await asyncio.wait_for(dispatch.run(), 20)

    with ScriptedServer() as server, pytest.raises(OSError, match="disk is full"):
        asyncio.run(run(server.port))
    sent = [number for number, state in books.states.items() if state is State.SENT]
    assert len(sent) == len(server.mails) <= 3
    assert len(books.states) + len(books.queued) == 100
