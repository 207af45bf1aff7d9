"""When the first papers come, and why then."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from newsletter.editorial.freshness import Freshness
from newsletter.settings import FixedSettings
from newsletter.steps.first import First, Occasion, first_digest
from newsletter.store.editions import EditionSummary
from subscribers.addresses import Address
from subscribers.model import Frequency, Preferences, State, Subscriber, Weekday

DAY = date(2026, 6, 15)  # a Monday
NEWEST = EditionSummary(7, DAY, datetime(2026, 6, 15, 6, tzinfo=UTC), 9, 9, Freshness.FRESH)
SETTINGS = FixedSettings(timezone="UTC", edition={"publish_hour": 6})  # type: ignore[arg-type]


def first(zone: str, now: str, newest: EditionSummary | None, **wishes: object) -> First:
    preferences = Preferences(hour=7, timezone=zone, **wishes)  # type: ignore[arg-type]
    reader = Subscriber(1, Address.parse("a@example.org"), "", State.ACTIVE, preferences)
    return first_digest(reader, SETTINGS, newest, datetime.fromisoformat(f"{now}+00:00"))


@pytest.mark.parametrize(
    ("zone", "now", "newest", "when", "occasion"),
    [
        ("Europe/Berlin", "2026-06-15 12:20", NEWEST, "2026-06-15 15:00", Occasion.AT_ONCE),
        ("Europe/Berlin", "2026-06-15 04:20", NEWEST, "2026-06-15 07:00", Occasion.HER_HOUR),
        ("Asia/Tokyo", "2026-06-15 05:10", NEWEST, "2026-06-15 15:00", Occasion.AT_ONCE),
        # Before the first edition of all she waits for the hour from which it may be out.
        ("Europe/Berlin", "2026-06-15 01:20", None, "2026-06-15 08:00", Occasion.FIRST_EDITION),
        ("Asia/Tokyo", "2026-06-15 01:20", None, "2026-06-15 15:00", Occasion.FIRST_EDITION),
        ("Europe/Berlin", "2026-06-15 12:20", None, "2026-06-15 15:00", Occasion.FIRST_EDITION),
        ("Etc/GMT-1", "2026-06-15 01:20", None, "2026-06-15 07:00", Occasion.HER_HOUR),
    ],
)
def test_who_gets_her_first_papers_at_another_hour_than_hers_is_told_why(
    zone: str, now: str, newest: EditionSummary | None, when: str, occasion: Occasion
) -> None:
    expected = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone))
    assert first(zone, now, newest) == First(expected, occasion)


def test_who_reads_weekly_waits_for_her_day_without_a_reason() -> None:
    found = first(
        "UTC", "2026-06-15 12:20", NEWEST, frequency=Frequency.WEEKLY, weekday=Weekday.FRI
    )
    assert found == First(datetime(2026, 6, 19, 7, tzinfo=ZoneInfo("UTC")), Occasion.HER_HOUR)
