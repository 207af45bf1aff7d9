from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.diversity import Threads
from newsletter.editorial.editions import Edition, Listing
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.ranking import Standing

DAY = date(2026, 4, 20)
FILL = "It was measured on things of many kinds with care and without haste"
PAPERS = [
    ("Radiance fields at dusk", "radiance fields render what a camera saw before night fell"),
    ("Faster radiance fields", "radiance fields of a million pixels are trained in minutes"),
    ("What radiance fields forget", "glass, smoke and mirrors are where radiance fields go wrong"),
    ("Counting whales by their songs", "whales are counted by songs heard under water"),
    ("Proofs that check themselves", "a proof assistant checks its kernel"),
    ("Soil and its slow memory", "soil remembers drought for years"),
]


def edition(papers: list[tuple[str, str]]) -> Edition:
    listings = [
        Listing(Paper(PaperId.of_title(t), t, f"{a}. {FILL}."), DAY, (), Standing(0.5, ""))
        for t, a in papers
    ]
    return Edition(1, DAY, tuple(listings))


THREADS = Threads(edition(PAPERS))


def test_a_third_paper_of_one_thread_stands_back() -> None:
    assert THREADS.spread(range(6), 4) == [0, 1, 3, 4]


def test_where_there_is_room_it_follows() -> None:
    assert THREADS.spread(range(6), 6) == [0, 1, 3, 4, 5, 2]
    assert THREADS.spread([2, 1, 0], 3) == [2, 1, 0]
    assert THREADS.spread([0, 1, 2], 2) == [0, 1]


def test_of_one_thing_told_twice_one_is_enough() -> None:
    told = Threads(edition([PAPERS[3], PAPERS[3], PAPERS[4], PAPERS[5]]))
    assert told.spread(range(4), 2) == [0, 2]
    assert told.spread(range(4), 4) == [0, 2, 3, 1]


@pytest.mark.parametrize("place", range(6))
def test_a_paper_is_nearest_to_itself(place: int) -> None:
    near = THREADS.cosines(place)
    assert near[place] == pytest.approx(1)
    assert near.argmax() == place


@given(st.permutations(range(6)), st.integers(0, 8))
def test_spreading_loses_only_what_there_is_no_room_for(order: list[int], count: int) -> None:
    spread = THREADS.spread(order, count)
    assert len(spread) == min(count, 6)
    assert len(set(spread)) == len(spread)
    assert set(spread) <= set(order)
    assert not spread or spread[0] == order[0]


def test_an_edition_without_words_has_no_threads() -> None:
    blank = Threads(edition([("?", ""), ("!", "")]))
    assert blank.spread(range(2), 2) == [0, 1]
