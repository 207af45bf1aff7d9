"""She hears of every change, at most once an hour, with what was before."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from subscribers import leaving, roster, tables, taste, telling
from subscribers.addresses import Address
from subscribers.model import Consent, Frequency, Preferences, State
from subscribers.terms import Terms

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA = Address.parse("ada@example.org")


def enrolled(connection):
    consent = Consent("asked", "form", NOW)
    return roster.enrol(connection, ADA, "Ada", Preferences(), consent).number


def standing(connection, number):
    return telling.terms_of(connection, roster.get(connection, number))


def changed(connection, number, now, **wishes):
    before = standing(connection, number)
    wanted = replace(before.preferences, **wishes)
    roster.change(connection, number, wanted, now)
    return telling.tell(connection, number, before, now)


def test_what_changes_within_the_hour_is_told_after_it_with_what_she_last_knew(connection):
    number = enrolled(connection)
    first = changed(connection, number, NOW, topics=("nlp",))
    assert (first.before.preferences.topics, first.now.preferences.topics) == ((), ("nlp",))
    telling.heard(connection, number, first.now)
    assert changed(connection, number, NOW + HOUR / 2, hour=3) is None
    before = standing(connection, number)
    roster.pause(connection, number, date(2026, 12, 24), NOW + HOUR / 2)
    assert telling.tell(connection, number, before, NOW + HOUR / 2) is None
    assert telling.untold(connection, NOW + HOUR - timedelta(seconds=1)) == []
    assert telling.untold(connection, NOW + HOUR) == [number]
    news = telling.tell_now(connection, number, NOW + HOUR)
    assert news.before == first.now
    assert news.now == Terms(
        State.PAUSED, date(2026, 12, 24), Preferences(topics=("nlp",), hour=3), 0
    )
    telling.heard(connection, number, news.now)
    assert telling.untold(connection, NOW + 2 * HOUR) == []


def test_what_was_not_heard_is_told_again_and_what_is_as_it_was_never(connection):
    number = enrolled(connection)
    first = changed(connection, number, NOW, hour=3)
    assert telling.tell_now(connection, number, NOW + HOUR) == first
    changed(connection, number, NOW + HOUR, hour=None)
    assert telling.untold(connection, NOW + 2 * HOUR) == []


def test_what_changed_while_the_mail_was_under_way_is_still_to_be_told(connection):
    number = enrolled(connection)
    first = changed(connection, number, NOW, hour=3)
    changed(connection, number, NOW, hour=4)
    telling.heard(connection, number, first.now)
    news = telling.tell_now(connection, number, NOW + HOUR)
    assert (news.before.preferences.hour, news.now.preferences.hour) == (3, 4)


def test_a_taste_that_was_forgotten_is_news(connection):
    number = enrolled(connection)
    taste.ask(connection, number, "arxiv:2603.00001", True, NOW)
    before = standing(connection, number)
    taste.reset(connection, number, NOW)
    news = telling.tell(connection, number, before, NOW)
    assert (news.before.tastes, news.now.tastes) == (1, 0)


def test_nobody_who_left_is_told(connection):
    number = enrolled(connection)
    changed(connection, number, NOW, hour=3)
    roster.withdraw(connection, number, NOW)
    assert telling.untold(connection, NOW + HOUR) == []


STEPS = st.lists(
    st.tuples(st.sampled_from(list(Frequency)), st.integers(0, 90), st.booleans()), max_size=12
)


@given(STEPS)
def test_whatever_changes_and_whatever_is_lost_the_mails_tell_all_of_it_in_one_line(steps):
    """Each mail begins where the last one that arrived ended, and the last ends at the present."""
    engine = create_engine("sqlite://")
    tables.metadata.create_all(engine)
    with engine.begin() as connection:
        number, now, known = enrolled(connection), NOW, None
        known = standing(connection, number)
        sent_at = []
        for frequency, minutes, arrives in [*steps, (None, 60, True)]:
            now += timedelta(minutes=minutes)
            if frequency is None:
                news = telling.tell_now(connection, number, now)
            else:
                news = changed(connection, number, now, frequency=frequency)
            if news is None:
                continue
            assert news.before == known != news.now
            sent_at.append(now)
            if arrives:
                known = news.now
                telling.heard(connection, number, known)
        assert known == standing(connection, number)
        assert all(b - a >= HOUR for a, b in pairwise(sent_at))
    engine.dispose()


def test_who_leaves_has_nothing_to_hear_of_what_went_before(connection):
    number = enrolled(connection)
    changed(connection, number, NOW, topics=("nlp",))
    before = standing(connection, number)
    leaving.leave(connection, number, "link", NOW + HOUR)
    gone = standing(connection, number)
    assert leaving.come_back(connection, number, "link", NOW + HOUR)
    news = telling.tell(connection, number, gone, NOW + 2 * HOUR)
    assert (news.before.state, news.now) == (State.UNSUBSCRIBED, before)
