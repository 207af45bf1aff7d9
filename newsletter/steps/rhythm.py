"""When a reader reads who did not choose."""

from newsletter.settings import Settings
from subscribers.model import Rhythm, Weekday


def default_rhythm(settings: Settings) -> Rhythm:
    """The settings' own; a weekly reader who named no day, on Mondays."""
    return Rhythm(settings.digest.frequency, Weekday.MON, settings.digest.hour, settings.timezone)
