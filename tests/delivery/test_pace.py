import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.pace import Pace, back_off


def test_without_limits_nothing_waits() -> None:
    pace = Pace()
    for _ in range(9):
        assert pace.wait("a.test", 5.0) == 0
        pace.leave("a.test", 5.0)


def test_a_rate_spreads_the_mails_of_all_domains_evenly() -> None:
    pace = Pace(rate=4)
    left = []
    now = 100.0
    for number in range(5):
        domain = f"{number}.test"
        wait = pace.wait(domain, now)
        assert wait is not None
        now += wait
        pace.leave(domain, now)
        left.append(now)
    assert left == pytest.approx([100.0, 100.25, 100.5, 100.75, 101.0])


def test_a_domain_has_no_more_on_the_wire_than_it_may() -> None:
    pace = Pace(per_domain=2)
    pace.leave("a.test", 0)
    assert pace.wait("a.test", 0) == 0
    pace.leave("a.test", 0)
    assert pace.wait("a.test", 0) is None
    assert pace.wait("b.test", 0) == 0
    pace.arrived("a.test")
    assert pace.wait("a.test", 0) == 0


def test_a_domain_that_asks_for_patience_gets_it_and_others_go_on() -> None:
    pace = Pace()
    pace.slow("a.test", 60.0)
    pace.slow("a.test", 30.0)
    assert pace.wait("a.test", 10.0) == 50
    assert pace.wait("b.test", 10.0) == 0
    assert pace.wait("a.test", 61.0) == 0


def test_some_dead_addresses_are_no_news_and_most_of_a_hundred_are() -> None:
    pace = Pace()
    assert not any(pace.watch(refused=True) for _ in range(19))
    assert pace.watch(refused=True)
    mixed = Pace()
    assert not any(mixed.watch(refused=number % 2 == 1) for number in range(1000))
    assert any(mixed.watch(refused=True) for _ in range(30))


@given(st.floats(0.1, 900), st.integers(0, 60), st.integers(0, 10**9))
def test_each_delay_is_longer_within_bounds_and_the_same_again(
    first: float, attempts: int, number: int
) -> None:
    delay = back_off(first, attempts, number)
    assert 1 <= delay <= 4 * 3600 * 1.2
    assert back_off(first, attempts, number) == delay
    assert back_off(first, attempts + 2, number) >= delay
