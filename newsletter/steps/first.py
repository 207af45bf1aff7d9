"""First: what a reader who has just come is told to begin with."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from newsletter.editorial.editions import Listing
from newsletter.editorial.schedule import first_due
from newsletter.settings import Settings
from newsletter.steps.rhythm import default_rhythm
from newsletter.store.editions import EditionSummary
from newsletter.store.pages import leading, shelf
from subscribers.model import Subscriber


def first_digest(reader: Subscriber, settings: Settings, now: datetime) -> datetime:
    """When a reader who comes at `now` has her first digest, on her clock. Who is due at once is
    served by the next run: runs are hourly, so it is there at the next full hour."""
    rhythm = reader.preferences.rhythm(default_rhythm(settings))
    first = first_due(rhythm, now).astimezone(ZoneInfo(rhythm.timezone))
    if first > now:
        return first
    return first.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


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
