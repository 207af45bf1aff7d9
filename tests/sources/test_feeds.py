import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.editorial.papers import PaperId
from newsletter.sources import feeds
from newsletter.sources.entries import Announced, authors_of, eastern_date
from newsletter.sources.feeds import Document, fault_in, refusal_in, trouble_with
from newsletter.sources.http import BreaksOff
from tests.sources import documents
from tests.sources.documents import announcement, atom, error, found, oai, oai_record, rss, rss_item

SHARED = Path(__file__).resolve().parents[2] / "../shared/data/feeds"
needs_real_inputs = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")

MONDAY = date(2026, 4, 27)
WEEKEND = frozenset({"Saturday", "Sunday"})


def read(octets: bytes) -> Document:
    """A document that is whole and without a fault."""
    document = feeds.read(octets)
    assert (document.broken, document.error, document.faults) == ("", "", ())
    return document


def test_an_announcement_is_read_with_all_that_it_says() -> None:
    item = rss_item("2604.00001v3", kind="cross", doi="10.1000/X 10.1000/y", journal="J. 1 (2026)")
    entry = announcement("2604.00001v3", "cross", doi="10.1000/X 10.1000/y", journal="J. 1 (2026)")
    for document in (read(rss(item)), read(atom(entry))):
        (one,) = document.entries
        assert (one.announced, one.day, one.created) == (Announced.CROSS, MONDAY, None)
        paper = one.paper
        assert (str(paper.id), paper.version) == ("arxiv:2604.00001", 3)
        assert (paper.title, paper.abstract) == ("A title", "An abstract.")
        assert paper.authors == ("A Name", "B Name")
        assert paper.categories == ("cs.AI", "cs.CL")
        assert (paper.doi, paper.journal) == ("10.1000/x", "J. 1 (2026)")
        assert (paper.published, paper.comment, paper.position) == (None, None, None)
        assert (document.day, document.rows) == (MONDAY, 1)


def test_a_paper_that_a_query_found_is_read_with_all_that_is_said_of_it() -> None:
    document = read(atom(found("2604.00001v2", doi="10.1000/x", journal="J. 1"), total="1"))
    (one,) = document.entries
    assert (one.announced, one.day, one.created) == (None, None, date(2026, 4, 24))
    paper = one.paper
    assert (str(paper.id), paper.version, paper.doi) == ("arxiv:2604.00001", 2, "10.1000/x")
    assert (paper.title, paper.abstract) == ("A title", "An abstract.")
    assert paper.authors == ("A Name", "B Name, Jr.")
    assert paper.categories == ("cs.AI", "cs.CL")
    assert (paper.comment, paper.journal) == ("12 pages", "J. 1")
    assert paper.published == date(2026, 4, 24)
    assert (document.total, document.rows) == (1, 1)


def test_a_record_of_a_harvest_is_read_with_all_that_is_said_of_it() -> None:
    record = oai_record(doi="\n 10.1000/x\n10.1000/y", journal_ref="J. 1")
    deleted = oai_record("2604.00002", "deleted")
    document = read(oai(record, deleted, token="12|34"))
    (one,) = document.entries
    assert (one.announced, one.day, one.created) == (None, None, date(2026, 4, 24))
    paper = one.paper
    assert (str(paper.id), paper.version, paper.doi) == ("arxiv:2604.00001", None, "10.1000/x")
    assert (paper.title, paper.abstract) == ("A title", "An abstract.")
    assert paper.authors == ("A Name", "B Name Jr", "The Collaboration")
    assert paper.categories == ("cs.AI", "cs.CL")
    assert (paper.comment, paper.journal) == ("12 pages", "J. 1")
    assert (document.resumption, document.rows, document.day) == ("12|34", 2, None)


def test_the_last_page_of_a_harvest_has_an_empty_token() -> None:
    assert read(oai(oai_record(), token="")).resumption == ""


@pytest.mark.parametrize("number", ["hep-th/9901001v2", "math.GT/0309136v1", "0704.0001v1"])
def test_numbers_of_every_style_are_read(number: str) -> None:
    identity = PaperId.parse(number)
    for octets in (
        rss(rss_item(number)),
        rss(rss_item(number, description="An abstract.")),
        atom(announcement(number)),
        atom(found(number)),
        oai(oai_record(number.rpartition("v")[0])),
    ):
        (one,) = read(octets).entries
        assert one.paper.id == identity
        assert one.paper.version in {int(number[-1]), None}


@pytest.mark.parametrize("kind", ["new", "cross", "replace", "replace-cross"])
def test_a_revised_version_is_not_new(kind: str) -> None:
    for octets in (
        rss(rss_item(kind=kind)),
        rss(rss_item(kind=f" {kind}\n")),
        atom(announcement(kind=kind)),
    ):
        (one,) = read(octets).entries
        assert one.announced == kind
        assert one.announced.is_new == (kind in {"new", "cross"})


def test_the_description_says_the_kind_where_the_element_is_missing() -> None:
    item = rss_item(kind="replace").replace(
        "<arxiv:announce_type>replace</arxiv:announce_type>", ""
    )
    (one,) = read(rss(item)).entries
    assert one.announced is Announced.REPLACE


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        (rss(rss_item(kind="no_match")), 'announced as "no_match", which is not known'),
        (rss(rss_item(kind="NEW")), 'announced as "NEW", which is not known'),
        (rss(rss_item(kind="x" * 99)), f'announced as "{"x" * 29}…", which is not known'),
        (
            rss(rss_item(kind=None, description="A post.")),
            "it does not say as what it is announced",
        ),
        (rss(rss_item(title=None)), '"title" is missing'),
        (rss(rss_item(title=" \n")), '"title" is empty'),
        (rss(rss_item(abstract="")), '"abstract" or "summary" is empty'),
        (
            rss(rss_item("row-17", guid="tag:blog")),
            "its id is none of arXiv's",
        ),
        (atom(announcement(kind="odd")), 'announced as "odd", which is not known'),
        (atom(found(id="https://blog.example.org/1")), "its id is none of arXiv's"),
        (atom(found(id=None)), "its id is none of arXiv's"),
        (atom(found(title=None)), '"title" is missing'),
        (atom(found(summary=None)), '"abstract" or "summary" is empty'),
        (atom(found(published="soon")), '"published" must be an ISO date, not "soon"'),
        (oai(oai_record(abstract=None)), '"abstract" or "summary" is missing'),
        (oai(oai_record("seventeen")), "its id is none of arXiv's"),
        (
            oai("<record><header/><metadata><dc/></metadata></record>"),
            "not in arXiv's own format (metadataPrefix=arXiv)",
        ),
        (
            oai("<record><header/><metadata><arXiv/><arXiv/></metadata></record>"),
            '"title" is missing',
        ),
    ],
)
def test_a_record_that_makes_no_paper_is_told_and_the_others_go_on(octets, fault) -> None:
    document = feeds.read(octets)
    assert document.faults == (f"record 1: {fault}",)
    assert (document.entries, document.rows, document.broken) == ((), 1, "")
    good = rss_item().encode() if b"<rss" in octets else found().encode()
    good = oai_record("2604.00002").encode() if b"<OAI" in octets else good
    for mark in (b"</channel>", b"</feed>", b"</ListRecords>"):
        octets = octets.replace(mark, good + mark)
    document = feeds.read(octets)
    assert document.faults == (f"record 1: {fault}",)
    assert (len(document.entries), document.rows) == (1, 2)


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (atom(error("incorrect id\n format"), total="1"), "incorrect id format"),
        (rss().replace(b"cs.AI updates", b"Feed error for query: x"), "Feed error for query: x"),
        (
            f'{documents.OAI_HEAD}<error code="badArgument">no such set</error>'
            f"{documents.OAI_FOOT}".encode(),
            "badArgument: no such set",
        ),
        (atom(error("e\x9be" + "x" * 999)), "e e" + "x" * 196 + "…"),
    ],
)
def test_what_arxiv_says_in_place_of_an_answer_is_told(octets: bytes, says: str) -> None:
    document = feeds.read(octets)
    assert document.error.removesuffix(" on arXiv.org") == says
    assert (document.entries, document.faults, document.rows) == ((), (), 0)


def test_a_harvest_that_finds_nothing_is_whole_and_empty() -> None:
    nothing = '<error code="noRecordsMatch">The combination matches nothing</error>'
    assert read(f"{documents.OAI_HEAD}{nothing}{documents.OAI_FOOT}".encode()) == Document(())


def test_what_a_record_is_called_is_not_what_the_document_says() -> None:
    titled = "Feed error for query: a study"
    assert len(read(oai(oai_record(title=titled))).entries) == 1
    assert len(read(atom(found(title=titled))).entries) == 1
    assert len(read(rss(rss_item(title=titled))).entries) == 1
    assert len(read(atom(found(title="Error"))).entries) == 1


def test_the_list_of_a_weekend_is_empty_and_has_its_day() -> None:
    assert read(rss()) == Document((), day=MONDAY, skips=WEEKEND)
    assert read(atom()) == Document((), day=MONDAY)


def test_the_day_is_that_of_the_newest_announcement_else_the_list_s_own() -> None:
    old = rss_item("2604.00002v1", published="Fri, 24 Apr 2026 00:00:00 -0400")
    assert read(rss(old)).day == date(2026, 4, 24)
    document = read(rss(old, rss_item(), old))
    assert document.day == MONDAY
    assert [entry.day for entry in document.entries if entry.day == MONDAY] == [MONDAY]
    assert read(rss(rss_item(published=None))).day == MONDAY
    assert read(rss().replace(b"Mon, 27 Apr 2026 00:00:00 -0400", b"soon")).day is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Mon, 27 Apr 2026 00:00:00 -0400", MONDAY),
        ("Mon, 27 Apr 2026 04:00:00 +0000", MONDAY),
        ("Mon, 27 Apr 2026 03:59:59 GMT", date(2026, 4, 26)),
        ("Tue, 15 Dec 2026 00:00:00 -0500", date(2026, 12, 15)),
        ("2026-04-27T00:00:00-04:00", MONDAY),
        ("\n2026-04-27T04:00:00Z ", MONDAY),
        ("2026-04-27T03:59:59.999+00:00", date(2026, 4, 26)),
        ("2026-04-27T12:00:00", MONDAY),
        ("27 Apr 2026 12:00:00 -0000", MONDAY),
        ("", None),
        (None, None),
        ("soon", None),
        ("Mon, 31 Feb 2026 00:00:00 -0400", None),
        ("0001-01-01T00:00:00+00:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("Mon, 27 Apr 2026 00:00:00 -9999", None),
    ],
)
def test_a_moment_belongs_to_its_day_at_arxiv(text: str | None, day: date | None) -> None:
    assert eastern_date(text) == day


@given(st.text(max_size=40) | st.datetimes().map(lambda moment: f"{moment:%a, %d %b %Y} 9"))
def test_any_text_is_a_day_or_none(text: str) -> None:
    assert eastern_date(text) is None or isinstance(eastern_date(text), date)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("A B, C D", ["A B", "C D"]),
        ("  A\n B ,,C D, ", ["A\n B", "C D"]),
        ("A B, Jr., C D, III, E", ["A B, Jr.", "C D, III", "E"]),
        ("A B Jr, C", ["A B Jr", "C"]),
        ("Jr., A", ["Jr.", "A"]),
        ("A B (Univ. X, Y), C D", ["A B", "C D"]),
        ("A B (Univ. X (Y, Z), W), C D (V)", ["A B", "C D"]),
        ("A (1 and 2), B (2) ((1) X, Y, (2) Z)", ["A", "B"]),
        ("A B, Jr. (X, Y), C", ["A B, Jr.", "C"]),
        ("A (X, B", ["A (X", "B"]),
        ("(X, Y)", []),
        ("", []),
        ("O'Brien-Müller, Å. Ö", ["O'Brien-Müller", "Å. Ö"]),
    ],
)
def test_authors_are_told_apart_at_the_commas_between_them(line: str, names: list[str]) -> None:
    assert authors_of(line) == names


@pytest.mark.parametrize(
    ("octets", "trouble"),
    [
        (rss(), ""),
        (b"\xef\xbb\xbf" + rss(), ""),
        (b"\n" + atom(), ""),
        (oai(), ""),
        (rss(rss_item())[:400], ""),
        (b"", "an empty answer"),
        (b" \r\n", "an empty answer"),
        (b"<html><p>Down</p></html>", "a web page instead of a list of papers"),
        (b"<!DOCTYPE rss><rss/>", "a web page instead of a list of papers"),
        (b"Rate  exceeded.\n", "a text instead of a list of papers (Rate exceeded.)"),
        (b"\x1b[31mno\xff", "a text instead of a list of papers ([31mno\ufffd)"),
        (b"x" * 999, f"a text instead of a list of papers ({'x' * 59}…)"),
        (b"[]", "a text instead of a list of papers ([])"),
    ],
)
def test_an_answer_that_is_no_list_of_papers_is_told_in_words(octets: bytes, trouble: str) -> None:
    assert trouble_with(octets) == trouble


@pytest.mark.parametrize("total", ["9" * 5_000, "-1", "many", "", None])
def test_a_total_that_is_no_number_of_papers_is_survived(total: str | None) -> None:
    assert read(atom(total=total)).total in {None, int("9" * 18)}


WHOLE = {
    "rss": rss(*(rss_item(f"2604.0000{n}v1", creator="Zoë & Co.") for n in range(3))),
    "atom": atom(announcement(), found("2604.00002v1"), found("2604.00003v2"), total="3"),
    "oai": oai(oai_record(), oai_record("2604.00002", "deleted"), oai_record("2604.00003")),
}


@pytest.mark.parametrize("kind", WHOLE)
@given(data=st.data())
def test_a_document_that_is_cut_brings_only_what_the_whole_has(kind: str, data) -> None:
    octets = WHOLE[kind]
    whole = read(octets)
    end = data.draw(st.integers(0, len(octets)))
    document = feeds.read(octets[:end])
    count = len(document.entries)
    assert document.entries == whole.entries[:count]
    assert document.faults == ()
    assert bool(document.broken) == (end < len(octets.rstrip()))
    assert count == len(whole.entries) or document.broken
    longer = feeds.read(octets[: data.draw(st.integers(end, len(octets)))])
    assert longer.rows >= document.rows


@pytest.mark.parametrize("kind", WHOLE)
def test_what_breaks_off_is_of_use_for_a_list_and_of_none_for_what_is_asked_once(kind: str) -> None:
    whole, cut = WHOLE[kind], WHOLE[kind][:-20]
    assert refusal_in(whole) == fault_in(whole) == ""
    assert refusal_in(cut) == fault_in(cut) == f"it breaks off ({feeds.read(cut).broken})"
    assert isinstance(refusal_in(cut), BreaksOff)
    assert not isinstance(fault_in(cut), BreaksOff)
    assert not isinstance(refusal_in(b"<html>"), BreaksOff)


def test_of_many_faults_the_first_hundred_are_told() -> None:
    assert len(feeds.read(rss(*["<item/>"] * 100)).faults) == 100
    document = feeds.read(rss(*["<item/>"] * 5_000, rss_item()))
    assert len(document.faults) == 101
    assert document.faults[99].startswith("record 100: ")
    assert document.faults[100] == "and 4,900 more"
    assert (document.rows, len(document.entries)) == (5_001, 1)


def test_after_50_000_records_a_document_is_read_no_further() -> None:
    assert feeds.read(rss(*["<item/>"] * 50_000)).broken == ""
    document = feeds.read(rss(*["<item/>"] * 300_000))
    assert (document.rows, document.broken) == (50_000, "more than 50,000 records")
    assert document.faults[-1] == "and 49,900 more"


@given(st.binary(max_size=300), st.sampled_from(sorted(WHOLE)), st.data())
@example(b"<feed><entry><title/></entry></feed>", "rss", None)
@example(b"<rss><item><pubDate>0001-01-01T00:00:00Z</pubDate></item></rss>", "rss", None)
@example(b"<OAI-PMH><error/><record/></OAI-PMH>", "rss", None)
@example(b"<rss><item><item/></item><title><item/></title></rss>", "rss", None)
@example(b"<feed><item/><record/><entry/><skipDays/></feed>", "rss", None)
@example(b"<feed><o:totalResults>3</o:totalResults><o:entry/></feed>", "rss", None)
def test_any_bytes_are_a_document_and_never_an_error(octets: bytes, kind: str, data) -> None:
    assert isinstance(feeds.read(octets), Document)
    assert isinstance(trouble_with(octets), str)
    if data:
        whole = WHOLE[kind]
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(start, min(start + 300, len(whole))))
        document = feeds.read(whole[:start] + octets + whole[end:])
        assert all(entry.paper.id.arxiv for entry in document.entries)


@needs_real_inputs
@pytest.mark.parametrize(
    ("name", "papers", "rows", "day", "total", "resumption"),
    [
        ("arxiv-rss-cs.AI-2026-04-27.rss.xml", 3, 3, MONDAY, None, ""),
        ("arxiv-rss-weekend-empty-2026-08-01.rss.xml", 0, 0, date(2026, 8, 1), None, ""),
        ("arxiv-api-cs.AI-cs.LG-2026-07-13.atom.xml", 50, 50, date(2026, 7, 13), 386601, ""),
        ("arxiv-api-all-transformer.atom.xml", 5, 5, date(2026, 6, 13), 28946, ""),
        ("arxiv-oai-arXiv-record-single.xml", 1, 1, None, None, ""),
        ("arxiv-oai_dc-cs-2024-01-25.xml", 0, 5, None, None, "6960524|1001"),
    ],
)
def test_a_real_document_is_read_whole(name, papers, rows, day, total, resumption) -> None:
    document = feeds.read((SHARED / name).read_bytes())
    assert (document.broken, document.error) == ("", "")
    assert (len(document.entries), document.rows) == (papers, rows)
    assert len(document.faults) == rows - papers
    assert (document.day, document.total, document.resumption) == (day, total, resumption)
    assert document.skips == (WEEKEND if ".rss" in name else frozenset())
    for entry in document.entries:
        assert entry.paper.arxiv
        assert entry.paper.authors
        assert entry.paper.categories
        assert not entry.paper.withdrawn
        assert "Abstract:" not in entry.paper.abstract
        assert (entry.announced is None) == (".rss" not in name)
        assert (entry.created is None) == (".rss" in name)


@needs_real_inputs
@pytest.mark.parametrize(
    ("name", "ids", "error"),
    [
        ("id_0000.0000_s0_m100_8b51d9633a68", [], ""),
        ("id_1707.08567_s0_m100_6a1afebfc6a3", ["arxiv:1707.08567"], ""),
        ("id_abc_s0_m100_b79c8dcf6bc3", [], "incorrect id format for abc"),
        ("id_astro-ph_0601001_s0_m100_3150dca9dc76", ["arxiv:astro-ph/0601001"], ""),
        ("q_testing_s0_m10_bc5a6c384fe9", 10, ""),
        ("q_testing_s10_m10_34e56e15aaac", 10, ""),
    ],
)
def test_a_real_exchange_is_read_whole(name: str, ids: list[str] | int, error: str) -> None:
    body = json.loads((SHARED / f"arxiv.py-recorded/{name}.json").read_text())["body"]
    document = feeds.read(body.encode())
    found = [str(entry.paper.id) for entry in document.entries]
    assert found == ids or len(found) == ids
    assert (document.error, document.faults, document.broken) == (error, (), "")
    assert all(entry.paper.version and entry.paper.published for entry in document.entries)
