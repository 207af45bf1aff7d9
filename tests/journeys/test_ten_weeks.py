"""Ten weeks of arXiv and Hugging Face, four runs a day, with all that goes wrong in ten weeks.

The papers are real, their numbers and days are not. From 26 October to 3 January lie the end of
daylight saving time, Thanksgiving, and the evenings of 29 and 31 December without an announcement.
"""

import gzip
import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest

from newsletter.demo.mailbox import Mailbox
from newsletter.editorial.papers import letters_of
from newsletter.source_settings import ArxivSettings
from tests.arxiv_service import LIMIT, ArxivService, Calendar, Work, lives, old_works
from tests.daily_papers_service import DailyPapersService
from tests.journeys.place import PLAIN, SHARED, Place
from tests.services import Asked, Reply, Services

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="shared/data is not here")

DAY = timedelta(days=1)
FIRST = date(2026, 10, 26)
DAYS = [FIRST + DAY * step for step in range(70)]
RUNS = [time(6, 7), time(7, 7), time(8, 7), time(11, 7)]
FOLLOWED = ("cs.AI", "cs.CL")
WINDOW = 14
# Few, since the bundled catalogue would take up half of the time.
TOPICS = """\
[[topic]]
slug = "nlp"
title = "Natural language processing"
sentence = "Text."
categories = ["cs.CL"]
words = ["machine translation", "question answering"]
[[topic]]
slug = "vision"
title = "Computer vision"
sentence = "Images."
categories = ["cs.CV"]
words = ["segmentation", "object detection"]
"""
FILES = ("labelled-topics-a", "day-2026-04-21", "day-2025-03-28")


@dataclass(frozen=True)
class Weather:
    """What is the matter on a day."""

    down: bool = False
    """This machine is."""
    feed_fails_until: time = time(0)
    feed_is_late_until: time = time(0)
    query_fails: bool = False
    query_breaks_off: bool = False
    query_is_short: bool = False
    index_lags: int = 0
    harvest_fails: bool = False
    codes: tuple[int, ...] = (0, 0, 0, 0)
    verdict: str = "good"
    uses: frozenset[str] = frozenset()
    """How what was missed is asked for."""


EIGHT, NEVER = time(8), time(23)
DOWN = Weather(down=True, codes=())
QUERY = Weather(uses=frozenset({"query"}))
HARVEST = Weather(uses=frozenset({"oai"}))
BOTH = QUERY.uses | HARVEST.uses
SHORT_WAIT, LONG_WAIT = (75, 75, 0, 0), (75, 75, 75, 0)
CUT_AND_EMPTY, CUT = date(2026, 12, 9), date(2026, 12, 11)

WEATHER = defaultdict(
    Weather,
    {
        date(2026, 10, 29): Weather(feed_fails_until=EIGHT, codes=SHORT_WAIT),
        date(2026, 11, 3): Weather(feed_is_late_until=EIGHT, codes=SHORT_WAIT),
        date(2026, 11, 5): DOWN,
        date(2026, 11, 6): QUERY,
        **{date(2026, 11, 9) + DAY * step: DOWN for step in range(8)},
        date(2026, 11, 17): HARVEST,
        date(2026, 11, 19): Weather(feed_fails_until=NEVER, codes=LONG_WAIT, verdict="partial"),
        date(2026, 11, 20): Weather(query_breaks_off=True, uses=BOTH),
        date(2026, 11, 23): DOWN,
        date(2026, 11, 24): Weather(query_is_short=True, uses=BOTH),
        date(2026, 11, 25): Weather(feed_is_late_until=NEVER, codes=LONG_WAIT, verdict="stale"),
        date(2026, 11, 26): QUERY,
        **{date(2026, 12, 1) + DAY * step: DOWN for step in range(3)},
        date(2026, 12, 4): QUERY,
        CUT_AND_EMPTY: QUERY,
        CUT: QUERY,
        date(2026, 12, 14): DOWN,
        date(2026, 12, 15): Weather(query_fails=True, uses=BOTH),
        date(2026, 12, 17): DOWN,
        date(2026, 12, 18): Weather(
            query_fails=True,
            harvest_fails=True,
            codes=LONG_WAIT,
            verdict="partial",
            uses=BOTH,
        ),
        date(2026, 12, 19): QUERY,
        date(2026, 12, 22): DOWN,
        date(2026, 12, 23): Weather(index_lags=2, uses=BOTH),
    },
)


@dataclass
class Told:
    """What came of a day."""

    codes: tuple[int, ...] = ()
    asked: list[list[Asked]] = field(default_factory=list)
    """The requests of each run."""
    words: str = ""


@dataclass
class Weeks:
    """The ten weeks, gone through."""

    place: Place
    arxiv: ArxivService
    daily: DailyPapersService
    days: dict[date, Told]
    answered: dict[tuple[date, str], int]
    """By day and request: how often it was answered with a 200."""

    def rows(self, query: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.place.folder / "var/newsletter.sqlite3")) as store:
            return store.execute(query).fetchall()

    def entered(self) -> dict[str, str]:
        """By arXiv number, the day on which each paper entered."""
        found = self.rows("SELECT id, entered FROM papers")
        return {name.removeprefix("arxiv:"): entered for name, entered in found}


def real_records() -> list[dict[str, object]]:
    """The papers of the files, every title once, and every stretch of them mixed like the whole."""
    kinds = defaultdict(list)
    titles = set()
    for name in FILES:
        with gzip.open(SHARED / f"arxiv/{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        for record in records:
            categories = [x for x in record["categories"] if re.fullmatch(r"[a-z-]+(\.\w\w)?", x)]
            letters = letters_of(record["title"])
            if letters not in titles and categories:
                titles.add(letters)
                abstract = record.get("abstract") or record["summary"]
                authors = record.get("authors") or ["Ada Searcher", "Juan Pérez Jr."]
                words = {"title": record["title"], "abstract": abstract, "authors": authors}
                kind = (name, *(followed in categories for followed in FOLLOWED))
                kinds[kind].append({**words, "categories": categories})
    placed = [(n / len(kind), x) for kind in kinds.values() for n, x in enumerate(kind)]
    return [record for _, record in sorted(placed, key=lambda pair: pair[0])]


def services() -> tuple[ArxivService, DailyPapersService]:
    calendar = Calendar(FIRST - 21 * DAY, DAYS[-1] + 14 * DAY, ArxivSettings().holidays)
    works = lives(real_records(), calendar, a_day=27)
    daily = DailyPapersService(works, calendar, a_day=6)
    lists = [day for day in calendar.lists if day in DAYS]
    revised = old_works(lists, 3, *FOLLOWED)
    revised += old_works([CUT_AND_EMPTY], LIMIT, "cs.AI", first=10_000)
    revised += old_works([CUT], LIMIT - 10, "cs.CL", first=20_000)
    crossed = old_works([day for day in lists if not WEATHER[day].down], 1, "cs.RO", first=30_000)
    for work in crossed:
        (_, day), work.replaced = work.replaced, []
        if WEATHER[day] == Weather():  # one of years ago is found in its list, and only there
            work.categories, work.announced["cs.AI"] = ("cs.RO", "cs.AI"), day
    return ArxivService([*works, *revised, *crossed], calendar), daily


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weeks]:
    arxiv, daily = services()
    folder = tmp_path_factory.mktemp("weeks")
    with Mailbox(folder / "mail") as box, Services().running() as web:
        place = Place(folder, box, PLAIN)
        place.configure()
        settings = folder / "newsletter.toml"
        names = ", ".join(f'"{name}"' for name in FOLLOWED)
        tables = web.settings("huggingface", "arxiv", categories=names)
        tables = tables.replace("timeout = 0.5", "timeout = 20")
        text = settings.read_text().replace("[sources]\nenabled = []\n", tables)
        settings.write_text(f'topics_file = "{place.write("topics.toml", TOPICS)}"\n{text}')
        place("init")
        rows = "all@example.org,,36,daily\nnlp@example.org,nlp,,daily\nten@example.org,,,daily\n"
        rows += "weekly@example.org,,36,weekly\nwork@example.org,vision,,weekdays\n"
        place.write("readers.csv", f"email,topics,max_papers,frequency\n{rows}")
        place("subscribers", "import", "readers.csv", "--consent", "they are made up")
        yield gone_through(place, arxiv, daily, web)


def gone_through(
    place: Place, arxiv: ArxivService, daily: DailyPapersService, web: Services
) -> Weeks:
    days = {}
    answered: Counter[tuple[date, str]] = Counter()

    def noting(asked: Asked) -> Reply | None:
        reply = arxiv(asked) or daily(asked)
        if reply and reply.status == 200 and not arxiv.query_breaks_off:
            answered[arxiv.now.date(), f"{asked.path}?{sorted(asked.query.items())}"] += 1
        return reply

    web.rules.append(noting)
    for day in DAYS:
        told = days[day] = Told()
        for clock in RUNS if not WEATHER[day].down else ():
            arxiv.now = daily.now = datetime.combine(day, clock, UTC)
            arxiv.feed_fails = clock < WEATHER[day].feed_fails_until
            arxiv.feed_is_late = clock < WEATHER[day].feed_is_late_until
            arxiv.query_fails = WEATHER[day].query_fails
            arxiv.query_breaks_off = WEATHER[day].query_breaks_off
            arxiv.query_is_short = WEATHER[day].query_is_short
            arxiv.index_lags = WEATHER[day].index_lags
            arxiv.harvest_fails = WEATHER[day].harvest_fails
            before = len(web.asked)
            ran = place("run", "--now", arxiv.now.isoformat(), code=None)
            assert ran.code in {0, 75}, ran
            told.codes += (ran.code,)
            told.asked.append(web.asked[before:])
            told.words += ran.out + ran.err
    return Weeks(place, arxiv, daily, days, answered)


def missed(weather: Weather) -> bool:
    """Whether a day's lists were never read."""
    return weather.down or NEVER in {weather.feed_fails_until, weather.feed_is_late_until}


def published_at(weather: Weather, day: date) -> datetime:
    """The run that brought out the day's edition."""
    return datetime.combine(day, RUNS[weather.codes.index(0)], UTC)


def due(weeks: Weeks) -> dict[str, str]:
    """The day on which each paper should have entered: that of the first edition whose morning
    found it, be it on Hugging Face's lists or among arXiv's announcements."""
    found: dict[str, str] = {}
    pending: list[Work] = []
    for day in DAYS:
        weather = WEATHER[day]
        announced = [work for name in FOLLOWED for work in weeks.arxiv.new_on(name, day)]
        if weather.down:
            pending += announced
            continue
        at = published_at(weather, day)
        listed = [
            work for back in range(WINDOW) for work in weeks.daily.list_of(day - back * DAY, at)
        ]
        come = [*listed]
        if missed(weather):
            pending += announced
        else:
            come += announced
            if not (weather.query_fails and weather.harvest_fails):
                come += pending
                pending = []
        for work in come:
            found.setdefault(work.number, day.isoformat())
    assert not pending
    return found


def test_every_paper_enters_once_on_the_day_it_should_and_nothing_else_does(weeks: Weeks) -> None:
    expected, entered = due(weeks), weeks.entered()
    assert {k: (expected.get(k), v) for k, v in entered.items() if expected.get(k) != v} == {}
    assert expected.keys() == entered.keys()
    assert len(entered) > 1_000


def test_the_ten_weeks_hold_all_that_can_happen_to_a_paper(weeks: Weeks) -> None:
    entered = weeks.entered()
    works = [weeks.arxiv.by_number[number] for number in entered]
    first = [work.announced[work.primary] for work in works]
    held = [x for x, day in zip(works, first, strict=True) if day - x.submitted.date() > 5 * DAY]
    assert len(held) > 20
    crossed = [x for x in works if x.primary not in FOLLOWED and set(FOLLOWED) & {*x.categories}]
    assert len(crossed) > 200
    later = [x for x in crossed if x.announced[x.primary] < max(x.announced.values())]
    assert len(later) > 30
    old = [work for work in works if work.number.startswith("2305")]
    assert len(old) > 15
    only_hugging_face = [work for work in works if not set(FOLLOWED) & {*work.categories}]
    assert len(only_hugging_face) > 20
    replaced = [work for work in works if work.version(DAYS[-1]) > 1]
    assert {work.version(DAYS[-1]) for work in replaced} == {2, 3, 4, 5, 6}
    never = [x for x in weeks.arxiv.works if x.number.startswith("2305") and x.version(DAYS[-1])]
    assert len(never) > 2 * LIMIT


def test_a_paper_is_new_in_exactly_one_edition(weeks: Weeks) -> None:
    new = weeks.rows(
        "SELECT paper, listings.entered FROM listings JOIN editions ON number = edition "
        "WHERE listings.entered = editions.day"
    )
    assert Counter(new) == Counter(weeks.rows("SELECT id, entered FROM papers"))
    assert weeks.rows("SELECT count(*) FROM papers WHERE absorbed_by IS NOT NULL") == [(0,)]


def test_no_reader_is_mailed_a_paper_twice(weeks: Weeks) -> None:
    times: Counter[tuple[str, str]] = Counter()
    readers: Counter[str] = Counter()
    for mail in weeks.place.mails():
        text = mail.get_body(("plain",)).get_content()
        numbers = re.findall(r"^Abstract: https://arxiv\.org/abs/(\S+)\r?$", text, re.MULTILINE)
        assert numbers
        readers[str(mail["To"])] += 1
        times.update((str(mail["To"]), number) for number in numbers)
    assert set(times.values()) == {1}
    assert {reader: count for reader, count in readers.items() if count < 7} == {}
    assert len(readers) == 5
    assert weeks.rows("SELECT DISTINCT state FROM deliveries WHERE papers != '[]'") == [("sent",)]


def test_each_morning_ends_as_its_weather_says(weeks: Weeks) -> None:
    codes = {day: told.codes for day, told in weeks.days.items()}
    assert codes == {day: WEATHER[day].codes for day in DAYS}


def test_each_edition_is_judged_as_its_weather_says(weeks: Weeks) -> None:
    judged = dict(weeks.rows("SELECT day, freshness FROM editions"))
    new = {entered for _, entered in weeks.rows("SELECT id, entered FROM papers")}
    good = {day: "fresh" if day.isoformat() in new else "quiet" for day in DAYS}
    verdicts = {day: WEATHER[day].verdict for day in DAYS if not WEATHER[day].down}
    wanted = {day: good[day] if word == "good" else word for day, word in verdicts.items()}
    assert judged == {day.isoformat(): word for day, word in wanted.items()}
    assert Counter(wanted.values())["quiet"] >= 6


def test_a_day_without_a_list_is_told_to_be_one(weeks: Weeks) -> None:
    holidays = {date(2026, 11, 27): "2026-11-26", date(2026, 12, 30): "2026-12-29"}
    for day, evening in holidays.items():
        sentence = f"arXiv cs.AI: quiet: nothing is announced on arXiv's holiday of {evening}"
        assert sentence in weeks.days[day].words
    assert "quiet: nothing is announced on Saturdays" in weeks.days[date(2026, 11, 21)].words


def test_nothing_is_asked_once_the_edition_is_out(weeks: Weeks) -> None:
    for day, told in weeks.days.items():
        if told.codes:
            out = told.codes.index(0)
            assert not any(told.asked[out + 1 :]), day
            assert all(told.asked[: out + 1]), day


def test_on_an_ordinary_day_few_requests_are_made(weeks: Weeks) -> None:
    for day in DAYS:
        if WEATHER[day] == Weather():
            (asked, *_) = weeks.days[day].asked
            hugging_face = sum(one.path.startswith("/hf") for one in asked)
            assert hugging_face <= WINDOW + 1, day
            assert len(asked) - hugging_face <= len(FOLLOWED) + 3, day
            assert not any("search_query" in one.query for one in asked), day


def test_no_question_is_put_twice_a_day_once_it_is_answered(weeks: Weeks) -> None:
    twice = {key for key, times in weeks.answered.items() if times > 1}
    assert {(day, url) for day, url in twice if not may_have_grown(url, day)} == set()
    assert {day for day, _ in twice} == {day for day in DAYS if 75 in WEATHER[day].codes}


def may_have_grown(url: str, day: date) -> bool:
    """Whether what a request is answered with need not be the same an hour later: arXiv's list,
    Hugging Face's trending page, and its lists since the last morning before this one."""
    before = max(one for one in DAYS if one < day and not WEATHER[one].down)
    listed = re.search(r"'date', '(.*?)'", url)
    recent = bool(listed and date.fromisoformat(listed[1]) >= before)
    return recent or url.startswith("/rss") or "trending" in url


def test_what_was_missed_is_asked_for_in_the_way_that_fits(weeks: Weeks) -> None:
    used: dict[date, set[str]] = defaultdict(set)
    for day, told in weeks.days.items():
        for asked in (asked for run in told.asked for asked in run):
            if "search_query" in asked.query:
                used[day].add("query")
            elif asked.path == "/oai":
                used[day].add("oai")
    assert used == {day: set(WEATHER[day].uses) for day in DAYS if WEATHER[day].uses}


def test_an_edition_has_the_newest_votes(weeks: Weeks) -> None:
    rows = weeks.rows(
        "SELECT day, paper, signals FROM listings JOIN editions ON number = edition ORDER BY day"
    )
    voted = 0
    for day, paper, signals in rows:
        number = paper.removeprefix("arxiv:")
        at = published_at(WEATHER[date.fromisoformat(day)], date.fromisoformat(day))
        days = [at.date() - back * DAY for back in range(WINDOW)]
        listed = any(number == w.number for one in days for w in weeks.daily.list_of(one, at))
        if listed:
            voted += 1
            votes = weeks.daily.votes(number, at.date())
            assert json.loads(signals)["votes"] == votes, (day, number)
    assert voted > 2_000
