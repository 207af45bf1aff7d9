"""Days whose lists were not read, or were cut, and how their papers come all the same. Monday, 15
June 2026 was well."""

from datetime import date

import pytest

from tests.journeys.live import FEED, HARVEST, QUERY, Live, both, feed, found, ids, verdicts
from tests.services import Reply

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (15, 16, 17))
OF_HF, OF_ARXIV = ids("Hugging Face", MONDAY), ids("cs.AI", TUESDAY)
BROKEN = Reply(b"", 500)


def missed_tuesday(live: Live) -> None:
    """Tuesday went out without arXiv; now it is Wednesday."""
    live.configure(edition="patience_hours = 0")
    live.web.at(FEED, BROKEN)
    live.run("06-16T07:30")
    assert live.mailed() == both(OF_HF)
    live.web.rules[:-1] = []
    live.configure()


WEDNESDAYS = (ids("Hugging Face", TUESDAY), ids("cs.AI", WEDNESDAY))
SPAN = "submittedDate:[2026060"  # days before, since moderators hold papers back


def query_at(live: Live, *replies: Reply) -> None:
    """Let queries for missed days be answered so; look-ups by number are as usual."""
    live.web.at(QUERY, *replies, sortBy="submittedDate")


def test_a_missed_day_is_had_from_a_query_and_known_papers_are_not_new(live: Live) -> None:
    missed_tuesday(live)
    known = ids("cs.AI", MONDAY)
    query_at(live, Reply(found([*known, *OF_ARXIV])))
    live.run("06-17T07:30")
    assert live.mailed() == both(OF_ARXIV, *WEDNESDAYS)
    (asked,) = (one for one in live.asked(QUERY) if "search_query" in one.query)
    assert SPAN in asked.query["search_query"]
    assert asked.query["search_query"].endswith(" TO 202606151800]")  # Monday at 14:00 Eastern
    assert "(cat:cs.AI)" in asked.query["search_query"]


GONE = "partial: what was announced on 2026-06-16 is still missing ("
QUERIES = {
    "empty-page": Reply(found([], total=40)),
    "error-entry": Reply(found([]).replace(b"</feed>", b"""<entry><id>http://arxiv.org/api/errors#x
        </id><title>Error</title><summary>max</summary></entry></feed>""")),
    "429": Reply(b"Rate exceeded.", 429),
    "cut": Reply(found(OF_ARXIV)[:-200]),
    "a-page": Reply(b"<html></html>"),
}  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
def test_a_missed_day_that_cannot_be_had_makes_the_day_partial_until_it_can(
    live: Live, name: str
) -> None:
    missed_tuesday(live)
    query_at(live, QUERIES[name])
    told = verdicts(live.run("06-17T07:30", 75))
    assert told["arXiv cs.AI"].startswith(GONE)
    assert live.mailed() == {}
    live.web.rules[:-1] = []
    query_at(live, Reply(found(OF_ARXIV)))
    told = verdicts(live.run("06-17T08:30"))
    assert told["arXiv cs.AI"] == "fresh: 4 new papers of Wednesday 2026-06-17"
    assert live.mailed() == both(OF_ARXIV, *WEDNESDAYS)


def test_where_the_query_fails_a_harvest_brings_the_missed_day(live: Live) -> None:
    missed_tuesday(live)
    query_at(live, Reply(found([], total=40)))
    records = "".join(
        f"<record><header/><metadata><arXiv><id>{number}</id><created>2026-06-12</created>"
        f"<title>A made-up measurement, number {number}</title><categories>cs.AI</categories>"
        f"<authors><author><keyname>Example</keyname></author></authors>"
        f"<abstract>What was measured.</abstract></arXiv></metadata></record>"
        for number in OF_ARXIV
    )
    live.web.at(HARVEST, Reply(f"<OAI-PMH><ListRecords>{records}</ListRecords></OAI-PMH>".encode()))
    live.run("06-17T07:30")
    assert live.mailed() == both(OF_ARXIV, *WEDNESDAYS)
    (asked,) = live.asked(HARVEST)
    assert asked.query["set"] == "cs:cs:AI"
    assert asked.query["from"] == "2026-06-16"


def test_a_missed_day_that_never_comes_is_told_and_waits_no_longer_than_patience(
    live: Live,
) -> None:
    missed_tuesday(live)
    query_at(live, BROKEN)
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
    query_at(live, Reply(found(OF_ARXIV)))
    told = verdicts(live.run("06-16T07:30"))
    assert told["arXiv cs.AI"].startswith("fresh: ")
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_a_list_cut_at_two_thousand_rows_is_partial_where_the_query_fails(live: Live) -> None:
    live.web.at(FEED, Reply(two_thousand()))
    query_at(live, Reply(found([], total=9)))
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
