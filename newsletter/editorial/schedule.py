"""When a reader is due: by slots on her own clock.

A slot is a moment at which her clock strikes her hour on one of her days. She is due when the
latest slot is under 24 hours old and newer than the one last served, so an hourly run serves every
slot once, a late source leaves it open, and after an outage she gets one mail, not five.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from subscribers.model import Frequency, Rhythm

OPEN_FOR = timedelta(hours=24)
_SATURDAY = 5


def latest_slot(rhythm: Rhythm, now: datetime) -> datetime:
    """The latest moment (UTC) up to `now` at which her clock struck her hour on one of her days.

    Where the hour does not exist (the spring change) the slot is the moment the clock would have
    struck; where it comes twice (autumn), the first time: PEP 495, fold=0.
    """
    zone = ZoneInfo(rhythm.timezone)
    today = now.astimezone(zone).date()
    # A week, and one more where today's slot is still to come; tomorrow's may have been already
    # where the clock goes back across midnight (St. John's until 2011).
    for back in range(-1, 9):
        day = today - timedelta(days=back)
        slot = datetime.combine(day, time(rhythm.hour), zone).astimezone(UTC)
        if slot <= now and _is_one_of_her_days(rhythm, day):
            return slot
    raise AssertionError("a week has no day without a predecessor")


def due(
    rhythm: Rhythm,
    served: datetime | None,
    now: datetime,
    paused_until: date | None = None,
) -> datetime | None:
    """The slot to serve now, or None.

    `served` is the slot of her newest delivery or skip. A pause ends with the first slot on or
    after `paused_until`, a date on her calendar.
    """
    slot = latest_slot(rhythm, now)
    if now - slot >= OPEN_FOR or (served is not None and slot <= served):
        return None
    return None if paused_until and before(slot, rhythm, paused_until) else slot


def first_due(rhythm: Rhythm, now: datetime) -> datetime:
    """When a reader who comes at `now` is due for the first time: at once where a slot of hers is
    open, and else at her next one."""
    if now - latest_slot(rhythm, now) < OPEN_FOR:
        return now
    ahead = (latest_slot(rhythm, now + timedelta(days=days)) for days in range(1, 9))
    return next(slot for slot in ahead if slot > now)


def opens(day: date, timezone: str, publish_hour: int) -> datetime:
    """From when on (UTC) the edition of a day on the operator's calendar may come out."""
    return datetime.combine(day, time(publish_hour), ZoneInfo(timezone)).astimezone(UTC)


def answered(slot: datetime, had: date | None, timezone: str, publish_hour: int) -> bool:
    """Whether a slot is answered by the edition of the day `had`, though served with another slot.

    It is, where no newer edition ought to be out at the slot: editions have their days on the
    calendar of the operator's `timezone` and come out from `publish_hour` on. Without this, whoever
    got today's edition before her hour (she joined in the morning, or the machine was down) would
    be served today's slot as soon as tomorrow's edition is out, whoever asks for an hour before
    that of publishing would be served when it comes out, and neither would ever again be mailed at
    her hour.
    """
    clock = slot.astimezone(ZoneInfo(timezone))
    newest = clock.date() if clock.hour >= publish_hour else clock.date() - timedelta(days=1)
    return had is not None and newest <= had


def too_late(slot: datetime, rhythm: Rhythm, now: datetime) -> bool:
    """Whether a mail for a slot is too late to be sent: her next slot has struck and is not open
    any more, so that this one answers nothing. After an outage, or in a backup that was restored,
    there are such mails."""
    return now - slot > OPEN_FOR and latest_slot(rhythm, now - OPEN_FOR) > slot


def before(slot: datetime, rhythm: Rhythm, day: date) -> bool:
    """Whether a slot lies before a day on her calendar."""
    return slot.astimezone(ZoneInfo(rhythm.timezone)).date() < day


def _is_one_of_her_days(rhythm: Rhythm, day: date) -> bool:
    if rhythm.frequency is Frequency.WEEKLY:
        return day.weekday() == rhythm.weekday.number
    return rhythm.frequency is Frequency.DAILY or day.weekday() < _SATURDAY
