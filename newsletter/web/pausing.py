"""Pauses, as pages tell of them."""

from typing import Any

from newsletter.web.pages import Pages
from subscribers.model import State, Subscriber


def pause_of(pages: Pages, reader: Subscriber) -> dict[str, Any]:
    """What templates see: `paused`, and `pause_ends`, the day in words or "" where she ends it."""
    until = reader.paused_until
    return {
        "paused": reader.state is State.PAUSED,
        "pause_ends": pages.stationery.language.date(until) if until else "",
    }
