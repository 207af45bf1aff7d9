"""The first mornings of a place that has never gathered anything."""

from collections.abc import Iterator
from datetime import date

import pytest

from tests.journeys.live import BROKEN, FEED, LIST, QUERY, READERS, Live, both, feed, ids, verdicts
from tests.journeys.place import Place
from tests.services import Reply, Services

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (15, 16, 17))
NOTHING_YET = "and no paper was ever gathered; the next run asks again\n"


@pytest.fixture
def first(place: Place) -> Iterator[Live]:
    """Two readers, no paper yet, and services that are well."""
    with Services().running() as web:
        live = Live(place, web)
        live.configure()
        place.write("readers.csv", READERS)
        live("subscribers", "import", "readers.csv", "--consent", "they are made up")
        yield live


def test_a_first_edition_that_would_hold_nothing_waits_however_long(first: Live) -> None:
    first.web.at(FEED, BROKEN)
    first.web.at(LIST, BROKEN)
    assert "from 11:30 on it goes ahead" in first.run("06-16T07:30", 75).err
    assert first.run("06-16T12:30", 75).err.endswith(NOTHING_YET)
    assert "No edition is out yet." in first("status").out
    first.web.rules[:-1] = []
    first.run("06-16T13:30")
    weeks = [ids("Hugging Face", date(2026, 6, day)) for day in (11, 12, 15)]
    assert first.mailed() == both(*weeks, ids("cs.AI", TUESDAY))


def test_who_begins_on_a_weekend_waits_for_monday(first: Live) -> None:
    first.configure("arxiv")
    waiting = first.run("06-13T07:30", 75).err
    assert (
        "no edition of 2026-06-13 yet: the day is quiet (arXiv cs.AI: quiet: nothing is announced"
        f" on Saturdays), {NOTHING_YET}"
    ) in waiting
    assert first("publish", "--now", "2026-06-13T12:30Z", code=75).err.endswith(NOTHING_YET)
    assert first.place.status()["waiting"]["freshness"] == "quiet"
    first.run("06-15T07:30")
    assert first.mailed() == both(ids("cs.AI", MONDAY))


def test_who_begins_has_missed_nothing(first: Live) -> None:
    first.configure("arxiv")
    first.web.at(FEED, BROKEN, BROKEN, BROKEN, Reply(feed("cs.AI", WEDNESDAY)))
    first.run("06-16T07:30", 75)
    told = verdicts(first.run("06-17T07:30"))
    assert told == {"arXiv cs.AI": "fresh: 4 new papers of Wednesday 2026-06-17"}
    assert first.mailed() == both(ids("cs.AI", WEDNESDAY))


def test_a_trending_page_that_fails_is_told_and_keeps_nobody_waiting(first: Live) -> None:
    first.web.at(LIST, BROKEN, sort="trending")
    told = first.run("06-16T07:30")
    assert "Hugging Face, trending: HTTP 500, 3 times" in told.err
    assert set(first.mailed()) == {"ada", "ben"}


def test_no_source_and_no_file_is_told(first: Live) -> None:
    first.mend('enabled = ["huggingface", "arxiv"]', "enabled = []")
    assert "there are no papers yet" in first.run("06-16T07:30", 64).err
    refused = first("gather", "--now", "2026-06-16T07:30Z", code=64)
    assert "no source is enabled (sources.enabled)" in refused.err
    assert first.asked() == []


def test_arxiv_is_asked_once_about_a_paper_from_elsewhere(first: Live) -> None:
    first.run("06-16T07:30")
    first.run("06-17T07:30")
    one, other = (asked.query["id_list"].split(",") for asked in first.asked(QUERY))
    weeks = [ids("Hugging Face", date(2026, 6, day)) for day in (11, 12, 15)]
    assert sorted(one) == sorted(number for week in weeks for number in week)
    assert other == ids("Hugging Face", TUESDAY)
