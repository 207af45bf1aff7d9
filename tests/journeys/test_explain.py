"""`newsletter explain`: why in, why out, at which place."""

import pytest

from tests.journeys.place import Place
from tests.journeys.test_morning import MORNING, PAPERS, READERS, jsonl

TOMORROW = ("--day", "2026-03-14", "--now", "2026-03-14T08:10:00Z")


@pytest.fixture
def sent(place: Place) -> Place:
    place.write("readers.csv", READERS)
    place("subscribers", "import", "readers.csv", "--consent", "asked in person")
    place.write("papers.jsonl", jsonl(PAPERS))
    place("run", "--papers", "papers.jsonl", *MORNING)
    return place


def why(place: Place, *words: str, now: tuple[str, ...] = MORNING[2:]) -> str:
    return place("explain", *words, *now).out


def test_a_mail_is_explained_paper_by_paper_with_the_parts_of_each_score(sent: Place) -> None:
    told = why(sent, "ada@example.org")
    assert "ada@example.org: active; daily at 7:00, Europe/Berlin\n" in told
    assert "Edition No. 1 of 2026-03-13 (fresh): 4 papers, 4 new\n" in told
    assert "Her mail with 2 papers is sent" in told
    printed = sent.mails()[0].get_body(("plain",)).get_content()
    for line in told.splitlines():
        if " = " in line:
            largest = line.partition(" = ")[2].split(" ", 1)[1].partition(" + ")[0]
            assert largest in printed
    assert "Trending: 50 votes" in told


@pytest.mark.parametrize(
    ("reader", "paper", "telling"),
    [
        ("ada", "2603.00001", "It is in her mail: You follow"),
        ("ada", "2603.00002", "not in her mail: it meets none of her wishes"),
        ("gus", "Seeing images", "not in her mail: she muted the topic Computer vision"),
        ("dee", "2603.00003", "It is in her mail: Keyword: protein folding"),
        ("cyd", "2603.00004", "not in her mail: it is number"),
    ],
)
def test_a_paper_is_in_her_mail_or_not_for_a_reason(
    sent: Place, reader: str, paper: str, telling: str
) -> None:
    told = why(sent, f"{reader}@example.org", paper)
    assert telling in told
    assert "of 4 in edition No. 1 of 2026-03-13, and entered on 2026-03-13." in told


def test_what_she_was_sent_before_is_told_the_next_day(sent: Place) -> None:
    sent("run", *TOMORROW)
    told = why(sent, "ada@example.org", "2603.00001", now=TOMORROW[2:])
    assert "It is not in her mail: she was sent it before." in told
    assert "There was no mail for her: what she would want she has been sent" in why(
        sent, "ada@example.org", now=TOMORROW[2:]
    )


def test_a_dropped_paper_and_a_later_one_are_not_in_the_edition(sent: Place) -> None:
    sent("curate", "drop", "2603.00002", *MORNING[2:])
    late = [("2603.00009", "A paper that came too late", "cs.CV", 3, "A. B")]
    sent.write("late.jsonl", jsonl(late))
    sent("gather", "--papers", "late.jsonl", *MORNING)
    assert "it stands in the next one" in why(sent, "ada@example.org", "2603.00009")
    sent("publish", *TOMORROW)
    told = why(sent, "ada@example.org", "2603.00002", now=TOMORROW[2:])
    assert "It is not in edition No. 2 of 2026-03-14: the curator dropped it." in told


def test_a_reader_who_is_not_due_is_told_what_she_would_get(sent: Place) -> None:
    told = why(sent, "eve@example.org")
    assert "weekly on Mon at 7:00" in told
    assert "She is not due now (her clock struck Monday 07:00, and that is answered)" in told
    assert "By an author you follow: G. Hopper" in told
    told = why(sent, "fay@example.org")
    assert "There was no mail for her: no paper of the edition meets her wishes" in told


def test_nobody_and_nothing_are_wrong_uses(sent: Place) -> None:
    assert "nobody subscribes" in sent("explain", "zoe@example.org", code=64).err
    assert "newsletter curate add" in sent("explain", "ada@example.org", "2601.00001", code=64).err
    assert (
        "no edition of 2020-01-01"
        in sent("explain", "ada@example.org", "--day", "2020-01-01", code=64).err
    )
