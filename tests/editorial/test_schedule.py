from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.editorial.schedule import answered, due, first_due, latest_slot, too_late
from subscribers.model import Frequency, Rhythm, Weekday

DAILY, WEEKDAYS, WEEKLY = Frequency.DAILY, Frequency.WEEKDAYS, Frequency.WEEKLY
BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
KOLKATA, APIA, ST_JOHNS = "Asia/Kolkata", "Pacific/Apia", "America/St_Johns"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("frequency", "weekday", "hour", "zone", "now", "slot"),
    [
        # Tuesday, 21 April 2026, in summer time
        (DAILY, "mon", 7, BERLIN, "2026-04-21T05:00", "2026-04-21T05:00"),
        (DAILY, "mon", 7, BERLIN, "2026-04-21T04:59:59", "2026-04-20T05:00"),
        (DAILY, "mon", 7, KOLKATA, "2026-04-21T01:30", "2026-04-21T01:30"),
        (DAILY, "mon", 7, KOLKATA, "2026-04-21T01:29", "2026-04-20T01:30"),
        (DAILY, "mon", 0, KOLKATA, "2026-04-20T18:30", "2026-04-20T18:30"),
        (DAILY, "mon", 23, NEW_YORK, "2026-04-21T03:00", "2026-04-21T03:00"),
        (WEEKDAYS, "mon", 7, BERLIN, "2026-04-18T12:00", "2026-04-17T05:00"),
        (WEEKDAYS, "mon", 7, BERLIN, "2026-04-20T04:00", "2026-04-17T05:00"),
        (WEEKDAYS, "mon", 7, BERLIN, "2026-04-20T05:00", "2026-04-20T05:00"),
        # Friday morning in Auckland is Thursday evening in UTC
        (WEEKDAYS, "mon", 7, "Pacific/Auckland", "2026-04-19T19:00", "2026-04-19T19:00"),
        (WEEKLY, "tue", 7, BERLIN, "2026-04-21T05:00", "2026-04-21T05:00"),
        (WEEKLY, "tue", 7, BERLIN, "2026-04-21T04:59", "2026-04-14T05:00"),
        (WEEKLY, "wed", 7, BERLIN, "2026-04-21T05:00", "2026-04-15T05:00"),
        (WEEKLY, "sun", 7, BERLIN, "2026-04-21T05:00", "2026-04-19T05:00"),
        # spring: the clock jumps from 2 to 3 (to half past two on Lord Howe)
        (DAILY, "mon", 7, BERLIN, "2026-03-29T05:00", "2026-03-29T05:00"),
        (DAILY, "mon", 2, BERLIN, "2026-03-29T00:59", "2026-03-28T01:00"),
        (DAILY, "mon", 2, BERLIN, "2026-03-29T01:00", "2026-03-29T01:00"),
        (DAILY, "mon", 3, BERLIN, "2026-03-29T01:00", "2026-03-29T01:00"),
        (DAILY, "mon", 2, NEW_YORK, "2026-03-08T07:00", "2026-03-08T07:00"),
        (DAILY, "mon", 2, LORD_HOWE, "2026-10-03T15:30", "2026-10-03T15:30"),
        (DAILY, "mon", 2, LORD_HOWE, "2026-10-03T15:29", "2026-10-02T15:30"),
        (DAILY, "mon", 0, "Africa/Cairo", "2026-04-23T22:00", "2026-04-23T22:00"),
        (WEEKLY, "sun", 2, BERLIN, "2026-03-29T06:00", "2026-03-29T01:00"),
        # autumn: the hour comes twice, and its first time counts
        (DAILY, "mon", 2, BERLIN, "2026-10-25T00:00", "2026-10-25T00:00"),
        (DAILY, "mon", 2, BERLIN, "2026-10-25T01:30", "2026-10-25T00:00"),
        (DAILY, "mon", 1, NEW_YORK, "2026-11-01T06:30", "2026-11-01T05:00"),
        (DAILY, "mon", 2, LORD_HOWE, "2026-04-04T15:30", "2026-04-04T15:30"),
        (DAILY, "mon", 2, LORD_HOWE, "2026-04-04T15:20", "2026-04-03T15:00"),
        (DAILY, "mon", 7, BERLIN, "2026-10-25T06:00", "2026-10-25T06:00"),
        # autumn across midnight: it is Saturday again, and Sunday has begun already
        (DAILY, "mon", 0, ST_JOHNS, "2010-11-07T02:35", "2010-11-07T02:30"),
        # 30 December 2011 did not happen in Samoa: its slot is that of the day after
        (DAILY, "mon", 7, APIA, "2011-12-30T16:59", "2011-12-29T17:00"),
        (DAILY, "mon", 7, APIA, "2011-12-30T17:00", "2011-12-30T17:00"),
        (WEEKLY, "fri", 7, APIA, "2011-12-31T10:00", "2011-12-30T17:00"),
        (WEEKLY, "sat", 7, APIA, "2011-12-31T10:00", "2011-12-30T17:00"),
        (DAILY, "mon", 7, "UTC", "2028-02-29T08:00", "2028-02-29T07:00"),
    ],
)
def test_the_latest_slot_is_when_her_clock_last_struck_her_hour(
    frequency: Frequency, weekday: str, hour: int, zone: str, now: str, slot: str
) -> None:
    assert latest_slot(Rhythm(frequency, Weekday(weekday), hour, zone), utc(now)) == utc(slot)


SEVEN_IN_BERLIN = Rhythm(DAILY, Weekday.MON, 7, BERLIN)
SLOT = utc("2026-04-21T05:00")


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=23, minutes=59, seconds=59)])
def test_a_slot_stays_open_for_a_day(late: timedelta) -> None:
    weekly = Rhythm(WEEKLY, Weekday.TUE, 7, BERLIN)
    assert due(weekly, None, SLOT + late) == SLOT
    assert due(weekly, SLOT - timedelta(days=7), SLOT + late) == SLOT


@pytest.mark.parametrize(
    ("frequency", "slot", "last_minute"),
    [
        (DAILY, "2026-04-21T05:00", "2026-04-23T04:59"),
        (DAILY, "2026-03-28T06:00", "2026-03-30T04:59"),  # the clock jumps between them
        (WEEKDAYS, "2026-04-17T05:00", "2026-04-21T04:59"),  # from Friday to Tuesday
        (WEEKLY, "2026-04-20T05:00", "2026-04-28T04:59"),
    ],
)
def test_a_mail_may_wait_until_the_next_slot_is_over(
    frequency: Frequency, slot: str, last_minute: str
) -> None:
    rhythm, end = Rhythm(frequency, Weekday.MON, 7, BERLIN), utc(last_minute)
    assert not too_late(utc(slot), rhythm, end)
    assert too_late(utc(slot), rhythm, end + timedelta(minutes=1))


def test_a_slot_a_day_old_is_gone() -> None:
    assert due(Rhythm(WEEKLY, Weekday.TUE, 7, BERLIN), None, SLOT + timedelta(hours=24)) is None


def test_who_was_never_served_is_due_at_her_latest_slot() -> None:
    assert due(SEVEN_IN_BERLIN, None, SLOT + timedelta(hours=3)) == SLOT


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=1), timedelta(days=2)])
def test_a_slot_served_is_not_due_again_even_when_the_clock_was_set_back(ahead: timedelta) -> None:
    assert due(SEVEN_IN_BERLIN, SLOT + ahead, SLOT + timedelta(hours=1)) is None


def test_after_an_outage_she_is_due_once() -> None:
    now = SLOT + timedelta(days=5, hours=3)
    assert due(SEVEN_IN_BERLIN, SLOT, now) == SLOT + timedelta(days=5)
    assert due(SEVEN_IN_BERLIN, SLOT + timedelta(days=5), now) is None


@pytest.mark.parametrize(
    ("until", "is_due"),
    [(date(2026, 4, 20), True), (date(2026, 4, 21), True), (date(2026, 4, 22), False)],
)
def test_a_pause_ends_with_the_first_slot_of_its_last_date(until: date, is_due: bool) -> None:
    assert due(SEVEN_IN_BERLIN, None, SLOT, until) == (SLOT if is_due else None)


def test_a_pause_is_read_on_her_own_calendar() -> None:
    auckland = Rhythm(DAILY, Weekday.MON, 7, "Pacific/Auckland")
    now = utc("2026-04-20T20:00")  # the 21st there
    assert due(auckland, None, now, date(2026, 4, 21)) == utc("2026-04-20T19:00")
    assert due(auckland, None, now, date(2026, 4, 22)) is None


RHYTHMS = st.builds(
    Rhythm,
    frequency=st.sampled_from(Frequency),
    weekday=st.sampled_from(Weekday),
    hour=st.integers(0, 23),
    timezone=st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})),
)


def moments(first: str, last: str) -> st.SearchStrategy[datetime]:
    seconds = st.integers(int(utc(first).timestamp()), int(utc(last).timestamp()))
    return seconds.map(lambda second: datetime.fromtimestamp(second, UTC))


MOMENTS = moments("1990-01-01", "2037-12-31")


@given(rhythm=RHYTHMS, now=MOMENTS)
def test_a_slot_has_been_is_recent_and_is_due_once(rhythm: Rhythm, now: datetime) -> None:
    slot = latest_slot(rhythm, now)
    longest = timedelta(days={DAILY: 1, WEEKDAYS: 3, WEEKLY: 7}[rhythm.frequency])
    assert now - longest - timedelta(hours=25) < slot <= now
    assert latest_slot(rhythm, slot) == slot
    assert due(rhythm, None, now) in {None, slot}
    assert due(rhythm, slot, now) is None


@given(rhythm=RHYTHMS, now=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=3)))
def test_slots_never_go_back(rhythm: Rhythm, now: datetime, later: timedelta) -> None:
    assert latest_slot(rhythm, now) <= latest_slot(rhythm, now + later)


# Zones whose clocks change by an hour or less, never from 23 to 24: there each of her days has a
# slot of its own date.
ZONES = (
    *(BERLIN, NEW_YORK, LORD_HOWE, KOLKATA, APIA, ST_JOHNS, "UTC", "Asia/Kathmandu"),
    *("Pacific/Chatham", "America/Santiago", "Asia/Beirut", "Africa/Casablanca", "Etc/GMT+12"),
)


@settings(max_examples=15, deadline=None)
@given(
    rhythm=RHYTHMS,
    zone=st.sampled_from(ZONES),
    first=moments("2012-01-02", "2036-01-01"),
)
def test_hourly_runs_serve_each_of_her_days_once(
    rhythm: Rhythm, zone: str, first: datetime
) -> None:
    rhythm = Rhythm(rhythm.frequency, rhythm.weekday, rhythm.hour, zone)
    served = latest_slot(rhythm, first)
    days = [served.astimezone(ZoneInfo(zone)).date()]
    for hours in range(400 * 24):
        now = first + timedelta(hours=hours)
        if slot := due(rhythm, served, now):
            assert slot > served
            assert now - slot < timedelta(hours=1)
            assert due(rhythm, slot, now) is None
            served = slot
            days.append(slot.astimezone(ZoneInfo(zone)).date())
    calendar = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
    if rhythm.frequency is WEEKDAYS:
        calendar = [day for day in calendar if day.isoweekday() <= 5]
    if rhythm.frequency is WEEKLY:
        calendar = calendar[::7]
        assert days[0].strftime("%a").lower() == rhythm.weekday
    assert days == calendar
    assert len(days) >= {DAILY: 400, WEEKDAYS: 285, WEEKLY: 57}[rhythm.frequency]


@pytest.mark.parametrize(
    ("slot", "had", "zone", "publish_hour", "expected"),
    [
        ("2026-05-04T05:00", None, BERLIN, 6, False),
        ("2026-05-04T05:00", "2026-05-03", BERLIN, 6, False),
        ("2026-05-04T05:00", "2026-05-04", BERLIN, 6, True),
        ("2026-05-04T05:00", "2026-05-05", BERLIN, 6, True),
        ("2026-05-03T22:30", "2026-05-03", BERLIN, 0, False),  # it is the 4th there already
        ("2026-05-03T22:30", "2026-05-03", "UTC", 0, True),
        ("2026-05-03T22:30", "2026-05-03", BERLIN, 6, True),  # and too early for its edition
        ("2026-05-03T22:30", "2026-05-02", BERLIN, 6, False),
    ],
)
def test_an_edition_answers_the_slots_until_the_next_ought_to_be_out(
    slot: str, had: str | None, zone: str, publish_hour: int, expected: bool
) -> None:
    day = date.fromisoformat(had) if had else None
    assert answered(utc(slot), day, zone, publish_hour) is expected


@settings(deadline=None)
@given(
    zone=st.sampled_from([BERLIN, NEW_YORK, KOLKATA, "UTC", "Pacific/Auckland", "Asia/Tokyo"]),
    operators=st.sampled_from([BERLIN, NEW_YORK, "UTC", "Asia/Tokyo"]),
    hour=st.integers(0, 23),
    publish_hour=st.integers(0, 23),
    start=st.integers(0, 24 * 14),
    outage=st.tuples(st.integers(1, 60), st.integers(0, 40)),
)
def test_hourly_runs_mail_her_every_edition_once_and_soon_at_her_hour_again(
    zone: str, operators: str, hour: int, publish_hour: int, start: int, outage: tuple[int, int]
) -> None:
    """An edition a day on the operator's calendar, an outage of some hours, then ten quiet days."""
    rhythm = Rhythm(DAILY, Weekday.MON, hour, zone)
    begin = utc("2026-03-20T00:07") + timedelta(hours=start)
    down = range(outage[0], sum(outage))
    served, had, mails = None, None, []
    for step in range(24 * 12):
        now = begin + timedelta(hours=step)
        if step in down:
            continue
        clock = now.astimezone(ZoneInfo(operators))
        newest = clock.date() - timedelta(days=clock.hour < publish_hour)
        slot = due(rhythm, served, now)
        if slot and had != newest and not answered(slot, had, operators, publish_hour):
            served, had = slot, newest
            mails.append((step, newest, now - slot))
    days = [newest for _, newest, _ in mails]
    assert len(days) == len(set(days))
    settled = [late for step, _, late in mails if step > max(down.stop, 24) + 48]
    # One hour, or two where the clocks change between the operator's day and hers.
    assert all(late <= timedelta(hours=2) for late in settled)
    assert len(settled) >= 3


@pytest.mark.parametrize("frequency", list(Frequency))
@pytest.mark.parametrize("hours", range(0, 24 * 8, 5))
@pytest.mark.parametrize("zone", [BERLIN, "Asia/Kolkata", "America/St_Johns"])
def test_who_comes_is_due_first_when_she_is_told_and_not_an_hour_before(
    frequency: Frequency, hours: int, zone: str
) -> None:
    rhythm = Rhythm(frequency, Weekday.TUE, 7, zone)
    now = utc("2026-03-26 00:10") + timedelta(
        hours=hours
    )  # the clocks of Berlin change on the 29th
    first = first_due(rhythm, now)
    assert due(rhythm, None, first) is not None
    between = (now + timedelta(hours=n) for n in range(int((first - now) / timedelta(hours=1))))
    assert all(due(rhythm, None, moment) is None for moment in between)
