from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.calendars import (
    arxiv_announces,
    arxiv_cut_off,
    arxiv_due,
    arxiv_missed,
    arxiv_rest,
    eastern_day,
    hugging_face_due,
    hugging_face_rest,
)
from newsletter.source_settings import ArxivSettings

HOLIDAYS = frozenset(ArxivSettings().holidays)
DAY = timedelta(days=1)

days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
holidays = st.frozensets(days, max_size=30) | st.just(HOLIDAYS)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        ("01-15 04:59", "01-14"),
        ("01-15 05:00", "01-15"),
        ("07-15 03:59", "07-14"),
        ("07-15 04:00", "07-15"),
        ("03-08 04:59", "03-07"),  # the night of the change to summer
        ("03-08 05:00", "03-08"),
        ("03-09 03:59", "03-08"),
        ("03-09 04:00", "03-09"),
        ("11-01 03:59", "10-31"),  # and of that to winter
        ("11-01 04:00", "11-01"),
        ("11-02 04:59", "11-01"),
        ("11-02 05:00", "11-02"),
    ],
)
def test_arxiv_s_day_begins_at_its_own_midnight_in_both_seasons(moment: str, there: str) -> None:
    assert eastern_day(utc(moment)) == day(there)


@pytest.mark.parametrize(
    ("listed", "last"),
    [
        ("04-28", "04-27 18:00"),  # Tuesday: Monday, 14:00 in summer
        ("04-24", "04-23 18:00"),  # Friday: Thursday
        ("04-27", "04-24 18:00"),  # Monday: the Friday before
        ("01-15", "01-14 19:00"),  # in winter
        ("03-09", "03-06 19:00"),  # Monday after the change: the Friday before it
        ("03-10", "03-09 18:00"),
        ("11-02", "10-30 18:00"),
        ("11-03", "11-02 19:00"),
    ],
)
def test_a_list_holds_what_was_submitted_until_two_in_the_afternoon(listed: str, last: str) -> None:
    assert arxiv_cut_off(day(listed)) == utc(last)


@pytest.mark.parametrize(
    ("holiday", "without"),
    [
        ("01-01", "01-02"),
        ("01-19", "01-20"),
        ("06-19", None),  # a Friday: nothing is announced on its evening in any week
        ("07-03", None),
        ("09-07", "09-08"),
        ("11-26", "11-27"),
        ("12-25", None),
        ("12-29", "12-30"),
        ("12-31", "2027-01-01"),
    ],
)
def test_after_the_evening_of_a_holiday_there_is_no_list(holiday: str, without: str | None) -> None:
    assert day(holiday) in HOLIDAYS
    assert arxiv_announces(day(holiday), HOLIDAYS) == (day(holiday) - DAY not in HOLIDAYS)
    if without:
        missing = day(without) if len(without) == 5 else date.fromisoformat(without)
        assert arxiv_announces(missing, frozenset())
        assert not arxiv_announces(missing, HOLIDAYS)


def test_the_default_holidays_are_the_nine_of_2026() -> None:
    assert len(HOLIDAYS) == 9


@pytest.mark.parametrize(
    ("now", "due", "rest"),
    [
        ("04-27 06:00", "04-27", ""),
        ("04-27 03:00", "04-24", "nothing is announced on Sundays"),  # Sunday evening there
        ("04-25 06:00", "04-24", "nothing is announced on Saturdays"),
        ("04-26 06:00", "04-24", "nothing is announced on Sundays"),
        ("01-19 06:00", "01-19", "nothing is announced on arXiv's holiday of 2026-01-19"),
        ("01-20 06:00", "01-19", "nothing is announced on arXiv's holiday of 2026-01-19"),
        ("01-21 06:00", "01-21", ""),
        ("06-19 06:00", "06-19", "nothing is announced on arXiv's holiday of 2026-06-19"),
        ("06-20 06:00", "06-19", "nothing is announced on Saturdays"),
        ("06-22 06:00", "06-22", ""),
        ("11-27 06:00", "11-26", "nothing is announced on arXiv's holiday of 2026-11-26"),
        ("11-30 06:00", "11-30", ""),
        ("12-30 06:00", "12-29", "nothing is announced on arXiv's holiday of 2026-12-29"),
        ("12-31 06:00", "12-31", "nothing is announced on arXiv's holiday of 2026-12-31"),
        ("03-09 04:00", "03-09", ""),
        ("03-09 03:59", "03-06", "nothing is announced on Sundays"),
        ("11-02 04:59", "10-30", "nothing is announced on Sundays"),
        ("11-02 05:00", "11-02", ""),
    ],
)
def test_the_calendar_says_which_list_is_due_and_why_one_may_be_empty(now, due, rest) -> None:
    assert arxiv_due(utc(now), HOLIDAYS) == day(due)
    assert arxiv_rest(utc(now), HOLIDAYS) == rest


@pytest.mark.parametrize(
    ("covered", "until", "missed"),
    [
        ("04-24", "04-27", ""),
        ("04-24", "04-28", "04-27"),
        ("04-23", "04-28", "04-24 04-27"),
        ("04-27", "04-27", ""),
        ("04-28", "04-27", ""),
        ("04-24", "04-26", ""),
        ("01-16", "01-22", "01-19 01-21"),
        ("11-25", "12-01", "11-26 11-30"),
        ("12-24", "12-31", "12-25 12-28 12-29"),
    ],
)
def test_missed_are_the_days_with_a_list_in_between(covered, until, missed) -> None:
    found = arxiv_missed(day(covered), day(until), HOLIDAYS)
    assert found == [day(text) for text in missed.split()]


@given(moments, holidays)
def test_what_is_due_is_announced_and_never_in_the_future(now: datetime, closed) -> None:
    due = arxiv_due(now, closed)
    assert due <= eastern_day(now)
    assert arxiv_announces(due, closed)
    assert arxiv_missed(due, eastern_day(now), closed) == []
    if due != eastern_day(now):
        assert arxiv_rest(now, closed)


@given(days, days, holidays)
def test_missed_days_are_announced_ones_in_between_and_in_order(one, other, closed) -> None:
    missed = arxiv_missed(one, other, closed)
    assert missed == sorted(set(missed))
    assert all(one < day < other and arxiv_announces(day, closed) for day in missed)
    between = (one + DAY * step for step in range(1, max((other - one).days, 1)))
    assert len(missed) == sum(arxiv_announces(day, closed) for day in between if day < other)


@given(days, holidays)
def test_cut_offs_follow_each_other_as_the_lists_do(start: date, closed) -> None:
    listed = arxiv_missed(start, start + 30 * DAY, closed)
    cut_offs = [arxiv_cut_off(day) for day in listed]
    assert cut_offs == sorted(set(cut_offs))
    for day, last in zip(listed, cut_offs, strict=True):
        # Ten hours before the list's own day begins there, at the least.
        assert last < datetime(day.year, day.month, day.day, tzinfo=UTC)


@given(moments, holidays)
def test_every_submission_is_announced_on_exactly_one_day(moment: datetime, closed) -> None:
    listed = arxiv_missed(moment.date() - 70 * DAY, moment.date() + 70 * DAY, closed)
    holding = [
        day
        for before, day in pairwise(listed)
        if arxiv_cut_off(before) < moment <= arxiv_cut_off(day)
    ]
    assert len(holding) == 1
    assert holding[0] >= eastern_day(moment)


@pytest.mark.parametrize(
    ("now", "due", "may_rest"),
    [
        ("04-28 00:00", "04-27", False),
        ("04-27 23:59", "04-24", True),  # Monday's own list is not whole yet
        ("04-27 06:00", "04-24", True),  # Sunday's
        ("04-26 06:00", "04-24", True),  # Saturday's
        ("04-25 06:00", "04-24", False),
        ("04-24 06:00", "04-23", False),
    ],
)
def test_hugging_face_s_list_is_due_when_its_weekday_is_over(now, due, may_rest) -> None:
    assert hugging_face_due(utc(now)) == day(due)
    assert bool(hugging_face_rest(utc(now))) == may_rest


@given(moments)
def test_hugging_face_s_due_list_is_of_a_weekday_that_is_over(now: datetime) -> None:
    due = hugging_face_due(now)
    assert due.weekday() < 5
    assert timedelta(days=1) <= now.date() - due <= timedelta(days=3)
    assert (now.date() - due > DAY) == bool(hugging_face_rest(now))
