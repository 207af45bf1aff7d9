"""What a morning's second try makes of its first, and what a sentence counts."""

import json
import shutil
from datetime import date
from pathlib import Path

from tests.journeys.live import (
    BROKEN,
    FEED,
    LIST,
    QUERY,
    Live,
    both,
    feed,
    found,
    hf_item,
    ids,
    title_of,
    verdicts,
)
from tests.services import Reply

TUESDAY, WEDNESDAY = date(2026, 6, 16), date(2026, 6, 17)


def test_what_was_read_well_once_is_not_undone_by_a_service_that_fails_later(live: Live) -> None:
    live.web.at(LIST, BROKEN)
    first = verdicts(live.run("06-16T07:30", 75))
    assert first["arXiv cs.AI"] == "fresh: 4 new papers of Tuesday 2026-06-16"
    live.web.rules[:-1] = []
    live.web.at(FEED, BROKEN)
    second = live.run("06-16T08:30")
    assert verdicts(second)["arXiv cs.AI"] == first["arXiv cs.AI"]
    assert "Edition No. 2 of 2026-06-16 (fresh)" in second.out
    assert live.mailed() == both(ids("Hugging Face", date(2026, 6, 15)), ids("cs.AI", TUESDAY))
    live.web.rules[:-1] = []
    asked = len(live.asked(QUERY))
    told = verdicts(live.run("06-17T07:30"))
    assert told["arXiv cs.AI"] == "fresh: 4 new papers of Wednesday 2026-06-17"
    assert [one.query.get("id_list") is None for one in live.asked(QUERY)[asked:]] == [False]


def test_gathering_after_the_edition_is_out_takes_nothing_back(live: Live) -> None:
    live.run("06-16T07:30")
    live.web.at(FEED, BROKEN)
    live.web.at(LIST, BROKEN)
    late = live("gather", "--now", "2026-06-16T12:30Z")
    assert verdicts(late)["arXiv cs.AI"] == "fresh: 4 new papers of Tuesday 2026-06-16"
    assert live.place.status()["edition"]["freshness"] == "fresh"


def test_a_paper_that_todays_list_has_already_is_new_and_counted(live: Live) -> None:
    live.run("06-16T07:30")
    early = hf_item("2606.16099", WEDNESDAY)
    live.web.at(LIST, Reply(json.dumps([early]).encode()), date="2026-06-17")
    told = verdicts(live.run("06-17T07:30"))
    assert told["Hugging Face"] == "fresh: 5 new papers, 4 of them of Tuesday 2026-06-16"


def test_seconds_of_cron_cost_no_hour_of_waiting(live: Live) -> None:
    live.web.at(FEED, BROKEN)
    assert "from 10:07 on" in live.run("06-16T06:07:03", 75).err
    live.run("06-16T10:07:01")
    assert live.place.status()["edition"]["day"] == "2026-06-16"


def test_a_long_patience_ends_with_the_day(live: Live) -> None:
    live.mend("window_days = 6", "window_days = 6\npublish_hour = 8\npatience_hours = 23")
    live.web.at(FEED, BROKEN)
    assert "from 23:00 on" in live.run("06-16T08:07", 75).err
    live.run("06-16T22:07", 75)
    live.run("06-16T23:07")


def test_a_file_of_the_folder_is_completed_by_arxiv_before_it_is_printed(live: Live) -> None:
    live.configure("arxiv", "folder")
    inbox = live.place.folder / "inbox"
    inbox.mkdir()
    record = {"id": "2606.09999", "title": "Dropped by hand", "abstract": "It was dropped."}
    (inbox / "mine.jsonl").write_text(json.dumps(record) + "\n")
    live.run("06-16T07:30")
    assert [asked.query.get("id_list") for asked in live.asked(QUERY)][-1] == "2606.09999"
    texts = [mail.get_body(("plain",)).get_content() for mail in live.place.mails()]
    # arXiv's own title, and its authors under it.
    title = title_of("2606.09999")
    assert all("Ada Example" in text.partition(title)[2][:60] for text in texts)
    assert [path.name for path in (inbox / "taken/2026-06-16").iterdir()] == ["mine.jsonl"]


def test_a_small_category_may_be_empty_without_anybody_waiting(live: Live) -> None:
    live.web.at(FEED, Reply(feed("cs.AI", TUESDAY, ids("cs.AI", TUESDAY, 1))))
    live.run("06-16T07:30")
    for day in (17, 18, 19):
        at = date(2026, 6, day)
        live.web.at(FEED, Reply(feed("cs.AI", at, ids("cs.AI", at, 1))))
        live.run(f"06-{day}T07:30")
    live.web.at(FEED, Reply(feed("cs.AI", date(2026, 6, 22), [])))
    told = verdicts(live.run("06-22T07:30"))
    assert told["arXiv cs.AI"] == (
        "quiet: its list of Monday 2026-06-22 is empty, as so short a list may be"
    )
    asked = len(live.asked("/oai")) + sum("search_query" in one.query for one in live.asked(QUERY))
    live.web.at(FEED, Reply(feed("cs.AI", date(2026, 6, 23), ids("cs.AI", date(2026, 6, 23), 1))))
    live.run("06-23T07:30")
    assert asked == sum("search_query" in one.query for one in live.asked(QUERY)) == 0


def test_a_replay_elsewhere_brings_what_a_query_had_recovered(live: Live, tmp_path: Path) -> None:
    missed, today = date(2026, 6, 16), date(2026, 6, 17)
    numbers = ids("cs.AI", missed)
    live.web.at(QUERY, Reply(found(numbers, "2026-06-15")), sortBy="submittedDate")
    live.run("06-17T07:30")
    assert set(live.mailed()["ada"]) > {*numbers, *ids("cs.AI", today)}
    other = tmp_path / "elsewhere"
    shutil.copytree(live.place.folder / "var/answers", other / "answers")
    live.env["NEWSLETTER_DATA_DIR"] = str(other)
    live("init")
    live("gather", "--replay", "2026-06-17")
    live("publish", "--day", "2026-06-17", "--now", "2026-06-17T08:00Z")
    live("subscribers", "add", "cyd@example.org", "--consent", "asked", "--max-papers", "36")
    told = live("explain", "cyd@example.org", "--now", "2026-06-17T09:00Z").out
    assert all(number in told for number in numbers)


def test_a_replay_says_what_was_said(live: Live, tmp_path: Path) -> None:
    said = verdicts(live.run("06-16T07:30"))
    assert verdicts(live("gather", "--replay", "2026-06-16")) == said


def test_a_folder_that_cannot_be_written_keeps_nobody_from_her_mail(live: Live) -> None:
    live.configure("arxiv", "folder")
    inbox = live.place.folder / "inbox"
    inbox.mkdir()
    (inbox / "taken").write_text("a file where a folder should be\n")
    record = {"id": "2606.09999", "title": "Dropped by hand", "abstract": "It was dropped."}
    (inbox / "mine.jsonl").write_text(json.dumps(record) + "\n")
    told = live.run("06-16T07:30")
    assert "inbox/taken is a file: move it away" in told.err
    assert live.mailed() == both(ids("cs.AI", TUESDAY), ["2606.09999"])
    live.run("06-17T07:30")
    assert live.mailed() == both(ids("cs.AI", WEDNESDAY))
