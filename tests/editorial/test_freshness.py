import re
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.freshness import (
    Batch,
    Freshness,
    Past,
    Patience,
    Verdict,
    fingerprint,
    judged,
    of_the_day,
    waits,
)
from newsletter.editorial.papers import PaperId

FRIDAY = date(2026, 4, 24)
MONDAY = date(2026, 4, 27)
SATURDAY = "nothing is announced on Saturdays"
USUAL = Past(counts=(100, 120, 110))


def ids(number: int, first: int = 1) -> frozenset[PaperId]:
    found = (PaperId.parse(f"2604.{first + n:05}") for n in range(number))
    return frozenset(identity for identity in found if identity)


def batch(
    number: int = 0, listed: date | None = MONDAY, due: date | None = MONDAY, **more
) -> Batch:
    return Batch("arXiv cs.AI", listed, due, ids=ids(number), **more)


@pytest.mark.parametrize(
    ("one", "past", "new", "sentence"),
    [
        (batch(100), Past(), 100, "fresh: 100 new papers of Monday 2026-04-27"),
        (batch(100), USUAL, 1, "fresh: 1 new paper of Monday 2026-04-27"),
        (batch(3, listed=None, due=None), Past(), 2, "fresh: 2 new papers"),
        (batch(3, due=FRIDAY), Past(), 3, "fresh: 3 new papers of Monday 2026-04-27"),
        (batch(44), USUAL, 44, "fresh: 44 new papers of Monday 2026-04-27"),
        (batch(1), Past(counts=(100, 120)), 1, "fresh: 1 new paper of Monday 2026-04-27"),
        (batch(1), Past(counts=(9, 9, 9)), 1, "fresh: 1 new paper of Monday 2026-04-27"),
        (batch(0, rest=SATURDAY), USUAL, 0, f"quiet: {SATURDAY}"),
        (batch(0, listed=None, due=None, rest="no file waits in it"), USUAL, 0, "quiet: no file"),
        (
            batch(100),
            USUAL,
            0,
            "quiet: all of its papers of Monday 2026-04-27 have been in an edition",
        ),
        (
            batch(100, rest=SATURDAY),
            USUAL,
            0,
            "quiet: all of its papers of Monday 2026-04-27 have been in an edition",
        ),
        (
            batch(0),
            Past(working_days=(1, 0, 2)),
            0,
            "quiet: its list of Monday 2026-04-27 is empty, as so short a list may be",
        ),
        (
            batch(100, listed=FRIDAY),
            USUAL,
            100,
            "stale: its newest list is of Friday 2026-04-24, and that of Monday 2026-04-27 is due",
        ),
        (
            batch(0, listed=None),
            USUAL,
            0,
            "stale: it is empty, and that of Monday 2026-04-27 is due",
        ),
        (
            batch(0),
            USUAL,
            0,
            "stale: its list of Monday 2026-04-27 is empty, though papers are due",
        ),
        (
            batch(0),
            Past(counts=(1, 2)),
            0,
            "stale: its list of Monday 2026-04-27 is empty, though papers are due",
        ),
        (
            batch(100),
            Past(FRIDAY, fingerprint(ids(100))),
            0,
            "stale: its list of Monday 2026-04-27 is that of Friday 2026-04-24 again",
        ),
        (
            batch(100, trouble="HTTP 500"),
            Past(FRIDAY, fingerprint(ids(100))),
            0,
            "stale: its list of Monday 2026-04-27 is that of Friday 2026-04-24 again; HTTP 500",
        ),
        (batch(100), Past(MONDAY, fingerprint(ids(100))), 100, "fresh: 100 new papers"),
        (batch(100), Past(None, fingerprint(ids(100))), 100, "fresh: 100 new papers"),
        (batch(100), Past(FRIDAY, fingerprint(ids(99))), 100, "fresh: 100 new papers"),
        (batch(0, rest=SATURDAY), Past(FRIDAY, fingerprint(())), 0, f"quiet: {SATURDAY}"),
        (batch(100, trouble="it breaks off"), USUAL, 100, "partial: it breaks off"),
        (batch(0, trouble="it breaks off", rest=SATURDAY), USUAL, 0, "partial: it breaks off"),
        (batch(43), USUAL, 43, "partial: 43 papers, where a Monday usually brings 110"),
        (batch(1), USUAL, 0, "partial: 1 paper, where a Monday usually brings 110"),
        (
            batch(3, listed=None, due=None),
            Past(counts=(10, 10, 10)),
            3,
            "partial: 3 papers, where a day usually brings 10",
        ),
        (batch(100, usable=False, trouble="HTTP 503"), USUAL, 0, "broken: HTTP 503"),
        (batch(0, listed=None, usable=False, trouble="HTTP 503"), Past(), 0, "broken: HTTP 503"),
    ],
)
def test_a_list_is_judged_with_a_word_and_a_reason(
    one: Batch, past: Past, new: int, sentence: str
) -> None:
    verdict = judged(one, past, new)
    assert verdict.sentence.startswith(f"arXiv cs.AI: {sentence}")
    assert verdict.sentence.split(": ")[1] == verdict.freshness
    assert not verdict.sentence.endswith((".", " ", ":", ";"))


@given(
    number=st.integers(0, 200),
    new=st.integers(0, 200),
    listed=st.none() | st.just(MONDAY) | st.just(FRIDAY),
    due=st.none() | st.just(MONDAY),
    rest=st.sampled_from(["", SATURDAY]),
    trouble=st.sampled_from(["", "it breaks off"]),
    counts=st.lists(st.integers(1, 300), max_size=8),
)
def test_whatever_a_list_held_trouble_is_never_good_and_fresh_means_new(
    number, new, listed, due, rest, trouble, counts
) -> None:
    new = min(new, number)
    one = batch(number, listed=listed, due=due, rest=rest, trouble=trouble)
    verdict = judged(one, Past(FRIDAY, fingerprint(ids(7)), tuple(counts)), new)
    assert not (trouble and verdict.is_good)
    assert (verdict.freshness is not Freshness.FRESH) or new > 0
    assert (verdict.freshness is not Freshness.QUIET) or new == 0
    if due and (listed is None or listed < due):
        assert verdict.freshness is Freshness.STALE
    assert verdict.freshness is not Freshness.BROKEN


def verdict(word: Freshness, name: str = "list") -> Verdict:
    return Verdict(word, f"{name}: {word}: a reason")


EVERY = list(Freshness)


@pytest.mark.parametrize(
    ("words", "word"),
    [
        ("fresh", "fresh"),
        ("quiet", "quiet"),
        ("fresh quiet", "fresh"),
        ("fresh stale", "stale"),
        ("quiet stale", "stale"),
        ("fresh partial", "partial"),
        ("stale partial", "stale"),
        ("fresh broken", "partial"),
        ("quiet broken", "partial"),
        ("stale broken", "stale"),
        ("partial broken", "partial"),
        ("broken broken", "broken"),
        ("fresh stale partial broken quiet", "stale"),
    ],
)
def test_the_day_is_as_its_worst_list_and_broken_only_where_nothing_came(words, word) -> None:
    assert of_the_day([verdict(Freshness(one)) for one in words.split()]).freshness == word


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_order_of_lists_changes_nothing_but_the_order_of_what_is_told(size: int) -> None:
    for words in product(EVERY, repeat=size):
        verdicts = [verdict(word, f"list {n}") for n, word in enumerate(words)]
        day, backwards = of_the_day(verdicts), of_the_day(verdicts[::-1])
        assert day.freshness is backwards.freshness
        assert sorted(re.findall(r"\w+", day.sentence)) == sorted(
            re.findall(r"\w+", backwards.sentence)
        )
        assert day.is_good == all(one.is_good for one in verdicts)
        assert (day.freshness is Freshness.BROKEN) == (set(words) == {Freshness.BROKEN})
        told = {f"list {n}" for n, one in enumerate(verdicts) if day.is_good or not one.is_good}
        assert set(re.findall(r"list \d", day.sentence)) == told


def test_what_is_the_same_of_several_lists_is_said_once() -> None:
    broken = Freshness.BROKEN
    day = of_the_day([verdict(broken, "list 0"), verdict(broken, "list 1")])
    one = verdict(broken, "list 0").sentence
    assert day.sentence == one.replace("list 0", "list 0, list 1")


def test_a_day_on_which_nothing_was_asked_is_quiet() -> None:
    assert of_the_day([]) == Verdict(Freshness.QUIET, "")


UNTIL = datetime(2026, 4, 27, 10, tzinfo=UTC)


@pytest.mark.parametrize("word", EVERY)
@pytest.mark.parametrize("for_partial", [True, False])
def test_a_run_waits_for_what_is_missing_until_its_patience_ends(word, for_partial) -> None:
    patience = Patience(UNTIL, for_partial=for_partial)
    missing = word in {Freshness.STALE, Freshness.BROKEN, Freshness.PARTIAL}
    waited = missing and (for_partial or word is not Freshness.PARTIAL)
    assert waits(verdict(word), patience, UNTIL - timedelta(seconds=1)) is waited
    assert not waits(verdict(word), patience, UNTIL)
    assert not waits(verdict(word), patience, UNTIL + timedelta(days=1))


@given(st.lists(st.integers(0, 99), unique=True), st.randoms())
def test_a_fingerprint_is_the_papers_whatever_their_order(numbers, random) -> None:
    papers = [one for n in numbers for one in ids(1, n + 1)]
    shuffled = random.sample(papers, len(papers))
    assert fingerprint(papers) == fingerprint(shuffled) == fingerprint(iter(papers))
    assert len(fingerprint(papers)) == 32
    assert not papers or fingerprint(papers) != fingerprint(papers[1:])
