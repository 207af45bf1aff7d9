"""What the answers of one gathering from arXiv come to: what it announced, what its lists do not
hold any more, and how far each category is covered."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from newsletter.editorial.calendars import (
    arxiv_announces,
    arxiv_cut_off,
    arxiv_due,
    arxiv_list_before,
    arxiv_missed,
    arxiv_rest,
    arxiv_submission_days,
    eastern_day,
)
from newsletter.editorial.freshness import Batch
from newsletter.editorial.papers import Paper, PaperId
from newsletter.sources import Fault, Listed, Wanted, feeds
from newsletter.sources.answers import Answer
from newsletter.sources.entries import Announced, Entry
from newsletter.sources.feeds import Document

_CUT_AT = 2_000  # rows of a list; https://info.arxiv.org/help/rss.html
# Moderators hold papers back; with five days of that, a weekend and a list between
# that of its first category and that of another one, a paper is nine days old.
_HELD = timedelta(days=10)
_HELD_LONGER = 10  # one in so many new papers of a list, at most
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """Announcements of one category that no list holds any more: after `covered`, to `until`."""

    category: str
    covered: date
    days: tuple[date, ...]
    opened: datetime
    """From when on papers were submitted that count as announced in it."""
    new: frozenset[PaperId] = frozenset()
    """Where the last day's list is cut or breaks off: what is left of its new papers."""
    rows: frozenset[PaperId] = frozenset()
    """The same of all that it announces."""

    @property
    def until(self) -> date:
        return self.days[-1]


@dataclass(slots=True)
class Recovery:
    """What one query or one harvest brought."""

    is_harvest: bool
    pages: list[Document] = field(default_factory=list)
    failure: str = ""

    def doubt(self, gap: Gap, holidays: frozenset[date]) -> str:
        """Why these cannot be all of the gap's papers, "" where they can.

        arXiv's index can lag behind its lists: a query then finds nothing, or too little, and says
        that this is all. So it must hold what is left of a list, and a paper of each missed day;
        that a day had none is believed of a harvest alone.
        """
        if self.failure or not self._came_whole():
            return self.failure or "not all of it came"
        found = list(feeds.entries_of(self.pages))
        ids = {entry.paper.id for entry in found}
        lacking = len(gap.new - ids)
        if lacking > len(gap.new) // _HELD_LONGER + self._unread():
            return f"what came lacks {lacking} of the {len(gap.new)} new papers that the list holds"
        if self.is_harvest:
            none = gap.rows and gap.rows.isdisjoint(ids)
            return "what came has nothing that the list holds" if none else ""
        submitted = {entry.created for entry in found if gap.category in entry.paper.categories}
        for day in gap.days[:-1] if gap.new else gap.days:
            if submitted.isdisjoint(arxiv_submission_days(day, holidays)):
                return f"what came has nothing of {day}"
        return ""

    def _came_whole(self) -> bool:
        """Whether all pages are there; one of a query can be shorter than it should be."""
        if not self.pages or any(page.broken or page.error for page in self.pages):
            return False
        if self.is_harvest:
            return not self.pages[-1].resumption
        ids = {entry.paper.id for entry in feeds.entries_of(self.pages)}
        return len(ids) + self._unread() >= max(page.total or 0 for page in self.pages)

    def _unread(self) -> int:
        return sum(page.rows - len(page.entries) for page in self.pages)


def part_of(category: str) -> str:
    """The name in print of a category's list."""
    return f"arXiv {category}"


def _is_whole(document: Document) -> bool:
    return not document.broken and not document.error and document.rows < _CUT_AT


def _day_of(document: Document, now: datetime) -> date | None:
    """The day of a list; a list can be dated ahead, but it holds nothing of the days to come."""
    return document.day and min(document.day, eastern_day(now))


def _announced(document: Document, *kinds: Announced) -> frozenset[PaperId]:
    """The papers that a list announces, as one of these kinds."""
    return frozenset(
        entry.paper.id
        for entry in document.entries
        if entry.announced in kinds and entry.day == document.day
    )


def gap_of(
    category: str, document: Document, wanted: Wanted, holidays: frozenset[date]
) -> Gap | None:
    """The announcements between what is covered and what this list holds."""
    day = _day_of(document, wanted.now)
    if day is None:
        return None
    # Whoever begins today has missed nothing; a list that was cut has lost some of today's.
    covered = wanted.covered.get(part_of(category)) or day - _DAY
    covered = max(covered, eastern_day(wanted.now) - wanted.window_days * _DAY)
    days = arxiv_missed(covered, day, holidays)
    opened = _opened(part_of(category), covered, day, wanted, holidays)
    is_cut = not _is_whole(document) and day > covered
    if is_cut and (document.entries or arxiv_announces(day, holidays)):
        new, rows = _announced(document, Announced.NEW), _announced(document, *Announced)
        return Gap(category, covered, (*days, day), opened, new, rows)
    return Gap(category, covered, tuple(days), opened) if days else None


def _opened(
    part: str, covered: date, day: date, wanted: Wanted, holidays: frozenset[date]
) -> datetime:
    """From when on papers were submitted that count as announced after `covered`.

    Who was held back was submitted earlier than others; but of what was announced before the first
    list, or before the window, no submission tells it apart from those, and all of it would be new.
    """
    known = wanted.covered.get(part)
    first = wanted.first.get(part) or (None if known else day)
    bounds = [arxiv_cut_off(covered) - _HELD]
    if known and (known < covered or (wanted.first and not first)):
        bounds.append(arxiv_cut_off(arxiv_list_before(covered + _DAY, holidays)))
    if first:
        before = arxiv_cut_off(arxiv_list_before(first, holidays))
        # A harvest tells days alone, and what was submitted later that day was in the first list.
        is_read = known and known >= first and arxiv_announces(first, holidays)
        bounds.append(before.replace(hour=0, minute=0) + _DAY if is_read else before)
    return max(bounds)


@dataclass(slots=True)
class Reading:
    """The answers of one gathering as they are being read."""

    wanted: Wanted
    holidays: frozenset[date]
    papers: list[Paper] = field(default_factory=list)
    updates: list[Paper] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lists: dict[str, Document] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """By category: why its list did not come."""
    recovered: dict[str, list[Recovery]] = field(default_factory=dict)
    """By category: what was asked for since no list holds it any more, in the order of asking."""

    def take(self, answer: Answer) -> None:
        kind, _, asked = answer.kind.partition(" ")
        if kind in {"query", "harvest"}:
            self._recovery(kind, asked, answer)
        elif answer.failure:
            self._failure(kind, asked, answer)
        elif kind == "feed":
            self.lists[asked] = self._read(answer)
            self._sort(self.lists[asked].entries)
        else:
            self.updates += [entry.paper for entry in self._read(answer).entries]

    def _read(self, answer: Answer) -> Document:
        document = feeds.read(answer.body)
        self.faults += [Fault(f"arXiv, {answer.kind}", None, fault) for fault in document.faults]
        return document

    def _recovery(self, kind: str, asked: str, answer: Answer) -> None:
        """One page more of a query or a harvest; with the first one another begins."""
        categories = asked.split("+")
        query = parse_qs(urlsplit(answer.url).query)
        is_first = query.get("start", ["0"]) == ["0"] and "resumptionToken" not in query
        if is_first or categories[0] not in self.recovered:
            begun = Recovery(kind == "harvest")
            for category in categories:
                self.recovered.setdefault(category, []).append(begun)
        recovery = self.recovered[categories[0]][-1]
        recovery.failure = answer.failure
        if not answer.failure:
            recovery.pages.append(self._read(answer))

    def _failure(self, kind: str, asked: str, answer: Answer) -> None:
        if kind == "feed":
            unknown = f"arXiv does not know {asked}: mend sources.arxiv.categories"
            self.failed[asked] = unknown if answer.status == 400 else answer.failure
        else:
            where = "arXiv, authors and categories of papers from elsewhere"
            self.faults.append(Fault(where, None, answer.failure))

    def _sort(self, entries: Iterable[Entry]) -> None:
        """A revised version is not new: it changes what is known, and puts nothing forward."""
        for entry in entries:
            new = entry.announced is not None and entry.announced.is_new
            (self.papers if new else self.updates).append(entry.paper)

    def gap(self, category: str) -> Gap | None:
        """What the category's list does not hold any more."""
        document = self.lists.get(category)
        return gap_of(category, document, self.wanted, self.holidays) if document else None

    def missing(self, gap: Gap) -> str:
        """Why the papers of a gap are not there, "" where they are."""
        doubts = [one.doubt(gap, self.holidays) for one in self.recovered.get(gap.category, [])]
        return "" if "" in doubts else (doubts or ["it was not asked for"])[-1]

    def listed(self, category: str) -> Listed:
        """What the category's list held, what is missing of it, and how far it is covered; takes
        the papers of its gap."""
        part = part_of(category)
        due = arxiv_due(self.wanted.now, self.holidays)
        before = self.wanted.covered.get(part)
        document = self.lists.get(category)
        if document and document.day is None and not _is_whole(document):
            self.failed[category] = _cut(document)
        if document is None or category in self.failed:
            reason = self.failed.get(category, "not asked, since arXiv failed before")
            return Listed(Batch(part, due=due, trouble=reason, usable=False), before)
        ids = _announced(document, Announced.NEW, Announced.CROSS)
        trouble = ""
        if gap := self.gap(category):
            found = self._found(gap)
            self.papers += [entry.paper for entry in found]
            ids |= self._cut_off_from(document, found)
            trouble = self._trouble(gap, document)
        if not ids and not _is_whole(document):
            trouble = trouble or _cut(document)
        batch = Batch(part, document.day, due, self._rest(document), ids, trouble)
        day = _day_of(document, self.wanted.now)
        if trouble and day:  # of a first list, the rest is to be asked for again
            return Listed(batch, before or arxiv_list_before(day, self.holidays))
        if trouble or (not ids and not batch.rest):  # an empty list may fill yet
            return Listed(batch, before)
        return Listed(batch, max(filter(None, (before, day)), default=None))

    def _found(self, gap: Gap) -> list[Entry]:
        """The papers that were announced in a gap, as far as can be told."""
        pages = (page for one in self.recovered.get(gap.category, []) for page in one.pages)
        opened, closed = gap.opened.date(), arxiv_cut_off(gap.until).date()
        return [
            entry
            for entry in feeds.entries_of(pages)
            if entry.created and opened <= entry.created <= closed
            if gap.category in entry.paper.categories
        ]

    def _cut_off_from(self, document: Document, found: Iterable[Entry]) -> frozenset[PaperId]:
        """The papers that a list which was cut would have held, as far as the day of their
        submission tells: of those that moderators held back it does not."""
        if document.day is None or _is_whole(document):
            return frozenset()
        days = arxiv_submission_days(document.day, self.holidays)
        return frozenset(entry.paper.id for entry in found if entry.created in days)

    def _rest(self, document: Document) -> str:
        weekday = f"{eastern_day(self.wanted.now):%A}"
        if weekday in document.skips:
            return f"nothing is announced on {weekday}s"
        if document.entries and _is_whole(document):
            return "it announces revisions alone"
        return arxiv_rest(self.wanted.now, self.holidays)

    def _trouble(self, gap: Gap, document: Document) -> str:
        reason = self.missing(gap)
        if not reason:
            return ""
        if not _is_whole(document) and gap.days == (_day_of(document, self.wanted.now),):
            return f"{_cut(document)}, and the rest could not be had ({reason})"
        days = ", ".join(day.isoformat() for day in gap.days)
        return f"what was announced on {days} is still missing ({reason})"


def _cut(document: Document) -> str:
    if document.broken:
        return f"its list breaks off ({document.broken})"
    return document.error or f"its list is cut at {_CUT_AT:,} rows"
