"""Notify: hand one notice to the relay, while what it tells of stands already."""

import asyncio
from dataclasses import dataclass, replace

from newsletter.delivery.message import Message
from newsletter.delivery.opening import RelayAddress
from newsletter.delivery.relay import session
from newsletter.delivery.replies import Concern, Deferred, Doubtful, Outcome, Refused, Sent
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


async def notify(settings: Settings, message: Message) -> Outcome:
    """What became of the notice, offered once. A relay that is away or refuses us is an outcome
    too: nobody's change may fail because a mail about it did."""
    address = relay_address(settings)
    quick = replace(address, timeout=min(address.timeout, _REPLY_SECONDS))
    try:
        async with asyncio.timeout(PATIENCE):
            return await handed_over(quick, message)
    except (RelayUnavailable, RelayRefused) as error:
        return Deferred(str(error), Concern.SENDER)
    except TimeoutError:
        return Doubtful(f"no answer within {PATIENCE:.0f} seconds")


def is_settled(outcome: Outcome) -> bool:
    """Whether nothing more can come of offering the notice again: the relay took it, or refuses
    this mail to this reader for ever. What is wrong with us may be mended."""
    match outcome:
        case Sent():
            return True
        case Refused():
            return outcome.concern is not Concern.SENDER
        case _:
            return False


async def handed_over(address: RelayAddress, message: Message) -> Outcome:
    """What became of one message on a connection of its own. Raises what opening one raises."""
    async with session(address) as opened:
        return await opened.deliver(message)
