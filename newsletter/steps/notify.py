"""Notify: hand one notice to the relay, while what it tells of stands already."""

import asyncio
from dataclasses import dataclass, replace

from newsletter.delivery.message import Message
from newsletter.delivery.opening import RelayAddress
from newsletter.delivery.relay import session
from newsletter.delivery.replies import Concern, Deferred, Doubtful, Outcome
from newsletter.errors import RelayRefused, RelayUnavailable
from newsletter.settings import Settings
from newsletter.steps.send import relay_address

PATIENCE = 60.0
"""Seconds for one notice, from the connection to the answer to its final dot."""

_REPLY_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a notice to a reader."""

    notice: str
    subscriber: int | None
    """None where the store was away, so that nobody was looked up."""
    outcome: Outcome
    again: bool = False
    """Whether the next run offers it again, where it was not taken."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A question that nobody was asked, though the page says that one is on its way: it must not
    tell who reads."""

    notice: str
    subscriber: int | None
    """None where the roster knows nobody with that address."""
    reason: str


async def notify(settings: Settings, message: Message) -> Outcome:
    """What became of the notice, offered once. A relay that is away or refuses us is an outcome
    too: nobody's change may fail because a mail about it did."""
    address = relay_address(settings)
    quick = replace(address, timeout=min(address.timeout, _REPLY_SECONDS))
    is_open = False
    try:
        async with asyncio.timeout(PATIENCE), session(quick) as opened:
            is_open = True
            return await opened.deliver(message)
    except (RelayUnavailable, RelayRefused) as error:
        return Deferred(str(error), Concern.SENDER)
    except TimeoutError:
        words = f"no answer within {PATIENCE:.0f} seconds"
        return Doubtful(words) if is_open else Deferred(words, Concern.SENDER)


async def handed_over(address: RelayAddress, message: Message) -> Outcome:
    """What became of one message on a connection of its own. Raises what opening one raises."""
    async with session(address) as opened:
        return await opened.deliver(message)
