"""Waiting for an event, but not for ever."""

import asyncio


async def event_within(event: asyncio.Event, seconds: float | None) -> None:
    """Wait for the event, or so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
