"""Runs one after the other, with the real ledger and journal: whatever relays and disks do to the
first ones, good ones in the end bring every reader her one mail."""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from newsletter.delivery.journal import Journal, Mark
from newsletter.delivery.message import Message
from newsletter.errors import StoreUnavailable
from newsletter.steps.books import Job
from newsletter.steps.send import recover
from newsletter.store import ledger
from newsletter.store.engine import Store, init_store, open_store
from newsletter.store.ledger import Ending, State
from tests.edges.test_store import NOW, paper, planned, published
from tests.steps.test_whatever_a_relay_does import (
    READERS,
    REFUSED,
    TAKEN,
    UNKNOWN,
    WAYS,
    Script,
    Witness,
    dispatched,
    letter,
    scripts,
    trusted,
)

__all__ = ["trusted"]  # the fixture

# The longest back-off is four hours and a fifth.
_APART = timedelta(hours=5)
# A doubtful one may have been taken: where the run could not note the answer.
_MAY_HAVE = {State.SENT: ([TAKEN],), State.DOUBTFUL: ([], [UNKNOWN], [TAKEN])}


class Disk(Enum):
    """What a store does from some turn on."""

    FULL = auto()
    """Nothing is written any more."""
    UNHEARD = auto()
    """One transaction is kept, but nobody is told; then nothing is written any more."""
    UNHEARD_ONCE = auto()
    """One transaction is kept, but nobody is told; then all is well."""
    FULL_ONCE = auto()
    """One transaction fails; then all is well."""


@dataclass(frozen=True)
class Trouble:
    """What happens to one run."""

    script: Script
    way: tuple[str, ...]
    disk: Disk
    turn: int
    """From which the store fails."""
    note: int
    """From which the journal fails."""


class LedgerBooks:
    """The ledger, without papers to print."""

    def __init__(self, store: Store, run: str, now: datetime, trouble: Trouble | None) -> None:
        self._store, self._run, self._now, self._trouble = store, run, now, trouble
        self._turns = 0

    async def turn(self, endings: Sequence[Ending], limit: int) -> list[Job]:
        self._turns += 1
        kept, told = self._kept_and_told()
        if not kept:
            raise StoreUnavailable("the disk is full")
        with self._store.writing() as connection:
            ledger.record(connection, endings, self._now)
            claimed = ledger.claim(connection, self._run, limit, self._now) if limit else []
        if not told:
            raise StoreUnavailable("nobody knows")
        return [Job(delivery, None, 0) for delivery in claimed]

    def _kept_and_told(self) -> tuple[bool, bool]:
        trouble = self._trouble
        if trouble is None or self._turns < trouble.turn:
            return True, True
        if self._turns > trouble.turn:
            return (trouble.disk in {Disk.UNHEARD_ONCE, Disk.FULL_ONCE},) * 2
        return trouble.disk in {Disk.UNHEARD, Disk.UNHEARD_ONCE}, False

    def next_retry(self) -> None:
        return None

    def renewed(self, job: Job) -> Job:
        return job

    def message(self, job: Job) -> Message | Ending:
        return letter(job.delivery)


class FailingJournal(Journal):
    """Takes so many lines after its first, and then no more."""

    def __init__(self, folder: Path, left: int) -> None:
        super().__init__(folder)
        self._left = left
        self.begun: set[int] = set()

    def note(self, mark: Mark, delivery: int) -> None:
        self._left -= 1
        if self._left < 0:
            raise StoreUnavailable("the journal cannot be written")
        super().note(mark, delivery)
        if mark is Mark.STARTED:
            self.begun.add(delivery)


@dataclass
class Story:
    """What became of every reader over all runs, as relays and journals have it."""

    fates: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    begun: set[int] = field(default_factory=set)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which everybody's delivery is queued."""
    path = tmp_path_factory.mktemp("waiting") / "store.sqlite3"
    init_store(url := f"sqlite:///{path}")
    store = open_store(url)
    published(store, [paper(1)])
    with store.writing() as connection:
        ledger.plan(connection, 1, [planned(n, 1) for n in range(1, READERS + 1)], NOW)
    store.close()
    return path


def run(story: Story, store: Store, journals: Path, now: datetime, trouble: Trouble | None) -> None:
    recover(store, journals, now)
    script, way, lines = (trouble.script, trouble.way, trouble.note) if trouble else ({}, (), 999)
    with Witness(script, way) as server, FailingJournal(journals, lines) as journal:
        error = dispatched(server, LedgerBooks(store, journal.name, now, trouble), journal, now)
        assert trouble or error is None
        story.begun |= journal.begun
    for reader, seen in server.seen().items():
        story.fates[reader] += [fate for fate in seen if fate != REFUSED]


def troubles() -> st.SearchStrategy[Trouble]:
    # Half of the stores and of the journals never fail.
    from_turn = st.just(99) | st.integers(1, 3)
    from_note = st.just(999) | st.integers(0, 2 * READERS)
    ways = st.sampled_from([*WAYS.values()])
    return st.builds(Trouble, scripts(), ways, st.sampled_from(Disk), from_turn, from_note)


@examples(max_examples=40)
@given(st.lists(troubles(), max_size=3))
def test_in_the_end_everyone_has_her_one_mail_or_is_listed(
    waiting: Path, before: list[Trouble]
) -> None:
    story = Story()
    with tempfile.TemporaryDirectory() as name:
        shutil.copy(waiting, store_file := Path(name) / "store.sqlite3")
        store = open_store(f"sqlite:///{store_file}")
        try:
            for number, trouble in enumerate([*before, None, None]):
                run(story, store, Path(name) / "journal", NOW + number * _APART, trouble)
            with store.reading() as connection:
                rows = list(ledger.every_delivery(connection, 1))
        finally:
            store.close()
    assert len(rows) == READERS
    for row in rows:
        assert row.state in {State.SENT, State.DOUBTFUL, State.REFUSED}
        assert story.fates[row.number] in _MAY_HAVE.get(row.state, ([],)), (row, story)
        assert row.state is not State.DOUBTFUL or row.number in story.begun, (row, story)
