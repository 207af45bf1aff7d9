"""Preview: the bytes that a run would send to one reader, without anything being kept."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from newsletter.delivery.message import Message
from newsletter.delivery.replies import Sent
from newsletter.editorial.schedule import latest_slot
from newsletter.editorial.topics import Catalogue
from newsletter.errors import WrongUse
from newsletter.settings import Settings
from newsletter.sources import Haul
from newsletter.steps.gather import gather
from newsletter.steps.notify import handed_over
from newsletter.steps.plan import Planner, dated
from newsletter.steps.printing import Printer
from newsletter.steps.publish import publish
from newsletter.steps.rhythm import default_rhythm
from newsletter.steps.send import relay_address
from newsletter.steps.stationery import Stationery
from newsletter.store import ledger
from newsletter.store.editions import EditionSummary, some_listings
from newsletter.store.histories import History, histories_of
from subscribers import roster
from subscribers.addresses import Address
from subscribers.model import State


@dataclass(frozen=True, slots=True)
class Preview:
    """Her message with one edition, or why there is none; and how that stands to the ledger."""

    edition: EditionSummary
    message: Message | None
    note: str


def preview(
    connection: Connection,
    address: Address,
    catalogue: Catalogue,
    settings: Settings,
    day: date,
    now: datetime,
    haul: Haul | None,
) -> Preview:
    """What `run` with the same arguments would send her. `connection` is rolled back afterwards.

    A mail that is in the ledger already is printed as it stands there. Raises WrongUse for an
    address that nobody has.
    """
    reader = roster.find(connection, address)
    if reader is None:
        raise WrongUse(f"nobody subscribes with the address {address}")
    if haul:
        gather(connection, [haul], day, now)
    days, language = settings.edition.window_days, Stationery(settings).language
    edition = publish(connection, day, catalogue, days, now, language)
    fetch = partial(some_listings, connection, edition.number)
    delivery = ledger.of_subscriber(connection, edition.number, reader.number)
    if delivery and delivery.state is not ledger.State.SKIPPED:
        papers, rest, when = delivery.papers, delivery.rest, delivery.dated
        note = f"this mail is {delivery.state}"
    else:
        planner = Planner(edition, catalogue, settings)
        histories = histories_of(connection, [reader.number], planner.window_opened(connection))
        history = histories.get(reader.number, History())
        slot = planner.slot(reader, history, now)
        note = "she is due now" if slot else "she is not due now: this is what she would get"
        paused = reader.state is State.PAUSED and (slot is None or reader.paused_until is None)
        if paused or not reader.reads:
            note = f"she is {reader.state}: this is what she would get if she was not"
        if slot is None:
            slot = latest_slot(reader.preferences.rhythm(default_rhythm(settings)), now)
        planner.look_up(connection, [reader])
        planned = planner.row(connection, reader, history, slot, now)
        if planned.skipped:
            return Preview(edition, None, f"she gets no mail: {planned.skipped}")
        papers, rest, when = planned.papers, planned.rest, dated(slot, now)
    message = Printer(edition, catalogue, settings, fetch).message(reader, papers, rest, when)
    return Preview(edition, message, note)


def mail_preview(settings: Settings, message: Message, to: Address) -> None:
    """Hand the message to the relay for somebody else: the very bytes, in another envelope.

    Raises what opening a session raises, and WrongUse where the relay does not take it.
    """
    sender = settings.sender.address
    outcome = asyncio.run(
        handed_over(
            relay_address(settings), replace(message, envelope_from=str(sender), recipient=to)
        )
    )
    if not isinstance(outcome, Sent):
        raise WrongUse(f"the relay did not take the preview: {outcome.words}")
