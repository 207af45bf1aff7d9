from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.ranking import Standing, general_score, standing

PAPER = Paper(PaperId.of_title("A Work"), "A Work", "")


def signalled(paper: Paper, **signals: Any) -> Paper:
    return replace(paper, **signals)


COUNTS = st.none() | st.integers(0, 10**9)
PLACES = st.none() | st.integers(1, 10**4)
PAPERS = st.builds(
    lambda votes, stars, comments, position: replace(
        PAPER, votes=votes, stars=stars, comments=comments, position=position
    ),
    COUNTS,
    COUNTS,
    COUNTS,
    PLACES,
)
DAY = date(2026, 4, 21)


@given(PAPERS)
def test_a_standing_is_a_number_from_0_to_1_with_words(paper: Paper) -> None:
    found = standing(paper)
    assert 0 <= found.value <= 1
    assert found.words


@given(PAPERS, st.sampled_from(["votes", "stars", "comments"]), st.integers(1, 1000))
def test_more_of_any_signal_never_lowers_a_standing(paper: Paper, signal: str, more: int) -> None:
    better = signalled(paper, **{signal: (getattr(paper, signal) or 0) + more})
    assert standing(better).value >= standing(paper).value


@given(PAPERS, st.integers(1, 100))
def test_an_earlier_place_never_lowers_a_standing(paper: Paper, place: int) -> None:
    better, worse = signalled(paper, position=place), signalled(paper, position=place + 1)
    assert standing(better).value >= standing(worse).value >= 0
    assert standing(better).value >= standing(signalled(paper, position=None)).value


@pytest.mark.parametrize("signal", ["votes", "stars", "comments"])
def test_a_signal_sets_apart_what_a_day_sets_apart(signal: str) -> None:
    values = [standing(signalled(PAPER, **{signal: count})).value for count in (0, 1, 6, 60, 600)]
    assert values == sorted(set(values))


@pytest.mark.parametrize("signal", ["votes", "stars", "comments"])
def test_an_absent_signal_counts_like_none(signal: str) -> None:
    assert standing(signalled(PAPER, **{signal: 0})) == standing(PAPER)
    assert standing(PAPER) == Standing(0.0, "New in this edition")


def test_20_votes_are_half_and_as_good_as_the_first_place() -> None:
    assert standing(signalled(PAPER, votes=20)).value == 0.5
    assert standing(signalled(PAPER, position=1)).value == 0.5
    assert standing(signalled(PAPER, votes=20, position=1)).value == 0.75
    assert standing(signalled(PAPER, position=26)).value == 0.25


@pytest.mark.parametrize(
    ("signals", "words"),
    [
        ({"votes": 1}, "Trending: 1 vote"),
        ({"votes": 1234}, "Trending: 1,234 votes"),
        ({"stars": 1}, "Trending: 1 star on its code"),
        ({"stars": 2500}, "Trending: 2,500 stars on its code"),
        ({"comments": 1}, "Discussed: 1 comment"),
        ({"comments": 12}, "Discussed: 12 comments"),
        ({"position": 3}, "Trending: place 3 at its source"),
        ({"votes": 20, "position": 1}, "Trending: 20 votes"),
        ({"votes": 19, "position": 1}, "Trending: place 1 at its source"),
        ({"votes": 2, "stars": 9000, "comments": 1}, "Trending: 9,000 stars on its code"),
        ({"votes": 0, "comments": 4}, "Discussed: 4 comments"),
    ],
)
def test_the_strongest_signal_gives_the_words(signals: dict[str, int], words: str) -> None:
    assert standing(signalled(PAPER, **signals)).words == words


@given(st.floats(0, 1), st.integers(0, 90))
def test_a_paper_fades_by_a_fifth_every_day_in_the_edition(value: float, days: int) -> None:
    score = general_score(Standing(value, ""), DAY - timedelta(days), DAY)
    assert score == pytest.approx(value * 0.8**days, abs=1e-6)


def test_a_paper_from_tomorrow_counts_no_more_than_todays() -> None:
    half = Standing(0.5, "")
    assert general_score(half, DAY + timedelta(1), DAY) == general_score(half, DAY, DAY) == 0.5
