"""What arXiv is asked for and what is made of it, on made-up papers: ten a list, of which one had
been held back for six days."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from newsletter.source_settings import ArxivSettings, SourcesSettings
from newsletter.sources import Haul, Wanted
from newsletter.sources.answers import AnswerBook
from newsletter.sources.arxiv import Arxiv
from newsletter.sources.http import Client
from tests.arxiv_service import ArxivService, Calendar, Work
from tests.services import Asked, Reply, Services

DAY = timedelta(days=1)
HELD = 6 * DAY
PART = "arXiv cs.AI"
DEFERRED = {date(2026, 6, 9)}  # so that Wednesday, 10 June, has no list
CALENDAR = Calendar(date(2026, 5, 4), date(2026, 7, 10), DEFERRED)


def works(a_list: int = 10, calendar: Calendar = CALENDAR) -> list[Work]:
    made = []
    for day in calendar.lists:
        before = calendar.cut_off(day)
        for place in range(a_list):
            # By turns in the morning there, on the evening before, and of one held back.
            moment = before - timedelta(hours=3 + 17 * (place % 2)) - HELD * (place == 1)
            made.append(
                Work(
                    f"What was measured in paper {place} of {day}",
                    "An abstract.",
                    ["Ada Example"],
                    ("cs.AI",),
                    moment,
                    f"{day:%y%m}.{day.day:02}{place:03}",
                    {"cs.AI": day},
                )
            )
    return made


@dataclass
class Mornings:
    """A place that asks arXiv for cs.AI, and what it remembers from day to day."""

    folder: Path
    web: Services
    arxiv: ArxivService
    window: int = 14
    covered: date | None = None
    first: date | None = None
    others: dict[str, date] = field(default_factory=dict)
    """The first lists of other categories."""
    seen: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    """The numbers that the last morning saw first."""
    haul: Haul = field(default_factory=lambda: Haul("", ()))

    def __call__(self, text: str, hour: int = 7) -> str:
        """Ask on that day of 2026; what is missing."""
        day = date.fromisoformat(f"2026-{text}")
        now = self.arxiv.now = datetime.combine(day, time(hour), UTC)
        settings = SourcesSettings(
            timeout=10,
            retry_wait=0.001,
            arxiv=ArxivSettings(
                categories=("cs.AI",),
                feed_url=f"{self.web.url}/rss",
                api_url=f"{self.web.url}/query",
                oai_url=f"{self.web.url}/oai",
                pause=0,
                holidays=tuple(DEFERRED),
            ),
        )
        arxiv = Arxiv(settings, "mailto:papers@example.org")
        wanted = Wanted(
            now,
            self.window,
            covered={PART: self.covered} if self.covered else {},
            first=self.others | ({PART: self.first} if self.first else {}),
        )
        self.web.asked.clear()
        with Client(arxiv.etiquette, AnswerBook(self.folder, 30).begin(day, now)) as client:
            arxiv.ask(client, wanted)
        self.haul = arxiv.read(client.answers, wanted)
        (listed,) = self.haul.lists
        numbers = {paper.id.arxiv or "" for paper in self.haul.papers}
        self.new = numbers - self.seen
        self.seen |= numbers
        if self.first is None and listed.batch.ids:
            self.first = listed.batch.listed
        self.covered = listed.covered
        return listed.batch.trouble

    def of(self, *days: str) -> set[str]:
        """The numbers of what was announced on these days."""
        lists = [date.fromisoformat(f"2026-{day}") for day in days]
        return {work.number for day in lists for work in self.arxiv.new_on("cs.AI", day)}

    def asked(self) -> list[str]:
        return [one.path.split("/")[1] for one in self.web.asked]


def held(*days: str) -> set[str]:
    """The numbers of those that were held back."""
    return {f"26{day[:2]}.{day[3:]}001" for day in days}


@pytest.fixture
def mornings(tmp_path: Path) -> Iterator[Mornings]:
    arxiv = ArxivService(works(), CALENDAR)
    with Services().running() as web:
        web.rules.append(arxiv)
        yield Mornings(tmp_path / "answers", web, arxiv)


def test_who_has_read_for_long_gets_what_was_held_back_too(mornings: Mornings) -> None:
    for day in ("05-18", "05-19", "05-20", "05-21", "05-22", "05-25", "05-26", "05-27", "05-28"):
        mornings(day)
    mornings("06-01")
    assert mornings.new == mornings.of("05-29", "06-01")
    assert mornings.asked() == ["rss", "query"]


@pytest.mark.parametrize("failing", [False, True], ids=["query", "harvest"])
@pytest.mark.parametrize(
    ("read", "now", "missed"),
    [
        (["06-01"], "06-03", ["06-02"]),
        (["06-02", "06-03"], "06-05", ["06-04"]),
        (["06-05"], "06-09", ["06-08"]),
        (["06-05"], "06-15", ["06-08", "06-09", "06-11", "06-12"]),
        (["05-30", "06-01", "06-02"], "06-04", ["06-03"]),
    ],
)
def test_who_began_lately_is_not_flooded_with_what_was_announced_before(
    mornings: Mornings, read: list[str], now: str, missed: list[str], failing: bool
) -> None:
    for day in read:
        mornings(day)
    mornings.arxiv.query_fails = failing
    assert mornings(now) == ""
    assert mornings.covered == date.fromisoformat(f"2026-{now}")
    assert mornings.new - held(*missed) == mornings.of(*missed, now) - held(*missed)
    assert mornings.new <= mornings.of(*missed, now)


@pytest.mark.parametrize("first", ["the list that was empty", "that of somebody else"])
def test_who_began_at_a_weekend_has_all_of_a_missed_monday_and_nothing_else(
    mornings: Mornings, first: str
) -> None:
    mornings("05-30")
    mornings.first = date(2026, 5, 30) if first == "the list that was empty" else None
    mornings.others = {"arXiv cs.CL": date(2026, 5, 29)}
    mornings("06-02")
    missed = mornings.of("06-01", "06-02")
    assert mornings.new - held("06-01") == missed - held("06-01")


def test_where_it_is_not_known_who_began_when_nothing_is_left_out(mornings: Mornings) -> None:
    mornings("06-08")
    mornings.first = None
    mornings("06-11")
    assert mornings.new > mornings.of("06-09", "06-11")


def breaks_off(mornings: Mornings) -> None:
    """From now on the list breaks off in its middle."""

    def rule(asked: Asked) -> Reply | None:
        if not asked.path.startswith("/rss"):
            return None
        body = mornings.arxiv.feed("cs.AI", mornings.arxiv.today)
        return Reply(body[: body.rindex(b"<item>") + 40])

    mornings.web.rules.insert(0, rule)


@pytest.mark.parametrize("failing", [False, True], ids=["query", "harvest"])
def test_a_first_list_that_breaks_off_is_completed_and_no_other_day_is_had(
    mornings: Mornings, failing: bool
) -> None:
    breaks_off(mornings)
    mornings.arxiv.query_fails = failing
    assert mornings("06-02") == ""
    assert mornings.new >= mornings.of("06-02")
    # A harvest tells the day of submission alone: of the list before, those of its last hours.
    assert mornings.new - mornings.of("06-02") <= (mornings.of("06-01") if failing else set())
    assert mornings.covered == date(2026, 6, 2)


def test_the_rest_of_a_first_list_that_broke_off_is_had_the_next_day(mornings: Mornings) -> None:
    breaks_off(mornings)
    mornings.arxiv.query_fails = mornings.arxiv.harvest_fails = True
    assert mornings("06-02").startswith("its list breaks off")
    assert mornings.covered == date(2026, 6, 1)
    del mornings.web.rules[0]
    mornings.arxiv.query_fails = mornings.arxiv.harvest_fails = False
    assert mornings("06-03") == ""
    assert mornings.seen == mornings.of("06-02", "06-03")


@pytest.mark.parametrize(
    ("window", "last", "days"),
    [
        (9, None, "06-08 06-09 06-11 06-12"),  # from a Saturday on, by a query
        (14, "06-01", "06-02 06-03 06-04 06-05 06-08 06-09 06-11 06-12"),
    ],
)
def test_a_gap_longer_than_the_window_brings_the_window_s_days_alone(
    mornings: Mornings, window: int, last: str | None, days: str
) -> None:
    mornings("05-07")
    mornings.window = window
    assert mornings("06-15") == ""
    missed = days.split()
    assert mornings.new >= mornings.of(*missed, "06-15") - held(*missed)
    # A harvest tells the day of submission alone.
    assert mornings.new - mornings.of(*missed, "06-15") <= (mornings.of(last) if last else set())


def test_a_gap_is_closed_around_a_holiday(mornings: Mornings) -> None:
    mornings.first = date(2026, 5, 4)
    mornings("06-08")
    assert mornings("06-12") == ""
    days = ("06-09", "06-11", "06-12")  # and none of the 10th
    assert mornings.new >= mornings.of(*days)
    assert mornings.asked() == ["rss", "query"]


def test_a_list_on_a_supposed_holiday_that_breaks_off_is_completed(tmp_path: Path) -> None:
    calendar = Calendar(date(2026, 5, 4), date(2026, 7, 10), ())
    arxiv = ArxivService(works(calendar=calendar), calendar)
    with Services().running() as web:
        web.rules.append(arxiv)
        mornings = Mornings(tmp_path / "answers", web, arxiv, first=date(2026, 5, 4))
        mornings("06-09")
        breaks_off(mornings)
        assert mornings("06-10") == ""
        assert mornings.new >= mornings.of("06-10")
        assert mornings.asked()[-1] == "query"


def test_no_part_of_a_lagging_index_is_taken_for_the_missed_days(mornings: Mornings) -> None:
    mornings.first = date(2026, 5, 4)
    mornings("06-01")
    mornings.arxiv.index_lags = 2  # it has Tuesday, and not Wednesday
    mornings.arxiv.harvest_fails = True
    trouble = mornings("06-04")
    assert trouble.startswith("what was announced on 2026-06-02, 2026-06-03 is still missing (")
    assert mornings.covered == date(2026, 6, 1)
    assert mornings.new >= mornings.of("06-02", "06-04")  # what came is not held back
    assert mornings.asked() == ["rss", "query", *["oai"] * 3]
    mornings.arxiv.index_lags = 0
    assert mornings("06-04", 8) == ""
    assert mornings.new == mornings.of("06-03")
    assert mornings.asked() == ["rss", *["oai"] * 3, "query"]
    assert mornings("06-04", 9) == ""
    assert mornings.asked() == ["rss"]


@pytest.mark.parametrize("a_list", [20, 200])
def test_a_query_whose_pages_are_short_is_not_whole(tmp_path: Path, a_list: int) -> None:
    arxiv = ArxivService(works(a_list), CALENDAR)
    arxiv.query_is_short = True
    with Services().running() as web:
        web.rules.append(arxiv)
        mornings = Mornings(tmp_path / "answers", web, arxiv, first=date(2026, 5, 4))
        mornings("06-02")
        assert mornings("06-04") == ""
        assert mornings.new >= mornings.of("06-03", "06-04")
        pages = mornings.asked().count("query")
        assert pages == (1 if a_list < 100 else 2)
        assert mornings.asked()[1 + pages :] == ["oai"] * (-(-2 * a_list // 60))
        arxiv.harvest_fails = True
        mornings.covered = date(2026, 6, 2)
        assert mornings("06-05").endswith("is still missing (HTTP 503, 3 times)")
        assert mornings.covered == date(2026, 6, 2)


def test_a_query_that_finds_more_than_can_be_paged_through_is_left_for_a_harvest(
    mornings: Mornings,
) -> None:
    mornings("06-02")
    body = mornings.arxiv.__call__

    def rule(asked: Asked) -> Reply | None:
        reply = body(asked) if "search_query" in asked.query else None
        total = b"<opensearch:totalResults>"
        return reply and Reply(reply.body.replace(total, total + b"999"))

    mornings.web.rules.insert(0, rule)
    assert mornings("06-04") == ""
    assert mornings.asked() == ["rss", "query", "oai"]


def test_a_category_whose_missed_day_was_empty_is_asked_for_once(mornings: Mornings) -> None:
    gone = mornings.arxiv.rows.pop(("cs.AI", date(2026, 6, 3)))
    mornings.arxiv.works = [w for w in mornings.arxiv.works if w not in [row[2] for row in gone]]
    mornings("06-02")
    assert mornings("06-04") == ""
    assert mornings.asked() == ["rss", "query", "oai"]
    mornings.covered = date(2026, 6, 2)
    assert mornings("06-04", 8) == ""
    assert mornings.asked() == ["rss"]
