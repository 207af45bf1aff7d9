"""Plan: for everyone who is due, a row in the ledger: her papers, or why there is no mail."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from newsletter.editorial.digests import Chooser, Digest, Skip
from newsletter.editorial.schedule import answered, due
from newsletter.editorial.topics import Catalogue
from newsletter.settings import Settings
from newsletter.steps.liking import Likings
from newsletter.steps.printing import Printer
from newsletter.steps.rhythm import default_rhythm
from newsletter.steps.stationery import Stationery
from newsletter.store import ledger
from newsletter.store.editions import EditionSummary, first_entered, load_edition
from newsletter.store.histories import History, histories_of
from subscribers import roster
from subscribers.model import Subscriber

# Readers are fetched, chosen for and written in groups: one transaction, a few queries each.
_GROUP = 500

Transactions = Callable[[], AbstractContextManager[Connection]]


@dataclass(slots=True)
class PlanReport:
    """What planning came to."""

    queued: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """By reason."""

    @property
    def due(self) -> int:
        return self.queued + self.skipped.total()


class Planner:
    """Decides for one edition who gets what. Loads the edition when the first reader is due."""

    def __init__(self, edition: EditionSummary, catalogue: Catalogue, settings: Settings) -> None:
        self._edition = edition
        self._catalogue = catalogue
        self._settings = settings
        self._language = Stationery(settings).language
        self._chooser: Chooser | None = None
        self._likings: Likings | None = None
        self._printing: Printer | None = None
        self._window_opened: date | None = None

    def window_opened(self, connection: Connection) -> date:
        """Where the edition's window opened, whatever the setting says by now."""
        if self._window_opened is None:
            self._window_opened = first_entered(connection, self._edition)
        return self._window_opened

    def slot(self, reader: Subscriber, history: History, now: datetime) -> datetime | None:
        """The slot of hers to serve now with this edition, None where she is not due."""
        if history.edition_day is not None and history.edition_day >= self._edition.day:
            return None
        rhythm = reader.preferences.rhythm(default_rhythm(self._settings))
        slot = due(rhythm, history.served, now, reader.paused_until)
        if slot is None:
            return None
        zone, hour = self._settings.timezone, self._settings.edition.publish_hour
        return None if answered(slot, history.edition_day, zone, hour) else slot

    def look_up(self, connection: Connection, readers: Sequence[Subscriber]) -> None:
        """Find the keywords and the tastes of these readers, all in one pass: the rows asked for
        next are theirs."""
        wishes = [reader.preferences for reader in readers]
        keywords = (word for wish in wishes for word in (*wish.keywords, *wish.muted_keywords))
        self.chooser(connection).look_up(keywords)
        self.likings(connection).look_up(connection, [reader.number for reader in readers])

    def row(
        self,
        connection: Connection,
        reader: Subscriber,
        history: History,
        slot: datetime,
        now: datetime,
    ) -> ledger.Planned:
        """Her row for this slot, whether she is due or not."""
        liking = self.likings(connection).of(reader.number)
        choose = partial(
            self.chooser(connection).digest_for,
            reader.preferences,
            history.seen,
            history.since,
            liking=liking,
        )
        limit = self.limit(reader)
        when = dated(slot, now)
        while isinstance(chosen := choose(limit), Digest):
            papers = tuple(ledger.Printed(c.paper_id, c.reason) for c in chosen.choices)
            limit = self._printer(connection).fitting(reader, papers, chosen.rest)
            if limit == len(papers):
                return ledger.Planned(reader.number, slot, when, papers, rest=chosen.rest)
        return self._without_papers(reader, slot, when, chosen)

    def limit(self, reader: Subscriber) -> int:
        """The most papers that she wants in one mail. What does not fit into it, because Gmail
        would cut its end off, comes with her next digest."""
        return reader.preferences.max_papers or self._settings.digest.max_papers

    def chooser(self, connection: Connection) -> Chooser:
        """Who chooses from the edition, which is loaded at the first call."""
        if self._chooser is None:
            edition = load_edition(connection, self._edition)
            self._chooser = Chooser(edition, self._catalogue, self._language)
        return self._chooser

    def likings(self, connection: Connection) -> Likings:
        """What the edition is to readers' tastes."""
        if self._likings is None:
            self._likings = Likings(self.chooser(connection).edition, self._language)
        return self._likings

    def _printer(self, connection: Connection) -> Printer:
        """Who knows how much of a mail each paper takes."""
        if self._printing is None:
            edition = self.chooser(connection).edition
            listings = {listing.paper.id: listing for listing in edition.listings}
            self._printing = Printer(
                self._edition,
                self._catalogue,
                self._settings,
                lambda papers: {paper: listings[paper] for paper in papers},
            )
        return self._printing

    def _without_papers(
        self, reader: Subscriber, slot: datetime, when: datetime, skip: Skip
    ) -> ledger.Planned:
        skipped = None if self._settings.digest.when_empty == "send" else skip.reason.value
        return ledger.Planned(reader.number, slot, when, (), skipped)


def plan(
    transactions: Transactions,
    edition: EditionSummary,
    catalogue: Catalogue,
    settings: Settings,
    now: datetime,
) -> PlanReport:
    """Write the rows of all who are due for `edition`, group by group.

    `transactions` opens one for each group, so that a big list is never one big transaction.
    """
    planner = Planner(edition, catalogue, settings)
    report = PlanReport()
    last = 0
    while True:
        with transactions() as connection:
            group = roster.recipients(connection, last, _GROUP)
            if not group:
                return report
            rows = _rows(connection, planner, group, now)
            ledger.plan(connection, edition.number, rows, now)
        last = group[-1].number
        for row in rows:
            if row.skipped:
                report.skipped[row.skipped] += 1
            else:
                report.queued += 1


def dated(slot: datetime, now: datetime) -> datetime:
    """The Date header: the hour in which her mail was planned, or her slot if that is later.

    To the hour, so that a preview is the same bytes as the mail that goes out a little later.
    """
    return max(slot, now.replace(minute=0, second=0, microsecond=0))


def _rows(
    connection: Connection, planner: Planner, group: Sequence[Subscriber], now: datetime
) -> list[ledger.Planned]:
    numbers = [reader.number for reader in group]
    histories = histories_of(connection, numbers, planner.window_opened(connection))
    nothing = History()
    due_now = [
        (reader, history, slot)
        for reader in group
        if (slot := planner.slot(reader, history := histories.get(reader.number, nothing), now))
    ]
    if due_now:
        planner.look_up(connection, [reader for reader, _, _ in due_now])
    return [
        planner.row(connection, reader, history, slot, now) for reader, history, slot in due_now
    ]
