import gzip
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.sources import answers
from newsletter.sources.answers import Answer, AnswerBook, Page

TODAY = date(2026, 4, 28)
NOW = datetime(2026, 4, 28, 6, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://service.example.org/list?day=1"
ANSWER = Answer(
    source="Service",
    kind="list 1",
    url=URL,
    at=NOW + timedelta(seconds=1.5),
    status=200,
    body=b"first line\n\x00\xff second\r\n",
    etag='"é"',
    last_modified="Mon, 27 Apr 2026 00:00:00 GMT",
    tries=1,
)
FAILED = replace(
    ANSWER,
    status=429,
    body=b"",
    failure="HTTP 429 (Rate \ud800 exceeded.)",
    closed=True,
    not_before=NOW + timedelta(hours=1),
    tries=3,
)


@pytest.fixture
def book(tmp_path: Path) -> AnswerBook:
    return AnswerBook(tmp_path / "answers", keep_days=30)


def kept(book: AnswerBook, *told: Answer, day: date = TODAY, now: datetime | None = NOW) -> Page:
    page = book.begin(day, now)
    for answer in told:
        page.keep(answer)
    return page


def at(answer: Answer, minutes: int, **changed: object) -> Answer:
    return replace(answer, at=NOW + timedelta(minutes=minutes), **changed)  # type: ignore[arg-type]


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_gathering_is_read_again_as_it_was_told(book: AnswerBook) -> None:
    kept(book, ANSWER, FAILED, ANSWER)
    (recording,) = book.recordings(TODAY)
    assert recording.now == NOW
    assert list(recording) == [ANSWER, FAILED, ANSWER]
    assert list(recording) == [ANSWER, FAILED, ANSWER]
    assert files(book.folder) == {
        f"2026-04-28/1/{name}" for name in ("moment", "0001.gz", "0002.gz", "0003.gz")
    }


@settings(max_examples=25)
@given(body=st.binary(max_size=200), words=st.text(max_size=20), status=st.integers(0, 599))
def test_any_answer_is_kept_as_it_is(tmp_path_factory, body, words, status) -> None:
    book = AnswerBook(tmp_path_factory.mktemp("book"), 30)
    answer = replace(ANSWER, body=body, failure=words, etag=words, status=status)
    kept(book, answer)
    assert list(book.recordings(TODAY)[0]) == [answer]


def test_the_gatherings_of_a_day_come_in_their_order_and_look_ups_are_none(
    book: AnswerBook,
) -> None:
    for hour in range(12):
        kept(book, at(ANSWER, hour, kind=f"list {hour}"), now=NOW + timedelta(hours=hour))
        kept(book, at(ANSWER, hour, kind="paper"), now=None)
    kept(book, ANSWER, day=TODAY + DAY)
    recordings = book.recordings(TODAY)
    assert [recording.now.hour for recording in recordings] == list(range(6, 18))
    assert [one.kind for recording in recordings for one in recording] == [
        f"list {hour}" for hour in range(12)
    ]
    assert book.recordings(TODAY - DAY) == []


def test_the_newest_answer_of_use_is_remembered_for_some_days(book: AnswerBook) -> None:
    kept(book, at(ANSWER, 0, body=b"old"), day=TODAY - DAY)
    kept(book, at(ANSWER, 1, body=b"new"), at(FAILED, 2), day=TODAY - DAY)
    page = kept(book)
    assert page.newest("https://service.example.org/other") is None
    newest = page.newest(URL)
    assert newest
    assert (newest.body, newest.at) == (b"new", NOW + timedelta(minutes=1))
    page.keep(at(ANSWER, 3, body=b"newest"))
    assert getattr(page.newest(URL), "body", None) == b"newest"
    page.keep(at(FAILED, 4))
    assert getattr(page.newest(URL), "body", None) == b"newest"


@pytest.mark.parametrize(("back", "known"), [(-1, False), (0, True), (3, True), (4, False)])
def test_an_answer_is_remembered_three_days_and_none_that_is_to_come(book, back, known) -> None:
    kept(book, ANSWER, day=TODAY - back * DAY)
    page = kept(book)
    assert (page.newest(URL) == ANSWER) is known
    assert (page.todays(URL) == ANSWER) is (back == 0)


def test_an_answer_of_the_same_edition_s_day_is_todays_whichever_page_has_it(book) -> None:
    kept(book, at(ANSWER, -1500, body=b"yesterday"), day=TODAY - DAY)
    page = kept(book)
    assert page.todays(URL) is None
    page.keep(ANSWER)
    assert page.todays(URL) == ANSWER
    assert kept(book, now=None).todays(URL) == ANSWER


def test_a_tenth_page_is_newer_than_the_ninth(book: AnswerBook) -> None:
    for number in range(11):
        kept(book, at(ANSWER, number, body=str(number).encode()))
    newest = kept(book).newest(URL)
    assert newest
    assert newest.body == b"10"


def test_when_a_host_was_asked_last_is_known_by_requests_alone(book: AnswerBook) -> None:
    hosts = frozenset({"service.example.org", "other.example.org"})
    page = kept(book, at(ANSWER, 5), at(ANSWER, 9, tries=0), at(FAILED, 7))
    assert page.last_asked(hosts) == NOW + timedelta(minutes=7)
    assert page.last_asked(frozenset({"third.example.org"})) is None
    assert kept(book).last_asked(hosts) == NOW + timedelta(minutes=7)
    page.keep(at(ANSWER, 20, url="https://other.example.org:8443/x"))
    assert page.last_asked(hosts) == NOW + timedelta(minutes=20)
    assert page.last_asked(frozenset({"service.example.org"})) == NOW + timedelta(minutes=7)


def test_when_a_host_may_be_asked_again_is_what_it_said_last(book: AnswerBook) -> None:
    hosts = frozenset({"service.example.org"})
    assert kept(book).not_before(hosts) is None
    page = kept(book, at(FAILED, 1), at(FAILED, 2, not_before=None, tries=0))
    assert page.not_before(hosts) == FAILED.not_before
    assert kept(book).not_before(hosts) == FAILED.not_before
    assert page.not_before(frozenset({"other.example.org"})) is None
    page.keep(at(ANSWER, 3))
    assert page.not_before(hosts) is None
    page.keep(replace(FAILED, at=NOW + timedelta(minutes=3, microseconds=1)))
    assert page.not_before(hosts) == FAILED.not_before


@pytest.mark.parametrize(
    "damage",
    [
        lambda octets: b"",
        lambda octets: octets[:15],
        lambda octets: octets[:-4],
        lambda octets: octets[:-8] + bytes(8),
        lambda octets: b"no gzip",
        lambda octets: gzip.compress(b'{"source": "Ser'),
        lambda octets: gzip.compress(b"\n"),
    ],
    ids=["empty", "head only", "cut", "wrong sum", "no gzip", "half a head", "no head"],
)
def test_an_answer_damaged_by_a_crash_is_as_good_as_none(book: AnswerBook, damage) -> None:
    kept(book, ANSWER, at(ANSWER, 1, url=URL + "2", body=b"whole"))
    path = book.folder / "2026-04-28/1/0001.gz"
    path.write_bytes(damage(path.read_bytes()))
    page = kept(book)
    assert page.newest(URL) is None
    assert page.todays(URL) is None
    assert getattr(page.newest(URL + "2"), "body", None) == b"whole"
    assert [answer.body for answer in book.recordings(TODAY)[0]] == [b"whole"]


def head(**changed: object) -> bytes:
    """What a kept file says, with something else in the line about it."""
    known = {"source": "Service", "kind": "list 1", "url": URL, "at": NOW.isoformat(), "tries": 1}
    told = {key: value for key, value in (known | changed).items() if value != "absent"}
    return json.dumps(told).encode() + b"\nbody"


@pytest.mark.parametrize(
    "content",
    [
        b"5\n",
        b"null\n",
        b"[]\n",
        b"{}",
        b'"x"\nbody',
        pytest.param(b"[" * 200_000, id="deep"),
        b"\xff\xfe\n",
        *(head(at=at) for at in ("2026-04-28T06:00:00", "2026-04-28", "soon", "", 5, None)),
        head(not_before="2026-04-28T06:00:00"),
        head(not_before="soon"),
        head(url="absent"),
        head(at="absent"),
        head(url=5),
        head(failure=None),
        head(status="200"),
        head(tries=1.5),
        head(closed=0),
    ],
)
def test_garbage_among_the_answers_is_as_good_as_none(book: AnswerBook, content: bytes) -> None:
    kept(book, at(ANSWER, 1, url=URL + "2"))
    (book.folder / "2026-04-28/1/0900.gz").write_bytes(gzip.compress(content))
    page = kept(book)
    assert page.newest(URL) is page.todays(URL) is None
    assert page.last_asked(frozenset({"service.example.org"})) == NOW + timedelta(minutes=1)
    assert page.not_before(frozenset({"service.example.org"})) is None
    assert [answer.url for answer in book.recordings(TODAY)[0]] == [URL + "2"]


def test_what_a_newer_or_an_older_version_wrote_is_read(book: AnswerBook) -> None:
    kept(book)
    (book.folder / "2026-04-28/1/0001.gz").write_bytes(gzip.compress(head(later={"key": 1})))
    (answer,) = book.recordings(TODAY)[0]
    assert answer == Answer("Service", "list 1", URL, NOW, body=b"body", tries=1)
    assert kept(book).newest(URL) == answer


def test_an_address_that_is_none_belongs_to_no_host(book: AnswerBook) -> None:
    page = kept(book, at(ANSWER, 1, url="https://[::1"), ANSWER)
    assert page.last_asked(frozenset({"service.example.org"})) == ANSWER.at
    assert kept(book).last_asked(frozenset({"service.example.org"})) == ANSWER.at


@pytest.mark.parametrize(
    "moment", [b"", b"xyz", "é".encode(), b"2026-04-28T06:00:00", b"2026-04-28", None]
)
def test_a_page_without_a_moment_is_no_gathering_and_stops_none(book, moment) -> None:
    kept(book, ANSWER)
    path = book.folder / "2026-04-28/900/moment"
    path.parent.mkdir()
    path.mkdir() if moment is None else path.write_bytes(moment)
    kept(book, ANSWER)
    assert [one.folder.name for one in book.recordings(TODAY)] == ["1", "901"]


def test_files_in_the_place_of_folders_stop_nothing(book: AnswerBook) -> None:
    kept(book, ANSWER)
    for name in ("2020-01-01", "2026-04-27", "2026-04-28/950", "2026-04-28/" + "9" * 250):
        (book.folder / name).write_bytes(b"x")
    (book.folder / "2026-04-28/1/0900.gz").mkdir()
    (book.folder / "2019-01-01").symlink_to(book.folder / "2026-04-28")
    (book.folder / "2026-04-28/1/away").symlink_to("nowhere")
    assert kept(book).newest(URL) == ANSWER
    assert [list(one) for one in book.recordings(TODAY)] == [[ANSWER], []]


def test_half_an_answer_is_read_again_and_is_none_to_come_back_to(book: AnswerBook) -> None:
    half = replace(ANSWER, broken="it breaks off")
    page = kept(book, half)
    assert page.newest(URL) is page.todays(URL) is None
    assert kept(book).newest(URL) is None
    assert list(book.recordings(TODAY)[0]) == [half]
    assert kept(book, ANSWER, half).newest(URL) == ANSWER


def test_half_written_files_and_foreign_ones_are_no_answers(book: AnswerBook) -> None:
    kept(book, ANSWER)
    (book.folder / "2026-04-28/1/0002.part").write_bytes(b"half")
    (book.folder / "2026-04-28/notes").mkdir()
    (book.folder / "2026-04-28/x.txt").write_bytes(b"")
    (book.folder / ".DS_Store").write_bytes(b"")
    page = kept(book)
    assert page.newest(URL) == ANSWER
    first, second = book.recordings(TODAY)
    assert (list(first), list(second)) == ([ANSWER], [])
    assert (book.folder / "2026-04-28/2").is_dir()


def test_what_is_older_than_is_kept_is_dropped(book: AnswerBook) -> None:
    for back in (0, 1, 29, 30, 31, 400):
        kept(book, ANSWER, day=TODAY - back * DAY)
    (book.folder / "not-a-day").mkdir()
    kept(book)
    assert sorted(path.name for path in book.folder.iterdir()) == sorted(
        ["not-a-day", *((TODAY - back * DAY).isoformat() for back in (0, 1, 29))]
    )


def test_a_day_that_is_gathered_for_late_is_not_dropped_at_once(book: AnswerBook) -> None:
    kept(book, ANSWER)
    kept(book, ANSWER, day=TODAY - 100 * DAY)
    assert list(book.recordings(TODAY - 100 * DAY)[0]) == [ANSWER]
    assert list(book.recordings(TODAY)[0]) == [ANSWER]


def test_of_too_many_bytes_the_oldest_pages_are_dropped_and_never_the_newest(
    book: AnswerBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pages() -> list[str]:
        return sorted(str(path.relative_to(book.folder)) for path in book.folder.glob("*/*"))

    noise = bytes(range(256)) * 8
    for back in (3, 2, 1, 0, 0):
        kept(book, replace(ANSWER, body=noise), day=TODAY - back * DAY)
    size = sum(path.stat().st_size for path in book.folder.rglob("*") if path.is_file()) // 5
    monkeypatch.setattr(answers, "_MOST_BYTES", int(3.5 * size))
    page = kept(book)
    assert pages() == ["2026-04-27/1", "2026-04-28/1", "2026-04-28/2", "2026-04-28/3"]
    assert not (book.folder / "2026-04-26").exists()
    for _ in range(3):
        page.keep(replace(ANSWER, body=noise))
    page.close()
    assert pages() == ["2026-04-28/3"]
    monkeypatch.setattr(answers, "_MOST_BYTES", 1)
    page.close()
    assert pages() == ["2026-04-28/3"]
    assert page.newest(URL)
    kept(book, day=TODAY - 9 * DAY)
    assert pages() == ["2026-04-19/1"]


def test_an_answer_whose_page_was_dropped_is_asked_for_again(book, monkeypatch) -> None:
    page = kept(book, ANSWER)
    later = kept(book, now=None)
    monkeypatch.setattr(answers, "_MOST_BYTES", 1)
    later.close()
    assert later.newest(URL) is later.todays(URL) is None
    assert page.last_asked(frozenset({"service.example.org"})) == ANSWER.at
