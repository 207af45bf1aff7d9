"""arXiv on this machine, for weeks on end: papers are submitted, held back, announced, cross-listed
and replaced on its real calendar, and served as its lists, its queries and its harvest show it.

The calendar is written down here once more, on purpose: newsletter/editorial/calendars.py is being
tested. Sources: https://info.arxiv.org/help/availability.html, rss_specifications.html,
api/user-manual.html, oa/index.html; the order and the limit of a list are arxiv-feed's.
"""

import hashlib
import random
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from tests.services import Asked, Reply

EASTERN = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
LIMIT = 2_000  # rows of a list
PAGE = 60  # records of a harvest's page; arXiv's own hold 1,000
_SUNDAY, _FRIDAY, _SATURDAY = 6, 4, 5
_ORDER = {"replace-cross": 0, "replace": 1, "cross": 2, "new": 3}


@dataclass
class Work:
    """One paper's life."""

    title: str
    abstract: str
    authors: Sequence[str]
    categories: tuple[str, ...]
    submitted: datetime
    number: str = ""
    announced: dict[str, date] = field(default_factory=dict)
    """By category: the list that it came in first."""
    replaced: list[date] = field(default_factory=list)
    """The lists of its second version, of its third, …"""
    renamed: bool = False
    """Whether the second version has another title."""

    @property
    def primary(self) -> str:
        return self.categories[0]

    def version(self, day: date) -> int:
        return 1 + sum(at <= day for at in self.replaced)

    def title_of(self, version: int) -> str:
        return f"{self.title}, a Second Account" if self.renamed and version > 1 else self.title

    def categories_on(self, day: date) -> list[str]:
        """Those in which it has been announced."""
        return [name for name in self.categories if self.announced[name] <= day]

    def changed(self, day: date) -> date:
        """When it was last announced in any way."""
        return max(at for at in (*self.announced.values(), *self.replaced) if at <= day)


class Calendar:
    """Which lists there are, and what is in time for each."""

    def __init__(self, first: date, last: date, deferred: Collection[date]) -> None:
        every = [first + DAY * step for step in range((last - first).days + 1)]
        self.lists = [day for day in every if self._is_announced(day - DAY, deferred)]
        self._cut_offs = [self.cut_off(day) for day in self.lists]

    @staticmethod
    def _is_announced(evening: date, deferred: Collection[date]) -> bool:
        return evening.weekday() not in {_FRIDAY, _SATURDAY} and evening not in deferred

    @staticmethod
    def cut_off(day: date) -> datetime:
        evening = day - DAY
        last = evening - 2 * DAY if evening.weekday() == _SUNDAY else evening
        return datetime.combine(last, time(14), EASTERN).astimezone(UTC)

    def list_for(self, ready: datetime) -> date:
        """The list of what is ready at this moment."""
        return self.lists[bisect_left(self._cut_offs, ready)]

    def after(self, day: date, lists: int = 1) -> date:
        return self.lists[min(self.lists.index(day) + lists, len(self.lists) - 1)]


def lives(
    records: Iterable[dict[str, Any]], calendar: Calendar, a_day: int, seed: int = 1999
) -> list[Work]:
    """A life for each record, `a_day` of them submitted on a weekday and a third at weekends. Some
    are held back by moderators for two to five days, some cross-listed a list later, some replaced
    up to five times."""
    chance = random.Random(seed)
    left = iter(records)
    works = []
    day = calendar.lists[0]
    while day <= calendar.lists[-1] - 12 * DAY:
        for _ in range(a_day if day.weekday() < _SATURDAY else a_day // 3):
            moment = datetime.combine(day, time(0), UTC) + timedelta(
                seconds=chance.randrange(86_400)
            )
            works.append(_life(next(left), moment, calendar, chance))
        day += DAY
    works.sort(key=lambda work: work.submitted)
    for place, work in enumerate(works, 10_000):
        work.number = f"{work.submitted:%y%m}.{place}"
    return works


def _life(
    record: dict[str, Any], moment: datetime, calendar: Calendar, chance: random.Random
) -> Work:
    work = Work(
        record["title"],
        record["abstract"],
        record["authors"],
        tuple(record["categories"]),
        moment,
        renamed=chance.random() < 0.3,
    )
    held = chance.random() < 0.1
    day = calendar.list_for(moment + DAY * chance.uniform(2, 5) * held)
    later = calendar.after(day) if chance.random() < 0.2 else day
    work.announced = dict.fromkeys(work.categories, later) | {work.primary: day}
    versions = chance.choice([0] * 12 + [1, 1, 2, 5])
    for _ in range(versions):
        last = work.replaced[-1] if work.replaced else later
        work.replaced.append(calendar.after(last, chance.randint(1, 9)))
    work.replaced = sorted(set(work.replaced) - {later})
    return work


def old_works(days: Sequence[date], a_day: int, *categories: str, first: int = 1) -> list[Work]:
    """Papers of years ago whose next version is in each of these lists."""
    return [
        Work(
            f"What Was Known of Problem {first + place * a_day + number} in the Year 2023",
            "An old abstract.",
            ["Ada Old"],
            categories,
            datetime(2023, 5, 9, tzinfo=UTC),
            f"2305.{first + place * a_day + number:05}",
            dict.fromkeys(categories, date(2023, 5, 10)),
            [date(2023, 6, 1), day],
        )
        for place, day in enumerate(days)
        for number in range(a_day)
    ]


class ArxivService:
    """Answers as of `now`, which the test sets."""

    def __init__(self, works: Sequence[Work], calendar: Calendar) -> None:
        self.works = works
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.calendar = calendar
        self.feed_fails = False
        self.feed_is_late = False
        """Whether it still is yesterday's."""
        self.query_fails = False
        self.query_breaks_off = False
        self.query_is_short = False
        """Whether its pages lack some papers that its total counts."""
        self.index_lags = 0
        """By how many days' announcements what it searches is behind."""
        self.harvest_fails = False
        self.by_number = {work.number: work for work in works}
        assert len(self.by_number) == len(works)
        self.rows: dict[tuple[str, date], list[tuple[str, int, Work]]] = defaultdict(list)
        for work in works:
            for name, day in work.announced.items():
                self.rows[name, day].append(("new" if name == work.primary else "cross", 1, work))
            for version, day in enumerate(work.replaced, 2):
                for name in work.categories_on(day - DAY) if version < 6 else ():
                    kind = "replace" if name == work.primary else "replace-cross"
                    self.rows[name, day].append((kind, version, work))

    @property
    def today(self) -> date:
        return self.now.astimezone(EASTERN).date()

    def new_on(self, category: str, day: date) -> list[Work]:
        """What is announced in a category, replacements apart."""
        return [work for kind, _, work in self.rows[category, day] if "replace" not in kind]

    def __call__(self, asked: Asked) -> Reply | None:
        head, _, category = asked.path.removeprefix("/").partition("/")
        match head:
            case "rss":
                return Reply(b"", 503) if self.feed_fails else self._feed(category, asked)
            case "query":
                return Reply(b"", 503) if self.query_fails else self._query(asked.query)
            case "oai":
                return Reply(b"", 503) if self.harvest_fails else self._harvest(asked.query)
        return None

    def _feed(self, category: str, asked: Asked) -> Reply:
        day = self.today - DAY * self.feed_is_late
        body = self.feed(category, day)
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        known = asked.headers.get("If-None-Match") == tag
        return Reply(b"", 304) if known else Reply(body, headers={"ETag": tag})

    def feed(self, category: str, day: date) -> bytes:
        """The list of a day, the new papers first, and those the first to be cut."""
        rows = sorted(self.rows[category, day], key=lambda row: _ORDER[row[0]])[:LIMIT]
        midnight = f"{datetime.combine(day, time(0), EASTERN):%a, %d %b %Y %H:%M:%S %z}"
        items = "".join(_item(*row, day, midnight) for row in reversed(rows))
        return (
            '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
            f"<title>{category} updates on arXiv.org</title><pubDate>{midnight}</pubDate>"
            f"<skipDays><day>Saturday</day><day>Sunday</day></skipDays>{items}</channel></rss>"
        ).encode()

    def _query(self, query: dict[str, str]) -> Reply:
        start, size = int(query.get("start", 0)), int(query["max_results"])
        if "id_list" in query:
            found = [self.by_number[number] for number in query["id_list"].split(",")]
            assert all(work.announced[work.primary] <= self.today for work in found)
        else:
            found = list(self._submitted(query["search_query"]))
        page = found[start : start + size]
        if self.query_is_short and "search_query" in query:
            del page[len(page) // 2 :: 20]
        entries = "".join(_entry(work, self.today) for work in page)
        body = (
            '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
            'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
            f"<title>arXiv Query</title><updated>{self.now.isoformat()}</updated>"
            f"<opensearch:totalResults>{len(found)}</opensearch:totalResults>"
            f"<opensearch:startIndex>{start}</opensearch:startIndex>{entries}</feed>"
        ).encode()
        breaks_off = self.query_breaks_off and "search_query" in query
        return Reply(body[: len(body) // 2] if breaks_off else body)

    def _submitted(self, query: str) -> Iterator[Work]:
        """What the index knows and was submitted in a span of time, in that order."""
        known = self.today - DAY * self.index_lags
        names = set(re.findall(r"cat:([\w.-]+)", query))
        (span,) = re.findall(r"submittedDate:\[(\d{12}) TO (\d{12})\]", query)
        opened, closed = (datetime.strptime(f"{at}+0000", "%Y%m%d%H%M%z") for at in span)
        for work in sorted(self.works, key=lambda work: work.submitted):
            if opened <= work.submitted <= closed and names & set(work.categories_on(known)):
                yield work

    def _harvest(self, query: dict[str, str]) -> Reply:
        assert query["verb"] == "ListRecords"
        token = query.get("resumptionToken")
        if not token:
            assert query["metadataPrefix"] == "arXiv"
            token = f"{query['set']}|{query['from']}|0"
        name, since, start = token.split("|")
        category = ".".join(name.split(":")[1:])
        found = [
            work
            for work in self.works
            if category in work.categories_on(self.today)
            and work.changed(self.today).isoformat() >= since
        ]
        end = int(start) + PAGE
        if not found:
            nothing = b'<OAI-PMH><error code="noRecordsMatch">Nothing.</error></OAI-PMH>'
            return Reply(nothing)
        records = "".join(_record(work, self.today) for work in found[int(start) : end])
        more = f"{name}|{since}|{end}" if end < len(found) else ""
        return Reply(
            (
                '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
                f"{records}<resumptionToken>{more}</resumptionToken></ListRecords></OAI-PMH>"
            ).encode()
        )


def _item(kind: str, version: int, work: Work, day: date, midnight: str) -> str:
    name = f"{work.number}v{version}"
    categories = "".join(f"<category>{one}</category>" for one in work.categories_on(day))
    return (
        f"<item><title>{escape(work.title_of(version))}</title>"
        f"<link>https://arxiv.org/abs/{work.number}</link>"
        f"<description>arXiv:{name} Announce Type: {kind} \nAbstract: {escape(work.abstract)}"
        f'</description><guid isPermaLink="false">oai:arXiv.org:{name}</guid>{categories}'
        f"<pubDate>{midnight}</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>"
        f"<dc:creator>{escape(', '.join(work.authors))}</dc:creator></item>"
    )


def _entry(work: Work, day: date) -> str:
    version = work.version(day)
    categories = "".join(f'<category term="{one}"/>' for one in work.categories_on(day))
    authors = "".join(f"<author><name>{escape(one)}</name></author>" for one in work.authors)
    return (
        f"<entry><id>http://arxiv.org/abs/{work.number}v{version}</id>"
        f"<title>{escape(work.title_of(version))}</title>"
        f"<published>{work.submitted:%Y-%m-%dT%H:%M:%SZ}</published>"
        f"<summary>{escape(work.abstract)}</summary>{authors}{categories}"
        f'<arxiv:primary_category term="{work.primary}"/></entry>'
    )


def _record(work: Work, day: date) -> str:
    authors = "".join(
        f"<author><keyname>{escape(last)}</keyname><forenames>{escape(first)}</forenames></author>"
        for first, _, last in (name.rpartition(" ") for name in work.authors)
    )
    return (
        f"<record><header><identifier>oai:arXiv.org:{work.number}</identifier>"
        f"<datestamp>{work.changed(day)}</datestamp></header><metadata>"
        f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{work.number}</id>'
        f"<created>{work.submitted:%Y-%m-%d}</created><authors>{authors}</authors>"
        f"<title>{escape(work.title_of(work.version(day)))}</title>"
        f"<categories>{' '.join(work.categories_on(day))}</categories>"
        f"<abstract>{escape(work.abstract)}</abstract></arXiv></metadata></record>"
    )
