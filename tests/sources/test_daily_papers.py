"""What the answers of one gathering from Hugging Face come to."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.papers import PaperId
from newsletter.source_settings import SourcesSettings
from newsletter.sources import Haul, Wanted
from newsletter.sources.answers import Answer
from newsletter.sources.http import BreaksOff
from newsletter.sources.huggingface import HuggingFace, no_list, no_paper

NOW = datetime(2026, 7, 14, 6, 30, tzinfo=UTC)  # a Tuesday
TODAY, MONDAY = date(2026, 7, 14), date(2026, 7, 13)
DAY = timedelta(days=1)
REPLACED = '"title" holds U+D800, which is no text; it was replaced'
PART = "Hugging Face"


def item(number: int, day: date | str | None = MONDAY, **more: object) -> dict[str, object]:
    moment = f"{day}T00:00:00.000Z" if isinstance(day, date) else day
    return {
        "id": f"2607.{number:05}",
        "title": f"The title of paper number {number}",
        "summary": "An abstract.",
        "submittedOnDailyAt": moment,
        "upvotes": number,
        **more,
    }


def answer(kind: str, *items: object, failure: str = "", body: bytes | None = None) -> Answer:
    octets = json.dumps(items).encode() if body is None else body
    return Answer(
        PART, kind, "https://x.test", NOW, 200, b"" if failure else octets, "", "", failure
    )


def lists(*days: date, of: int = 1) -> list[Answer]:
    """A list for each day, with as many papers."""
    return [
        answer(f"list {day}", *(item(10 * day.day + n, day) for n in range(of))) for day in days
    ]


def read(
    *answers: Answer, now: datetime = NOW, window: int = 3, covered: date | None = None
) -> Haul:
    source = HuggingFace(SourcesSettings(), "mailto:papers@example.org")
    before = {PART: covered} if covered else {}
    return source.read(answers, Wanted(now, window, covered=before))


def test_a_paper_of_a_list_has_its_counts_seen_now_and_no_place() -> None:
    wrapped = {
        "paper": item(1, githubStars=5),
        "numComments": 3,
        "thumbnail": "https://x.test/1.png",
    }
    haul = read(answer(f"list {MONDAY}", wrapped, item(2)))
    one, two = haul.papers
    assert (one.votes, one.comments, one.stars, one.position) == (1, 3, 5, None)
    assert (one.seen.votes, one.seen.comments, one.seen.stars) == (NOW, NOW, NOW)
    assert (one.seen.position, one.thumbnail) == (None, "https://x.test/1.png")
    assert (two.votes, two.comments, two.seen.comments) == (2, None, None)
    assert (haul.source, haul.updates, haul.faults, haul.files) == (PART, (), (), ())
    (listed,) = haul.lists
    assert (listed.batch.part, listed.batch.listed, listed.batch.due) == (PART, MONDAY, MONDAY)
    assert listed.batch.ids == {one.id, two.id}


def test_a_paper_of_the_trending_page_has_its_place_and_belongs_to_no_list() -> None:
    bad = {"id": "2607.00009"}
    haul = read(
        answer(f"list {MONDAY}", item(1), item(2)),
        answer("trending", item(7, None), bad, item(2, upvotes=9), item(8, title="A \ud800 B")),
    )
    places = {paper.arxiv: paper.position for paper in haul.papers}
    assert places == {"2607.00001": None, "2607.00002": 3, "2607.00007": 1, "2607.00008": 4}
    second = next(paper for paper in haul.papers if paper.position == 3)
    assert (second.votes, second.seen.votes, second.seen.position) == (9, NOW, NOW)
    assert len(haul.lists[0].batch.ids) == 2
    assert [(str(fault), fault.mended) for fault in haul.faults] == [
        ('Hugging Face, trending:1: item 2: "title" is missing', False),
        (f"Hugging Face, trending:1: item 4: {REPLACED}", True),
    ]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-07-13T00:00:00.000Z", MONDAY),
        ("2026-07-13T02:44:20.973Z", MONDAY),
        ("2026-07-13T23:30:00-04:00", TODAY),
        ("2026-07-13T12:00:00", MONDAY),
        ("2026-07-13", MONDAY),
        ("2026-07-15T00:00:00.000Z", MONDAY),  # no day to come: the list that was asked for
        ("soon", MONDAY),
        (None, MONDAY),
        (5, MONDAY),
        ("0001-01-01T00:00:00+01:00", MONDAY),
    ],
)
def test_a_paper_is_in_the_list_of_the_day_on_which_it_was_put_forward(moment, day) -> None:
    for one in (
        item(1, None, submittedOnDailyAt=moment, publishedAt="2026-07-01T00:00:00Z"),
        {"paper": item(1, None, submittedOnDailyAt=moment)},
        {"paper": item(1, None, submittedOnDailyAt=None), "submittedOnDailyAt": moment},
    ):
        haul = read(answer(f"list {MONDAY}", one))
        assert len(haul.papers) == 1
        assert haul.lists[0].batch.listed == day
        assert len(haul.lists[0].batch.ids) == 1


@pytest.mark.parametrize(
    ("days", "listed"),
    [
        ([TODAY, MONDAY, MONDAY - DAY], MONDAY),
        ([MONDAY - 3 * DAY], MONDAY - 3 * DAY),
        ([], None),
    ],
)
def test_the_list_is_the_one_that_is_due_or_the_newest_there_is(days, listed) -> None:
    (found,) = read(answer(f"list {TODAY}"), *lists(*days, of=2)).lists
    assert (found.batch.listed, found.batch.due) == (listed, MONDAY)
    assert len(found.batch.ids) == (2 if listed else 0)
    assert (found.batch.rest, found.batch.trouble, found.batch.usable) == ("", "", True)


def test_a_list_that_is_empty_where_the_next_is_not_is_missing() -> None:
    (found,) = read(answer(f"list {MONDAY}"), *lists(TODAY, MONDAY - DAY)).lists
    assert found.batch.listed == TODAY
    assert (
        found.batch.trouble
        == f"its list of Monday {MONDAY} is empty, though that of {TODAY} is not"
    )


def test_on_a_monday_morning_the_list_of_friday_is_due_and_an_empty_weekend_is_no_wonder() -> None:
    now = NOW - DAY
    friday = now.date() - 3 * DAY
    (found,) = read(answer(f"list {now.date()}"), *lists(friday), now=now).lists
    assert (found.batch.listed, found.batch.due) == (friday, friday)
    assert found.batch.rest == "hardly anything is listed at weekends"


@pytest.mark.parametrize(
    ("came", "before", "covered"),
    [
        ([0, 1, 2], None, 1),  # the window begins two days ago, and the day before counts as read
        ([0, 1], None, 3),
        ([0, 2], None, 2),
        ([0, 1], 2, 1),
        ([0, 2], 2, 2),
        ([0, 1, 2], 9, 1),
        ([0], 1, 1),
        ([0, 1, 2], 0, 0),
        ([1, 2], 1, 1),
    ],
)
def test_covered_is_the_last_day_that_is_over_with_no_list_missing_before_it(
    came, before, covered
) -> None:
    answers = lists(*(TODAY - back * DAY for back in came))
    known = None if before is None else TODAY - before * DAY
    (found,) = read(*answers, covered=known).lists
    assert found.covered == TODAY - covered * DAY


def test_a_first_gathering_that_read_everything_is_covered_up_to_yesterday() -> None:
    for window in (1, 3, 14):
        days = [TODAY - back * DAY for back in range(window)]
        assert read(*lists(*days), window=window).lists[0].covered == MONDAY


def test_a_missing_list_is_told_until_it_was_read_once() -> None:
    failed = answer(f"list {MONDAY}", failure="HTTP 500, 3 times")
    (found,) = read(*lists(TODAY, MONDAY - DAY), failed).lists
    assert found.batch.trouble == f"its list of {MONDAY}: HTTP 500, 3 times"
    assert found.batch.usable
    assert found.covered == MONDAY - DAY
    (found,) = read(*lists(TODAY, MONDAY - DAY), failed, covered=MONDAY).lists
    assert (found.batch.trouble, found.covered) == ("", MONDAY)


@pytest.mark.parametrize("kind", ["trending", "paper 2607.00001"])
def test_what_else_fails_makes_no_list_incomplete(kind: str) -> None:
    haul = read(*lists(TODAY, MONDAY), answer(kind, failure="HTTP 404"))
    assert haul.lists[0].batch.trouble == ""
    assert len(haul.papers) == 2


@pytest.mark.parametrize(
    ("end", "count"), [(b"", 2), (b', {"title": "cu', 2), (b", \xff", 2), (b"]", 2)]
)
def test_a_list_that_breaks_off_brings_what_came_and_is_not_whole(end: bytes, count: int) -> None:
    body = json.dumps([item(1), item(2)]).encode()[:-1] + end
    haul = read(*lists(TODAY, MONDAY - DAY), answer(f"list {MONDAY}", body=body))
    (found,) = haul.lists
    assert len(found.batch.ids) == count
    whole = end == b"]"
    assert found.batch.trouble == ("" if whole else f"its list of {MONDAY}: it breaks off")
    assert found.covered == (MONDAY if whole else MONDAY - DAY)


def test_where_no_list_came_the_first_reason_is_told_and_nothing_is_covered_by_it() -> None:
    first = answer(f"list {TODAY}", failure="no answer in time, 3 times")
    for known in (None, MONDAY - DAY):
        (found,) = read(first, answer("trending", item(1)), covered=known).lists
        assert (found.batch.usable, found.batch.trouble) == (False, "no answer in time, 3 times")
        assert (found.batch.due, found.batch.ids, found.covered) == (MONDAY, frozenset(), known)
    assert read().lists[0].batch.trouble == "not asked"


def test_what_is_said_of_one_paper_is_an_update_and_not_put_forward() -> None:
    bare = json.dumps(item(1, upvotes=7)).encode()
    haul = read(*lists(MONDAY), answer("paper 2607.00001", body=bare))
    assert [(str(paper.id), paper.votes) for paper in haul.updates] == [("arxiv:2607.00001", 7)]
    assert PaperId("arxiv:2607.00001") not in {paper.id for paper in haul.papers}


def test_a_work_of_two_days_is_one_paper_in_both_lists() -> None:
    one, again = item(1, MONDAY - DAY), item(1, MONDAY, upvotes=30)
    haul = read(answer(f"list {MONDAY - DAY}", one), answer(f"list {MONDAY}", again))
    (paper,) = haul.papers
    assert paper.votes == 30
    assert haul.lists[0].batch.ids == {paper.id}


def test_a_page_after_the_first_belongs_to_the_same_list() -> None:
    pages = [
        answer(f"list {MONDAY}", *(item(100 * page + n) for n in range(100))) for page in (0, 1)
    ]
    haul = read(*pages)
    assert len(haul.papers) == len(haul.lists[0].batch.ids) == 200


@pytest.mark.parametrize(
    ("octets", "trouble"),
    [
        (b"[]", ""),
        (b" \n[]\n", ""),
        (b" \n[", "it breaks off"),
        (b'[{"title": "T', "it breaks off"),
        (b'[{"title": "T"}', "it breaks off"),
        (b'[{"title": 5}, 7]', ""),
        (b'[{"a":' * 100_000, "it breaks off"),
        (b'[{"votes": ' + b"9" * 5_000 + b"}]", "it breaks off"),
        (b'{"error": "busy"}', "no list of papers"),
        (b"", "an empty answer"),
        (b"  ", "an empty answer"),
        (b"<!doctype html>", "a web page instead of a list of papers"),
        (b"Too many requests", "no list of papers"),
    ],
)
def test_an_answer_that_is_no_list_is_told_in_words(octets: bytes, trouble: str) -> None:
    assert no_list(octets) == trouble
    assert isinstance(no_list(octets), BreaksOff) == (trouble in {"", "it breaks off"})


def test_of_many_faults_the_first_hundred_are_told_and_where_it_breaks_off() -> None:
    haul = read(answer(f"list {MONDAY}", body=b"[" + b"{}," * 60_000))
    assert len(haul.faults) == 102
    assert haul.faults[100].reason == "more than 50,000 records"
    assert str(haul.faults[101]) == f"Hugging Face, list {MONDAY}: and 49,900 more"
    assert no_list(b"[" + b"{}," * 60_000 + b"{}]") == "it breaks off"
    haul = read(answer(f"list {MONDAY}", *[{}] * 101, item(1, MONDAY)))
    assert [fault.reason for fault in haul.faults[99:]] == [
        'item 100: "title" is missing',
        "and 1 more",
    ]
    assert len(haul.papers) == 1


def test_an_answer_about_one_paper_is_an_object() -> None:
    assert no_paper(b' {"id": "2607.00001"}') == ""
    assert no_paper(b"[]") == "no paper"
    assert no_paper(b"<html>") == "a web page instead of a paper"


@given(
    st.lists(
        st.tuples(
            st.sampled_from([f"list {MONDAY}", f"list {TODAY}", "trending", "paper 2607.00001"]),
            st.binary(max_size=60)
            | st.recursive(
                st.none() | st.integers() | st.text(max_size=5),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(["paper", "title", "summary", "id", "submittedOnDailyAt"]),
                        inner,
                    )
                ),
                max_leaves=6,
            ).map(lambda value: json.dumps(value).encode()),
            st.sampled_from(["", "HTTP 500"]),
        ),
        max_size=4,
    )
)
def test_any_answers_make_a_haul(answers) -> None:
    haul = read(*(answer(kind, failure=failure, body=body) for kind, body, failure in answers))
    assert len(haul.lists) == 1
    assert haul.lists[0].covered is None or haul.lists[0].covered <= MONDAY
