"""What readers asked more and less of, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from subscribers import roster, taste
from subscribers.addresses import Address
from subscribers.model import Consent, Preferences
from subscribers.roster import Enrolment, Outcome
from subscribers.taste import MOST_READ, Taste

NOW = datetime(2026, 3, 29, 5, 30, tzinfo=UTC)
UNKNOWN = 999


def later(seconds):
    return NOW + timedelta(seconds=seconds)


def enrolled(connection, name="ada"):
    consent = Consent("asked in person", "the desk", NOW)
    address = Address.parse(f"{name}@example.org")
    return roster.enrol(connection, address, "", Preferences(), consent).number


@pytest.fixture
def connection(store):
    with store.writing() as connection:
        yield connection


@pytest.fixture
def ada(connection):
    return enrolled(connection)


def hers(connection, number):
    return taste.of(connection, [number])[number]


def test_what_she_asked_is_read_newest_first(connection, ada):
    for second, (paper, more) in enumerate([("b", True), ("a", True), ("d", False), ("c", True)]):
        taste.ask(connection, ada, paper, more, later(second))
    assert hers(connection, ada) == Taste(("c", "a", "b"), ("d",))
    assert hers(connection, ada).papers == ("c", "a", "b", "d")


def test_what_she_asked_in_the_same_second_stands_in_the_order_of_the_papers(connection, ada):
    for paper in ("b", "c", "a"):
        taste.ask(connection, ada, paper, True, NOW)
    assert hers(connection, ada).more == ("a", "b", "c")


def test_asking_again_takes_the_place_of_what_she_asked(connection, ada):
    taste.ask(connection, ada, "a", True, NOW)
    taste.ask(connection, ada, "b", True, later(1))
    taste.ask(connection, ada, "a", True, later(2))
    assert hers(connection, ada) == Taste(("a", "b"))
    taste.ask(connection, ada, "a", False, later(3))
    assert hers(connection, ada) == Taste(("b",), ("a",))


def test_nobody_asks_for_who_is_not_there(connection, ada):
    taste.ask(connection, ada, "a", True, NOW)
    roster.erase(connection, ada, NOW)
    for number in (ada, UNKNOWN):
        taste.ask(connection, number, "a", True, NOW)
        assert hers(connection, number) == Taste()


def test_what_is_forgotten_is_as_if_she_had_not_asked(connection, ada):
    bob = enrolled(connection, "bob")
    for number in (ada, bob):
        for paper in ("a", "b", "c"):
            taste.ask(connection, number, paper, paper != "c", NOW)
    assert taste.forget(connection, ada, "a") is True
    assert taste.forget(connection, ada, "a") is False
    assert hers(connection, ada) == Taste(("b",), ("c",))
    assert taste.reset(connection, ada, NOW) == 2
    assert taste.reset(connection, ada, NOW) == 0
    assert taste.of(connection, [ada, bob]) == {ada: Taste(), bob: Taste(("a", "b"), ("c",))}


def test_what_was_set_aside_can_be_brought_back_for_a_day_as_it_was(connection, ada):
    for second, (paper, more) in enumerate([("b", True), ("a", True), ("c", False)]):
        taste.ask(connection, ada, paper, more, later(second))
    before, day = hers(connection, ada), timedelta(days=1)
    taste.reset(connection, ada, later(9))
    assert taste.named(connection) == set()
    assert taste.set_aside(connection, ada, later(9) + day) == 0
    assert taste.bring_back(connection, ada, later(9) + day) == 0
    assert taste.forget_set_aside(connection, later(8) + day) == 0
    assert taste.set_aside(connection, ada, later(8) + day) == 3
    assert taste.bring_back(connection, ada, later(8) + day) == 3
    assert hers(connection, ada) == before
    assert taste.set_aside(connection, ada, later(9)) == 0
    taste.reset(connection, ada, later(9))
    assert taste.forget_set_aside(connection, later(9) + day) == 3
    assert taste.bring_back(connection, ada, later(9)) == 0


def test_what_she_asks_after_a_reset_stays_hers(connection, ada):
    for paper in ("a", "b", "c"):
        taste.ask(connection, ada, paper, True, NOW)
    taste.reset(connection, ada, later(1))
    taste.ask(connection, ada, "a", False, later(2))
    begun = Enrolment(ada, Outcome.UNCHANGED)
    assert taste.begin(connection, begun, Taste((), ("b",)), later(3)) is Outcome.UPDATED
    assert taste.forget(connection, ada, "c") is False
    assert hers(connection, ada) == Taste((), ("b", "a"))
    assert taste.bring_back(connection, ada, later(4)) == 1
    assert hers(connection, ada) == Taste(("c",), ("b", "a"))


def test_only_the_newest_of_each_kind_are_read(connection, ada):
    papers = [f"{n:03}" for n in range(MOST_READ + 3)]
    for second, paper in enumerate(papers):
        taste.ask(connection, ada, paper, True, later(second))
        taste.ask(connection, ada, f"-{paper}", False, later(second))
    read = hers(connection, ada)
    assert read.more == tuple(reversed(papers[3:]))
    assert read.less == tuple(f"-{paper}" for paper in read.more)
    everything = taste.of(connection, [ada], most=None)[ada]
    assert len(everything.more) == len(everything.less) == len(papers)


def test_the_tastes_of_many_are_read_in_one_query(connection):
    numbers = [enrolled(connection, f"reader{n}") for n in range(20)]
    for number in numbers[::2]:
        taste.ask(connection, number, f"paper {number}", True, NOW)
    queries = []
    event.listen(connection, "before_cursor_execute", lambda *call: queries.append(call[2]))
    found = taste.of(connection, numbers)
    assert list(found) == numbers
    assert [found[number] for number in numbers[::2]] == [
        Taste((f"paper {number}",)) for number in numbers[::2]
    ]
    assert {found[number] for number in numbers[1::2]} == {Taste()}
    assert len(queries) == 1
    assert taste.of(connection, []) == {}


def test_a_taste_begins_with_what_she_has_not_spoken_of(connection, ada):
    taste.ask(connection, ada, "a", False, NOW)
    picked = Taste(("a", "b", "b", "c"), ("d",))
    for outcome, came_to in [
        (Outcome.UNCHANGED, Outcome.UPDATED),
        (Outcome.UNCHANGED, Outcome.UNCHANGED),
        (Outcome.UPDATED, Outcome.UPDATED),
        (Outcome.ADDED, Outcome.ADDED),
    ]:
        assert taste.begin(connection, Enrolment(ada, outcome), picked, later(5)) is came_to
    assert hers(connection, ada) == Taste(("b", "c"), ("d", "a"))
