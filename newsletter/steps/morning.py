"""One moment of one day, and what goes with it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsletter.editorial.freshness import Patience
from newsletter.editorial.schedule import opens
from newsletter.editorial.topics import Catalogue
from newsletter.settings import Settings

_LAST_HOUR = time(23)


@dataclass(frozen=True, slots=True)
class Morning:
    """One moment of one day, and what goes with it."""

    day: date
    now: datetime
    catalogue: Catalogue
    settings: Settings

    @property
    def opens(self) -> datetime:
        """From when on the day's edition may come out (UTC)."""
        return opens(self.day, self.settings.timezone, self.settings.edition.publish_hour)

    def patience(self, begun: datetime) -> Patience:
        """How long the edition waits for what is missing, its sources first asked at `begun`."""
        edition = self.settings.edition
        until = max(begun, self.opens) + timedelta(hours=edition.patience_hours)
        # The last hourly run of the day goes ahead, or the day would have no edition.
        zone = ZoneInfo(self.settings.timezone)
        last = datetime.combine(self.day, _LAST_HOUR, zone).astimezone(UTC)
        until = min(until, max(last, self.opens))
        return Patience(until, for_partial=edition.when_partial == "wait")
