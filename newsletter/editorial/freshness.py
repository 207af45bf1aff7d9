"""Whether the day brought anything."""

from enum import StrEnum


class Freshness(StrEnum):
    """One word for the day's haul."""

    FRESH = "fresh"
    """Papers that no earlier edition had."""
    QUIET = "quiet"
    """Nothing new; daily readers get no mail, weekly ones what they have not had."""


def freshness(entered_today: int) -> Freshness:
    """The word for an edition with so many new papers."""
    return Freshness.FRESH if entered_today else Freshness.QUIET
