"""Mornings that wait, go ahead, catch up and are read again. Monday, 15 June 2026 was well."""

import gzip
import json
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.journeys.live import (
    BROKEN,
    FEED,
    LIST,
    QUERY,
    Live,
    both,
    feed,
    found,
    hf_list,
    ids,
    verdicts,
)
from tests.journeys.place import SHARED
from tests.services import Asked, Reply

MONDAY, TUESDAY = date(2026, 6, 15), date(2026, 6, 16)
OF_HF, OF_ARXIV = ids("Hugging Face", MONDAY), ids("cs.AI", TUESDAY)


def test_an_edition_is_never_out_before_its_hour(live: Live) -> None:
    early = live.run("06-16T05:59")
    assert "Too early: the edition of 2026-06-16 comes out from 06:00 on" in early.out
    assert live.asked() == []
    live.run("06-16T06:00")
    assert live.asked() != []
    assert live.mailed() == {}  # their hour is seven
    live.run("06-16T07:00")
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_the_hour_is_on_the_operators_clock(live: Live) -> None:
    live.env["NEWSLETTER_TIMEZONE"] = "America/New_York"
    live.run("06-16T09:59")
    assert live.asked() == []
    live.run("06-16T10:00")
    assert live.asked() != []
    live.run("06-16T11:00")
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_every_hour_asks_again_until_the_edition_is_out_and_then_nobody(live: Live) -> None:
    live.web.at(FEED, Reply(feed("cs.AI", MONDAY)))
    for hour in (6, 7, 8, 9):
        before = len(live.asked())
        waiting = live.run(f"06-16T{hour:02}:07", 75)
        assert len(live.asked()) > before
        assert "from 10:07 on it goes ahead" in waiting.err
        assert "Mails: none to send." in waiting.out
    assert live.mailed() == {}
    ahead = live.run("06-16T10:07")
    assert (
        "newsletter: the edition went ahead without it: arXiv cs.AI: stale: its newest list is of"
        " Monday 2026-06-15, and that of Tuesday 2026-06-16 is due"
    ) in ahead.err
    assert "Edition No. 2 of 2026-06-16 (stale)" in ahead.out
    assert live.mailed() == both(OF_HF)
    asked = len(live.asked())
    live.web.rules[:-1] = []  # the list comes, too late for today
    for hour in (11, 15, 23):
        live.run(f"06-16T{hour}:07")
    assert len(live.asked()) == asked
    assert live.mailed() == {}


def test_patience_is_counted_from_the_first_run_that_asked(live: Live) -> None:
    live.web.at(FEED, BROKEN)
    assert "from 13:30 on" in live.run("06-16T09:30", 75).err
    live.run("06-16T13:29", 75)
    live.run("06-16T13:30")
    assert live.mailed() == both(OF_HF)


def test_without_patience_it_goes_ahead_at_once(live: Live) -> None:
    live.configure(edition="patience_hours = 0")
    live.web.at(FEED, BROKEN)
    assert "went ahead without it: arXiv cs.AI: broken: HTTP 500" in live.run("06-16T07:30").err
    assert live.mailed() == both(OF_HF)


def test_a_partial_day_can_be_sent_at_once_a_stale_one_never(live: Live) -> None:
    live.configure(edition='when_partial = "send"')
    live.web.at(FEED, Reply(feed("cs.AI", MONDAY)), BROKEN)
    assert "the day is stale" in live.run("06-16T07:30", 75).err
    assert live.mailed() == {}
    ahead = live.run("06-16T08:30")
    assert "(partial)" in ahead.out
    assert "went ahead without it: arXiv cs.AI: broken: HTTP 500, 3 times" in ahead.err
    assert live.mailed() == both(OF_HF)


def test_a_day_of_which_nothing_came_waits_whatever_partial_days_do(live: Live) -> None:
    live.configure(edition='when_partial = "send"')
    live.web.at(FEED, BROKEN)
    live.web.at(LIST, BROKEN)
    assert "the day is broken" in live.run("06-16T07:30", 75).err
    ahead = live.run("06-16T11:30")
    assert "Edition No. 2 of 2026-06-16 (broken)" in ahead.out
    assert live.mailed() == {}  # there is nothing new
    assert live.place.status()["reasons"] == [
        {"state": "skipped", "reason": "nothing_new", "count": 2}
    ]


def test_status_tells_of_the_morning_that_waits_until_it_does_not(live: Live) -> None:
    live.web.at(FEED, BROKEN)
    live.run("06-16T07:30", 75)
    sentence = "arXiv cs.AI: broken: HTTP 500, 3 times"
    assert live.place.status()["waiting"] == {
        "day": "2026-06-16",
        "freshness": "partial",
        "sentence": sentence,
        "begun_at": "2026-06-16T07:30:00+00:00",
        "judged_at": "2026-06-16T07:30:00+00:00",
    }
    told = live("status").out
    assert "Edition No. 1 of 2026-06-15" in told
    assert re.search(rf"2026-06-16: no edition yet; .*: partial: {sentence}", told)
    live.run("06-16T11:30")
    report = live.place.status()
    assert report["waiting"] is None
    assert report["edition"]["freshness"] == "partial"
    assert report["edition"]["sentence"] == sentence
    assert sentence in live("status").out


def test_one_category_may_fail_while_another_is_fine(live: Live) -> None:
    live.configure(categories='"cs.AI", "cs.CL"')
    live.web.at(FEED, BROKEN)
    told = verdicts(live.run("06-16T07:30", 75))
    assert told["arXiv cs.AI"] == "broken: HTTP 500, 3 times"
    assert told["arXiv cs.CL"] == "fresh: 4 new papers of Tuesday 2026-06-16"
    live.run("06-16T11:30")
    assert live.mailed() == both(OF_HF, ids("cs.CL", TUESDAY))


def test_a_category_that_arxiv_does_not_know_names_itself_and_stops_no_other(live: Live) -> None:
    live.configure(categories='"cs.XX", "cs.AI"')
    live.web.at("/rss/cs.XX", Reply(feed("cs.XX", TUESDAY, []), 400))
    told = verdicts(live.run("06-16T07:30", 75))
    assert told["arXiv cs.XX"] == (
        "broken: arXiv does not know cs.XX: mend sources.arxiv.categories"
    )
    assert told["arXiv cs.AI"].startswith("fresh")


def test_two_categories_that_fail_are_enough(live: Live) -> None:
    live.configure(categories='"cs.AI", "cs.CL", "cs.CV"')
    live.web.rules.insert(0, lambda asked: BROKEN if asked.path.startswith("/rss/") else None)
    told = verdicts(live.run("06-16T07:30", 75))
    assert told["arXiv cs.CV"] == "broken: not asked, since arXiv failed before"
    assert {asked.path for asked in live.asked("/rss/")} == {"/rss/cs.AI", "/rss/cs.CL"}


def test_a_weekend_is_quiet_and_mails_nobody(live: Live) -> None:
    live.run("06-19T07:30")
    live.mailed()
    told = verdicts(live.run("06-20T07:30"))  # Hugging Face's list of Friday is whole today
    assert told["arXiv cs.AI"] == "quiet: nothing is announced on Saturdays"
    assert live.mailed() == both(ids("Hugging Face", date(2026, 6, 19)))
    told = verdicts(live.run("06-21T07:30"))
    assert told["arXiv cs.AI"] == "quiet: nothing is announced on Sundays"
    assert told["Hugging Face"].startswith("quiet: ")
    assert "The day is quiet." in live.said[-1].out
    assert live.mailed() == {}
    assert set(map(str, verdicts(live.run("06-22T07:30")))) == {"Hugging Face", "arXiv cs.AI"}
    assert live.mailed() == both(ids("cs.AI", date(2026, 6, 22)))


def test_a_list_of_friday_that_is_late_on_monday_is_had_on_monday(live: Live) -> None:
    friday, monday = date(2026, 6, 19), date(2026, 6, 22)
    live.run("06-19T07:30")
    live.mailed()
    whole = hf_list(friday)
    cut = [Reply(whole[:-99])] * 3
    live.web.at(LIST, Reply(b"[]"), *cut, Reply(whole), date="2026-06-19")
    told = verdicts(live.run("06-22T06:30", 75))
    assert told["Hugging Face"].startswith("stale: ")
    told = verdicts(live.run("06-22T07:30", 75))
    assert told["Hugging Face"] == "partial: its list of 2026-06-19: it breaks off"
    live.run("06-22T08:30")
    assert live.mailed() == both(ids("Hugging Face", friday), ids("cs.AI", monday))


@pytest.mark.parametrize("days", [1, 2, 3])
def test_a_short_window_still_sees_fridays_list_on_monday(live: Live, days: int) -> None:
    live.env["NEWSLETTER_EDITION__WINDOW_DAYS"] = str(days)
    told = verdicts(live.run("06-22T07:30"))
    assert told["Hugging Face"] == "fresh: 4 new papers of Friday 2026-06-19"


def test_arxivs_holiday_is_quiet_on_either_day(live: Live) -> None:
    """Thanksgiving, Thursday 26 November 2026: no announcement that evening, so none on Friday."""
    live.run("11-25T07:30")
    live.mailed()
    thursday, friday = date(2026, 11, 26), date(2026, 11, 27)
    told = verdicts(live.run("11-26T07:30"))
    assert told["arXiv cs.AI"] == "fresh: 4 new papers of Thursday 2026-11-26"
    live.mailed()
    live.web.at(FEED, Reply(feed("cs.AI", friday, [])))
    told = verdicts(live.run("11-27T07:30"))
    assert told["arXiv cs.AI"] == "quiet: nothing is announced on arXiv's holiday of 2026-11-26"
    assert live.mailed() == both(ids("Hugging Face", thursday))


def test_on_a_holiday_the_old_list_may_stand(live: Live) -> None:
    live.run("11-26T07:30")
    live.mailed()
    live.web.at(FEED, Reply(feed("cs.AI", date(2026, 11, 26))))
    told = verdicts(live.run("11-27T07:30"))
    assert told["arXiv cs.AI"] == (
        "quiet: all of its papers of Thursday 2026-11-26 have been in an edition"
    )


def test_far_fewer_than_that_weekday_usually_brings_is_partial(live: Live) -> None:
    mondays = [date(2026, 6, 22) + timedelta(weeks=week) for week in range(4)]
    for monday in mondays[:3]:
        live.web.at(FEED, Reply(feed("cs.AI", monday, ids("cs.AI", monday, 20))))
        live("gather", "--now", f"{monday}T07:30Z", code=None)
    last = mondays[3]
    live.web.at(FEED, Reply(feed("cs.AI", last, ids("cs.AI", last, 7))))
    told = verdicts(live("gather", "--now", f"{last}T07:30Z", code=75))
    assert told["arXiv cs.AI"] == "partial: 7 papers, where a Monday usually brings 20"
    live.web.at(FEED, Reply(feed("cs.AI", last, ids("cs.AI", last, 8))))
    told = verdicts(live("gather", "--now", f"{last}T08:30Z"))
    assert told["arXiv cs.AI"] == "fresh: 8 new papers of Monday 2026-07-13"


def test_an_id_that_arxiv_does_not_know_costs_nothing(live: Live) -> None:
    known = OF_HF[:3]
    live.web.at(QUERY, Reply(found(known)))
    live.run("06-16T07:30")
    assert live.mailed() == both(OF_HF, OF_ARXIV)


@pytest.mark.parametrize(
    "reply", [Reply(b"Rate exceeded.", 429), Reply(b"Rate exceeded."), Reply(b"", 400)],
    ids=["429", "429-as-200", "400"],
)  # fmt: skip
def test_a_look_up_that_fails_is_told_and_keeps_nobody_waiting(live: Live, reply: Reply) -> None:
    live.web.at(QUERY, reply)
    told = live.run("06-16T07:30")
    assert "arXiv, authors and categories of papers from elsewhere: " in told.err
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_what_has_not_changed_is_not_sent_again_and_the_verdict_is_the_same(live: Live) -> None:
    def rule(asked: Asked) -> Reply | None:
        tag = {"ETag": f'"{asked.path}{asked.query}{live.today}"'}
        if asked.headers.get("If-None-Match") == tag["ETag"]:
            return Reply(b"", 304, tag)
        usual = live._usual(asked)
        return usual and Reply(usual.body, headers=tag)

    live.web.rules.append(live.web.rules.pop(0))
    live.web.rules.insert(0, rule)
    live.web.at("/rss/cs.CL", BROKEN)
    live.configure(categories='"cs.AI", "cs.CL"')
    first = verdicts(live.run("06-16T07:30", 75))
    again = verdicts(live.run("06-16T08:30", 75))
    assert again["arXiv cs.AI"] == first["arXiv cs.AI"]
    assert again["Hugging Face"] == first["Hugging Face"]
    tags = [asked.headers.get("If-None-Match") for asked in live.asked(FEED)]
    assert tags == [None, '"/rss/cs.AI{}2026-06-16"']
    live.web.rules.pop(0)
    live.run("06-16T09:30")
    assert live.mailed() == both(OF_HF, OF_ARXIV, ids("cs.CL", TUESDAY))


def test_who_asks_says_who_she_is(live: Live) -> None:
    live.run("06-16T07:30")
    agents = {asked.headers["User-Agent"] for asked in live.asked()}
    assert len(agents) == 1
    assert re.fullmatch(r"Paper-Round/\S+ \(mailto:papers@example\.org\)", agents.pop())


def test_arxiv_is_asked_with_its_pause(live: Live) -> None:
    live.mend("pause = 0", "pause = 0.3")
    live.run("06-16T07:30")
    live.run("06-17T07:30")  # of another run too
    times = [asked.at for asked in (*live.asked("/rss"), *live.asked(QUERY))]
    assert min(after - before for before, after in pairwise(sorted(times))) >= 0.29


def test_a_replay_into_a_fresh_store_brings_the_same_without_a_request(
    live: Live, initialised: Path
) -> None:
    live.web.at(FEED, Reply(feed("cs.AI", MONDAY)))
    live.run("06-16T07:30", 75)
    live.web.rules[:-1] = []
    live.run("06-16T08:30")
    live.mailed()
    told, asked = verdicts(live.said[-1]), len(live.asked())
    var = live.place.folder / "var"
    for name in ("newsletter.sqlite3", "secret.keys"):
        (var / name).write_bytes((initialised / name).read_bytes())
    live.place.write("readers.csv", "email,max_papers\nada@example.org,36\nben@example.org,36\n")
    live("subscribers", "import", "readers.csv", "--consent", "they are made up")
    live("gather", "--replay", "2026-06-15")
    live("publish", "--day", "2026-06-15", "--now", "2026-06-15T07:30Z")
    again = live("gather", "--replay", "2026-06-16")
    assert verdicts(again) == told
    live("publish", "--day", "2026-06-16", "--now", "2026-06-16T07:30Z")
    report = live.place.status()["edition"]
    assert (report["papers"], report["new_papers"], report["freshness"]) == (24, 8, "fresh")
    assert len(live.asked()) == asked


def test_a_day_of_which_no_answer_is_kept_cannot_be_replayed(live: Live) -> None:
    refused = live("gather", "--replay", "2026-06-14", code=65)
    assert "no answers are kept of 2026-06-14" in refused.err


def test_answers_are_kept_compressed_for_as_long_as_the_settings_say(live: Live) -> None:
    answers = live.place.folder / "var/answers"
    live.mend("timeout = 10", "timeout = 10\nkeep_days = 2")
    live.run("06-16T07:30")
    assert {path.name for path in answers.iterdir()} == {"2026-06-15", "2026-06-16"}
    live.run("06-17T07:30")
    assert {path.name for path in answers.iterdir()} == {"2026-06-16", "2026-06-17"}
    kept = list(answers.rglob("*.gz"))
    assert len(kept) == len(live.asked())
    told = [json.loads(gzip.decompress(path.read_bytes()).partition(b"\n")[0]) for path in kept]
    assert {one["source"] for one in told} == {"Hugging Face", "arXiv"}
    assert {path.suffix for path in answers.rglob("*") if path.is_file()} == {".gz", ""}


@pytest.mark.parametrize("octets", [b"", b"no gzip at all", None], ids=["empty", "other", "half"])
def test_an_answer_that_is_damaged_on_disk_stops_no_morning(
    live: Live, octets: bytes | None
) -> None:
    for path in (live.place.folder / "var/answers").rglob("*.gz"):
        path.write_bytes(path.read_bytes()[:60] if octets is None else octets)
    live.run("06-16T07:30")
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_a_dry_run_keeps_nothing_in_the_store(live: Live) -> None:
    before = live.place.status()
    dry = live.run("06-16T07:30", 0, "--dry-run")
    assert "Due: 2 readers, 2 to be mailed." in dry.out
    assert live.place.status() == before
    assert live.mailed() == {}
    wet = live.run("06-16T07:31")
    assert wet.out.splitlines()[:-2] == dry.out.splitlines()[:-1]
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_a_dry_run_of_a_morning_that_waits_does_not_begin_its_patience(live: Live) -> None:
    live.web.at(FEED, BROKEN)
    live.run("06-16T07:30", 75, "--dry-run")
    assert live.place.status()["waiting"] is None
    assert "from 12:30 on" in live.run("06-16T08:30", 75).err


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")
def test_recorded_answers_make_an_edition_and_a_quiet_saturday(live: Live) -> None:
    listed = (SHARED / "hf/daily_papers-2026-06-12.json").read_bytes()
    moved = listed.replace(b"2026-06-12T", b"2026-06-19T")
    live.web.at(LIST, Reply(moved), date="2026-06-19")
    announced = (SHARED / "feeds/arxiv-rss-cs.AI-2026-04-27.rss.xml").read_bytes()
    live.web.at(FEED, Reply(announced.replace(b"27 Apr 2026", b"22 Jun 2026")))
    assert verdicts(live.run("06-22T07:30")) == {
        "Hugging Face": "fresh: 38 new papers, 30 of them of Friday 2026-06-19",
        "arXiv cs.AI": "fresh: 3 new papers of Monday 2026-06-22",
    }
    assert set(live.mailed()) == {"ada", "ben"}
    weekend = (SHARED / "feeds/arxiv-rss-weekend-empty-2026-08-01.rss.xml").read_bytes()
    live.web.at(FEED, Reply(weekend))
    told = verdicts(live.run("08-01T07:30"))
    assert told["arXiv cs.AI"] == "quiet: nothing is announced on Saturdays"


def test_a_file_that_takes_the_place_of_broken_sources_makes_a_good_day(live: Live) -> None:
    live.web.at(FEED, BROKEN)
    live.web.at(LIST, BROKEN)
    live.run("06-16T07:30", 75)
    line = {"id": "2606.00077", "title": "By hand", "abstract": "It was brought by hand. So it is."}
    live.place.write("papers.jsonl", json.dumps(line))
    live("run", "--papers", "papers.jsonl", "--now", "2026-06-16T08:30Z")
    edition = live.place.status()["edition"]
    assert (edition["day"], edition["freshness"]) == ("2026-06-16", "fresh")
    assert edition["sentence"] == "a file took the place of the sources"


def test_the_status_of_a_broken_day_says_that_a_later_look_was_well(live: Live) -> None:
    live.web.at(FEED, BROKEN)
    live.web.at(LIST, BROKEN)
    live.run("06-16T07:30", 75)
    live.run("06-16T11:30")
    assert live.place.status()["asked_again"] is None
    live.web.rules[:-1] = []
    live("gather", "--now", "2026-06-16T12:30Z")
    status = live.place.status()
    assert status["edition"]["freshness"] != "fresh"
    assert status["asked_again"]["freshness"] == "fresh"
    told = live("status").out
    assert "Once it was out, at 2026-06-16T12:30:00+00:00: fresh; what came then stands" in told
