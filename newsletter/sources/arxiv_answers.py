"""What the answers of one gathering from arXiv come to: what it announced, what its lists do not
hold any more, and how far each category is covered."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from newsletter.editorial.calendars import (
    arxiv_cut_off,
    arxiv_due,
    arxiv_list_before,
    arxiv_missed,
    arxiv_rest,
    eastern_day,
)
from newsletter.editorial.freshness import Batch
from newsletter.editorial.papers import Paper, PaperId
from newsletter.sources import Fault, Listed, Wanted, feeds
from newsletter.sources.answers import Answer
from newsletter.sources.entries import Entry
from newsletter.sources.feeds import Document

_CUT_AT = 2_000  # rows of a list; https://info.arxiv.org/help/rss.html
# Moderators hold papers back; with five days of that, a weekend and a list between
# that of its first category and that of another one, a paper is nine days old.
_HELD = timedelta(days=10)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """Announcements of one category that no list holds any more: after `covered`, to `until`."""

    category: str
    covered: date
    until: date
    days: tuple[date, ...]

    @property
    def opened(self) -> datetime:
        """From when on papers were submitted that are announced in it."""
        return arxiv_cut_off(self.covered) - _HELD


def part_of(category: str) -> str:
    """The name in print of a category's list."""
    return f"arXiv {category}"


def _is_whole(document: Document) -> bool:
    return not document.broken and not document.error and document.rows < _CUT_AT


def _day_of(document: Document, now: datetime) -> date | None:
    """The day of a list; a list can be dated ahead, but it holds nothing of the days to come."""
    return document.day and min(document.day, eastern_day(now))


def gap_of(
    category: str, document: Document, wanted: Wanted, holidays: frozenset[date]
) -> Gap | None:
    """The announcements between what is covered and what this list holds."""
    day = _day_of(document, wanted.now)
    if day is None:
        return None
    opened = eastern_day(wanted.now) - wanted.window_days * _DAY
    until = day if _is_whole(document) else day + _DAY
    # Whoever begins today has missed nothing; a list that was cut has lost some of today's.
    covered = wanted.covered.get(part_of(category)) or day - _DAY
    covered = max(covered, opened)
    days = arxiv_missed(covered, until, holidays)
    return Gap(category, covered, days[-1], tuple(days)) if days else None


@dataclass(slots=True)
class Reading:
    """The answers of one gathering as they are being read."""

    now: datetime
    holidays: frozenset[date]
    papers: list[Paper] = field(default_factory=list)
    updates: list[Paper] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lists: dict[str, Document] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """By category: why its list did not come."""
    recovered: dict[str, list[Document]] = field(default_factory=dict)
    """By category: the pages that a query or a harvest brought."""
    harvested: set[str] = field(default_factory=set)
    """The categories of which it was a harvest."""
    lost: dict[str, str] = field(default_factory=dict)
    """By category: why what was missed did not come."""

    def take(self, answer: Answer) -> None:
        kind, _, asked = answer.kind.partition(" ")
        if answer.failure:
            self._failure(kind, asked, answer)
            return
        document = feeds.read(answer.body)
        self.faults += [Fault(f"arXiv, {answer.kind}", None, fault) for fault in document.faults]
        match kind:
            case "feed":
                self.lists[asked] = document
                self._sort(document.entries)
            case "query":
                for category in asked.split("+"):
                    self.recovered.setdefault(category, []).append(document)
            case "harvest":
                if asked not in self.harvested:  # what a query brought was not whole
                    self.recovered[asked] = []
                self.harvested.add(asked)
                self.lost.pop(asked, None)
                self.recovered[asked].append(document)
            case _:
                self.updates += [entry.paper for entry in document.entries]

    def _failure(self, kind: str, asked: str, answer: Answer) -> None:
        if kind == "feed":
            unknown = f"arXiv does not know {asked}: mend sources.arxiv.categories"
            self.failed[asked] = unknown if answer.status == 400 else answer.failure
        elif kind == "papers":
            where = "arXiv, authors and categories of papers from elsewhere"
            self.faults.append(Fault(where, None, answer.failure))
        else:
            self.lost.update(dict.fromkeys(asked.split("+"), answer.failure))

    def _sort(self, entries: Iterable[Entry]) -> None:
        """A revised version is not new: it changes what is known, and puts nothing forward."""
        for entry in entries:
            new = entry.announced is not None and entry.announced.is_new
            (self.papers if new else self.updates).append(entry.paper)

    def listed(self, category: str, wanted: Wanted) -> Listed:
        """What the category's list held, what is missing of it, and how far it is covered."""
        part = part_of(category)
        due = arxiv_due(self.now, self.holidays)
        before = wanted.covered.get(part)
        document = self.lists.get(category)
        if document and document.day is None and not _is_whole(document):
            self.failed[category] = _cut(document)
        if document is None or category in self.failed:
            reason = self.failed.get(category, "not asked, since arXiv failed before")
            return Listed(Batch(part, due=due, trouble=reason, usable=False), before)
        ids = frozenset(
            entry.paper.id
            for entry in document.entries
            if entry.announced and entry.announced.is_new and entry.day == document.day
        )
        gap = gap_of(category, document, wanted, self.holidays)
        trouble = ""
        if gap:
            found, trouble = self._recover(gap, document)
            ids |= self._cut_off_from(document, found)
        if not ids and not _is_whole(document):
            trouble = trouble or _cut(document)
        batch = Batch(part, document.day, due, self._rest(document), ids, trouble)
        if trouble or (not ids and not batch.rest):  # an empty list may fill yet
            return Listed(batch, before)
        day = _day_of(document, self.now)
        return Listed(batch, max(filter(None, (before, day)), default=None))

    def _cut_off_from(self, document: Document, found: Iterable[Entry]) -> frozenset[PaperId]:
        """The papers that a list which was cut would have held, as far as the day of their
        submission tells: of those that moderators held back it does not."""
        if document.day is None or _is_whole(document):
            return frozenset()
        since = arxiv_cut_off(arxiv_list_before(document.day, self.holidays)).date()
        return frozenset(
            entry.paper.id for entry in found if entry.created and entry.created > since
        )

    def _rest(self, document: Document) -> str:
        weekday = f"{eastern_day(self.now):%A}"
        if weekday in document.skips:
            return f"nothing is announced on {weekday}s"
        if document.entries and _is_whole(document):
            return "it announces revisions alone"
        return arxiv_rest(self.now, self.holidays)

    def _recover(self, gap: Gap, document: Document) -> tuple[list[Entry], str]:
        """Take the papers of a gap; those found, and what is missing of them all the same."""
        pages = self.recovered.get(gap.category, [])
        closed = arxiv_cut_off(gap.until).date()
        found = [
            entry
            for entry in feeds.entries_of(pages)
            if entry.created
            and gap.opened.date() <= entry.created <= closed
            and gap.category in entry.paper.categories
        ]
        self.papers += [entry.paper for entry in found]
        return found, self._missing(gap, document, pages)

    def _missing(self, gap: Gap, document: Document, pages: list[Document]) -> str:
        reason = self.lost.get(gap.category, "" if _came_whole(pages) else "not all of it came")
        if not reason:
            return ""
        if not _is_whole(document) and gap.days == (document.day,):
            return f"{_cut(document)}, and the rest could not be had ({reason})"
        days = ", ".join(day.isoformat() for day in gap.days)
        return f"what was announced on {days} is still missing ({reason})"


def _cut(document: Document) -> str:
    if document.broken:
        return f"its list breaks off ({document.broken})"
    return document.error or f"its list is cut at {_CUT_AT:,} rows"


def _came_whole(pages: list[Document]) -> bool:
    """Whether these pages of a query or of a harvest are all that there are."""
    if not pages or any(page.broken or page.error for page in pages):
        return False
    if pages[-1].total is not None:
        return sum(page.rows for page in pages) >= pages[-1].total
    return not pages[-1].resumption
