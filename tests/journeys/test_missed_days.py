"""Days whose lists were not read, or were cut, and how their papers come all the same. Monday, 15
June 2026 was well."""

import re
from collections.abc import Iterable
from datetime import date

import pytest

from tests.journeys.live import (
    BROKEN,
    FEED,
    HARVEST,
    LIST,
    QUERY,
    Live,
    both,
    feed,
    found,
    ids,
    title_of,
    verdicts,
)
from tests.services import Reply

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (15, 16, 17))
OF_HF, OF_ARXIV = ids("Hugging Face", MONDAY), ids("cs.AI", TUESDAY)


def missed_tuesday(live: Live) -> None:
    """Tuesday went out without arXiv; now it is Wednesday."""
    live.configure(edition="patience_hours = 0")
    live.web.at(FEED, BROKEN)
    live.run("06-16T07:30")
    assert live.mailed() == both(OF_HF)
    live.web.rules[:-1] = []
    live.configure()


WEDNESDAYS = (ids("Hugging Face", TUESDAY), ids("cs.AI", WEDNESDAY))
IN_TIME = "2026-06-15"  # for Tuesday's list


def query_at(live: Live, *replies: Reply) -> None:
    """Let queries for missed days be answered so; look-ups by number are as usual."""
    live.web.at(QUERY, *replies, sortBy="submittedDate")


def queries(live: Live) -> list[str]:
    """The queries for missed days so far."""
    return [x.query["search_query"] for x in live.asked(QUERY) if "search_query" in x.query]


def harvest(numbers: Iterable[str], created: str = IN_TIME) -> Reply:
    records = "".join(
        f"<record><header/><metadata><arXiv><id>{number}</id><created>{created}</created>"
        f"<title>{title_of(number)}</title><categories>cs.AI</categories>"
        f"<authors><author><keyname>Example</keyname></author></authors>"
        f"<abstract>What was measured.</abstract></arXiv></metadata></record>"
        for number in numbers
    )
    return Reply(f"<OAI-PMH><ListRecords>{records}</ListRecords></OAI-PMH>".encode())


NO_RECORDS = Reply(b'<OAI-PMH><error code="noRecordsMatch">No.</error></OAI-PMH>')


def test_a_missed_day_is_had_from_a_query_and_known_papers_are_not_new(live: Live) -> None:
    missed_tuesday(live)
    known, of_tuesday = found(ids("cs.AI", MONDAY)), found(OF_ARXIV, IN_TIME, total=8)
    query_at(live, Reply(known.replace(b"</feed>", of_tuesday[of_tuesday.index(b"<entry>") :])))
    told = verdicts(live.run("06-17T07:30"))
    assert told["arXiv cs.AI"].startswith("fresh: 8 new papers")
    assert live.mailed() == both(OF_ARXIV, *WEDNESDAYS)
    (asked,) = queries(live)
    assert asked.endswith(" TO 202606151800]")  # Monday at 14:00 Eastern
    assert "(cat:cs.AI)" in asked


GONE = "partial: what was announced on 2026-06-16 is still missing ("
QUERIES = {
    "empty-page": Reply(found([], total=40)),
    "error-entry": Reply(found([]).replace(b"</feed>", b"""<entry><id>http://arxiv.org/api/errors#x
        </id><title>Error</title><summary>max</summary></entry></feed>""")),
    "429": Reply(b"Rate exceeded.", 429),
    "cut": Reply(found(OF_ARXIV, IN_TIME)[:-200]),
    "a-page": Reply(b"<html></html>"),
    "an-index-that-lags": Reply(found([])),
    "an-index-that-knows-the-day-before": Reply(found(ids("cs.AI", MONDAY))),
    "a-short-page": Reply(found(OF_ARXIV[:3], IN_TIME, total=4)),
    "one-paper-twice": Reply(found([*OF_ARXIV[:3], OF_ARXIV[0]], IN_TIME)),
    "no-total": Reply(re.sub(b"<opensearch:.*?</opensearch:.*?>", b"", found(OF_ARXIV, IN_TIME))),
}  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
def test_a_missed_day_that_cannot_be_had_makes_the_day_partial_until_it_can(
    live: Live, name: str
) -> None:
    missed_tuesday(live)
    query_at(live, QUERIES[name])
    live.web.at(HARVEST, BROKEN)
    told = verdicts(live.run("06-17T07:30", 75))
    assert told["arXiv cs.AI"].startswith(GONE)
    assert live.mailed() == {}
    query_at(live, Reply(found(OF_ARXIV, IN_TIME)))
    told = verdicts(live.run("06-17T08:30"))
    assert told["arXiv cs.AI"].startswith("fresh: ")
    assert live.mailed() == both(OF_ARXIV, *WEDNESDAYS)


@pytest.mark.parametrize("name", QUERIES)
def test_what_a_query_does_not_bring_a_harvest_does(live: Live, name: str) -> None:
    missed_tuesday(live)
    query_at(live, QUERIES[name])
    live.web.at(HARVEST, harvest(OF_ARXIV))
    if name == "429":  # arXiv is left alone then
        live.configure(edition="patience_hours = 0")
        live.run("06-17T07:30")
        assert live.asked(HARVEST) == []
        return
    live.run("06-17T07:30")
    assert live.mailed() == both(OF_ARXIV, *WEDNESDAYS)
    (asked,) = live.asked(HARVEST)
    assert asked.query["set"] == "cs:cs:AI"
    assert asked.query["from"] == "2026-06-16"


def test_what_is_lost_today_is_asked_for_tomorrow(live: Live) -> None:
    missed_tuesday(live)
    query_at(live, QUERIES["an-index-that-lags"])
    live.web.at(HARVEST, BROKEN)
    live.run("06-17T07:30", 75)
    live.run("06-17T11:30")
    assert live.mailed() == both(*WEDNESDAYS)
    live.web.rules[:-1] = []
    of_wednesday = found(ids("cs.AI", WEDNESDAY), "2026-06-16", total=8)
    of_tuesday = found(OF_ARXIV, IN_TIME, total=8)
    entries = of_wednesday[of_wednesday.index(b"<entry>") :]
    query_at(live, Reply(of_tuesday.replace(b"</feed>", entries)))
    told = verdicts(live.run("06-18T07:30"))
    assert told["arXiv cs.AI"].startswith("fresh: 8 new papers")
    thursday = date(2026, 6, 18)
    assert live.mailed() == both(OF_ARXIV, ids("Hugging Face", WEDNESDAY), ids("cs.AI", thursday))


def test_that_a_small_category_had_no_paper_is_believed_of_a_harvest(live: Live) -> None:
    missed_tuesday(live)
    query_at(live, Reply(found([])))
    live.web.at(HARVEST, NO_RECORDS)
    told = verdicts(live.run("06-17T07:30"))
    assert told["arXiv cs.AI"] == "fresh: 4 new papers of Wednesday 2026-06-17"
    live.run("06-18T07:30")
    assert len(live.asked(HARVEST)) == 1


def test_a_harvest_that_holds_nothing_and_does_not_say_so_is_not_believed(live: Live) -> None:
    missed_tuesday(live)
    query_at(live, Reply(found([])))
    live.web.at(HARVEST, harvest([]))
    told = verdicts(live.run("06-17T07:30", 75))
    assert told["arXiv cs.AI"] == f"{GONE}a harvest without a record, 3 times)"


@pytest.mark.parametrize("harvested", [None, harvest(OF_ARXIV), NO_RECORDS])
def test_what_was_missed_is_had_once_a_day(live: Live, harvested: Reply | None) -> None:
    missed_tuesday(live)
    query_at(live, Reply(found([] if harvested else OF_ARXIV, IN_TIME)))
    if harvested:
        live.web.at(HARVEST, harvested)
    live.web.at(LIST, BROKEN)
    told = [verdicts(live.run(f"06-17T0{hour}:30", 75))["arXiv cs.AI"] for hour in (7, 8, 9)]
    assert told[0].startswith("fresh: ")
    assert told == told[:1] * 3
    assert len(queries(live)) == 1
    assert len(live.asked(HARVEST)) == (harvested is not None)


def test_a_missed_day_that_never_comes_is_told_and_waits_no_longer_than_patience(
    live: Live,
) -> None:
    missed_tuesday(live)
    query_at(live, BROKEN)
    live.web.at(HARVEST, Reply(b"no such page", 404))
    live.run("06-17T07:30", 75)
    ahead = live.run("06-17T11:30")
    assert f"went ahead without it: arXiv cs.AI: {GONE}HTTP 404" in ahead.err
    assert live.mailed() == both(*WEDNESDAYS)


def two_thousand() -> bytes:
    """A list as arXiv cuts it: replacements first, and of the new papers only one is left."""
    old = [f"2501.{number:05}" for number in range(1, 2000)]
    new = feed("cs.AI", TUESDAY, OF_ARXIV[:1]).partition(b"<item>")[2].partition(b"</channel>")[0]
    return feed("cs.AI", TUESDAY, old, "replace").replace(
        b"</channel>", b"<item>" + new + b"</channel>"
    )


def test_a_list_cut_at_two_thousand_rows_is_completed_by_a_query(live: Live) -> None:
    live.web.at(FEED, Reply(two_thousand()))
    query_at(live, Reply(found(OF_ARXIV, IN_TIME)))
    told = verdicts(live.run("06-16T07:30"))
    assert told["arXiv cs.AI"].startswith("fresh: ")
    assert live.mailed() == both(OF_HF, OF_ARXIV)


@pytest.mark.parametrize("total", [0, 9])
def test_a_list_cut_at_two_thousand_rows_is_partial_where_the_query_fails(
    live: Live, total: int
) -> None:
    live.web.at(FEED, Reply(two_thousand()))
    query_at(live, Reply(found([], total=total)))
    live.configure(edition='when_partial = "send"')
    told = verdicts(live.run("06-16T07:30"))
    assert told["arXiv cs.AI"].startswith(
        "partial: its list is cut at 2,000 rows, and the rest could not be had ("
    )
    assert live.mailed() == both(OF_HF, OF_ARXIV[:1])


def test_a_list_that_breaks_off_is_completed_by_a_query(live: Live) -> None:
    whole = feed("cs.AI", TUESDAY)
    live.web.at(FEED, Reply(whole[: whole.rindex(b"<item>") + 40]))
    query_at(live, Reply(found(OF_ARXIV, "2026-06-14")))
    told = verdicts(live.run("06-16T07:30"))
    assert told["arXiv cs.AI"] == "fresh: 4 new papers of Tuesday 2026-06-16"
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_a_list_that_breaks_off_and_stays_so_brings_what_it_has(live: Live) -> None:
    whole = feed("cs.AI", TUESDAY)
    live.web.at(FEED, Reply(whole[: whole.rindex(b"<item>") + 40]))
    query_at(live, BROKEN)
    told = verdicts(live.run("06-16T07:30", 75))
    assert told["arXiv cs.AI"].startswith(
        "partial: its list breaks off (not well-formed from line 9 on), and the rest could not be"
    )
    live.run("06-16T11:30")
    assert live.mailed() == both(OF_HF, OF_ARXIV[:3])


@pytest.mark.parametrize(
    ("query", "harvested"),
    [
        ([], NO_RECORDS),
        (ids("cs.AI", TUESDAY, 9)[4:], harvest(ids("cs.AI", TUESDAY, 9)[4:])),
    ],
    ids=["nothing", "other-papers"],
)
def test_a_list_that_breaks_off_is_not_completed_by_who_does_not_know_what_is_left_of_it(
    live: Live, query: list[str], harvested: Reply
) -> None:
    whole = feed("cs.AI", TUESDAY)
    live.web.at(FEED, Reply(whole[: whole.rindex(b"<item>") + 40]))
    query_at(live, Reply(found(query, IN_TIME)))
    live.web.at(HARVEST, harvested)
    told = verdicts(live.run("06-16T07:30", 75))
    assert told["arXiv cs.AI"].endswith(
        "the rest could not be had (what came lacks 3 of the 3 new papers that the list holds)"
    )
    live.web.rules[:-1] = []
    query_at(live, Reply(found(OF_ARXIV, IN_TIME)))
    live.web.at(FEED, Reply(whole[: whole.rindex(b"<item>") + 40]))
    live.run("06-16T08:30")
    assert live.mailed() == both(OF_HF, OF_ARXIV, query)


def test_a_list_of_revisions_alone_that_is_cut_is_not_completed_by_nothing(live: Live) -> None:
    old = [f"2501.{number:05}" for number in range(1, 2001)]
    live.web.at(FEED, Reply(feed("cs.AI", TUESDAY, old, "replace")))
    query_at(live, Reply(found([])))
    live.web.at(HARVEST, NO_RECORDS)
    told = verdicts(live.run("06-16T07:30", 75))
    assert told["arXiv cs.AI"].endswith("(what came has nothing that the list holds)")


def test_two_lists_cut_on_one_day_are_completed_each(live: Live) -> None:
    live.configure(categories='"cs.AI", "cs.CL"')
    of_cl = ids("cs.CL", TUESDAY)
    live.web.at(FEED, Reply(two_thousand()))
    other = two_thousand().replace(b"cs.AI", b"cs.CL")
    live.web.at("/rss/cs.CL", Reply(other.replace(OF_ARXIV[0].encode(), of_cl[0].encode())))
    query_at(live, Reply(found(of_cl, "2026-06-14", category="cs.CL")))
    live.web.at(HARVEST, harvest(OF_ARXIV))
    told = verdicts(live.run("06-16T07:30"))
    assert {told[name][:6] for name in ("arXiv cs.AI", "arXiv cs.CL")} == {"fresh:"}
    assert live.mailed() == both(OF_HF, OF_ARXIV, of_cl)
    (asked,) = live.asked(HARVEST)
    assert asked.query["set"] == "cs:cs:AI"
