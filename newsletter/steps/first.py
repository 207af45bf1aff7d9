"""First: what a reader who has just come is told to begin with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, zip_longest
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from newsletter.editorial.editions import Listing
from newsletter.editorial.schedule import first_due, opens
from newsletter.settings import Settings
from newsletter.steps.rhythm import default_rhythm
from newsletter.store.editions import EditionSummary
from newsletter.store.pages import leading, shelf
from subscribers.model import Subscriber


class Occasion(StrEnum):
    """Why a first digest comes when it does."""

    HER_HOUR = "her hour"
    AT_ONCE = "at once"
    """An edition is out that she has not had."""
    FIRST_EDITION = "first edition"
    """None was ever out, and it comes out later than her hour."""


@dataclass(frozen=True, slots=True)
class First:
    """A first digest to come."""

    when: datetime
    """On her clock."""
    occasion: Occasion


def first_digest(
    reader: Subscriber, settings: Settings, newest: EditionSummary | None, now: datetime
) -> First:
    """The first digest of a reader who comes at `now`, when `newest` is out. Who is due at once is
    served by the next run: runs are hourly, so it is there at the next full hour."""
    rhythm = reader.preferences.rhythm(default_rhythm(settings))
    zone = ZoneInfo(rhythm.timezone)
    comes_out = now if newest else _first_edition(settings, now)
    due = first_due(rhythm, comes_out).astimezone(zone)
    if due <= now:
        due = due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if (due.hour, due.minute) == (rhythm.hour, 0):
        return First(due, Occasion.HER_HOUR)
    return First(due, Occasion.AT_ONCE if newest else Occasion.FIRST_EDITION)


def _first_edition(settings: Settings, now: datetime) -> datetime:
    """From when on it may come out."""
    today = now.astimezone(ZoneInfo(settings.timezone)).date()
    return max(now, opens(today, settings.timezone, settings.edition.publish_hour))


def best_for(
    connection: Connection, reader: Subscriber, edition: EditionSummary | None, most: int
) -> Sequence[Listing]:
    """The first papers of an edition in her topics, one of each topic in turn, or of the whole
    edition where they have none."""
    if edition is None:
        return ()
    shelves = [
        shelf(connection, edition, slug, 0, most).listings for slug in reader.preferences.topics
    ]
    turns = chain.from_iterable(zip_longest(*shelves))
    found = {listing.paper.id: listing for listing in turns if listing}
    return tuple(found.values())[:most] or leading(connection, edition, most)
