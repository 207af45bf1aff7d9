"""When a source lists something, and when it rests.

arXiv (https://info.arxiv.org/help/availability.html) announces at 20:00 Eastern from Sunday to
Thursday, except on the evenings it defers; the list of that announcement is the next day's, from
midnight Eastern on. Hugging Face's list of a day is whole when the day is over, in UTC; at weekends
hardly anybody puts papers forward.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_EASTERN = ZoneInfo("America/New_York")
_DAY = timedelta(days=1)
_SATURDAY = 5
_CUT_OFF = time(14)  # Eastern; what is submitted later is in the next announcement


def eastern_day(now: datetime) -> date:
    """The date at arXiv, by whose days it announces."""
    return now.astimezone(_EASTERN).date()


def arxiv_announces(day: date, holidays: Collection[date]) -> bool:
    """Whether arXiv has a list of announcements on this (Eastern) day. `holidays` are the days on
    whose evening it announces nothing."""
    return day.weekday() < _SATURDAY and day - _DAY not in holidays


def arxiv_due(now: datetime, holidays: Collection[date]) -> date:
    """The newest day of which arXiv should have a list by now."""
    return arxiv_list_before(eastern_day(now) + _DAY, holidays)


def arxiv_list_before(day: date, holidays: Collection[date]) -> date:
    """The newest day before `day` on which arXiv has a list."""
    day -= _DAY
    while not arxiv_announces(day, holidays):
        day -= _DAY
    return day


def arxiv_rest(now: datetime, holidays: Collection[date]) -> str:
    """Why arXiv's list may be empty today, "" where it should not be.

    Its list of holidays does not say whether a holiday's own list or the next day's is the empty
    one, so either may be.
    """
    day = eastern_day(now)
    if day.weekday() >= _SATURDAY:
        return f"nothing is announced on {day:%A}s"
    if day in holidays or not arxiv_announces(day, holidays):
        evening = day if day in holidays else day - _DAY
        return f"nothing is announced on arXiv's holiday of {evening}"
    return ""


def arxiv_missed(covered: date, until: date, holidays: Collection[date]) -> list[date]:
    """The days with a list after `covered` and before `until`."""
    days = (covered + _DAY * step for step in range(1, (until - covered).days))
    return [day for day in days if arxiv_announces(day, holidays)]


def arxiv_cut_off(day: date) -> datetime:
    """Up to when (UTC) the papers were submitted that stand in `day`'s list."""
    last = day - _DAY * (3 if day.weekday() == 0 else 1)
    return datetime.combine(last, _CUT_OFF, _EASTERN).astimezone(UTC)


def arxiv_submission_days(day: date, holidays: Collection[date]) -> list[date]:
    """The days (UTC) whose submissions stand in `day`'s list and in none before it: those after the
    cut-off of the list before, up to its own. The last one's evening is the next list's."""
    after = arxiv_cut_off(arxiv_list_before(day, holidays)).date()
    return [after + _DAY * step for step in range(1, (arxiv_cut_off(day).date() - after).days + 1)]


def hugging_face_due(now: datetime) -> date:
    """The newest weekday whose list is whole by now."""
    day = now.astimezone(UTC).date() - _DAY
    while day.weekday() >= _SATURDAY:
        day -= _DAY
    return day


def hugging_face_rest(now: datetime) -> str:
    """Why nothing may have been listed since the last weekday's list, "" where something should."""
    yesterday = now.astimezone(UTC).date() - _DAY
    return "hardly anything is listed at weekends" if yesterday.weekday() >= _SATURDAY else ""
