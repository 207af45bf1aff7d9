import pytest

from newsletter.editorial.freshness import Freshness, freshness


@pytest.mark.parametrize(
    ("entered_today", "word"),
    [(0, Freshness.QUIET), (1, Freshness.FRESH), (500, Freshness.FRESH)],
)
def test_one_new_paper_makes_a_day_fresh(entered_today: int, word: Freshness) -> None:
    assert freshness(entered_today) is word
