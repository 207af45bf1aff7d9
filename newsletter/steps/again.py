"""Again: the notices that the relay did not take when they were due, and what readers have yet to
hear of since they were told something within the hour before."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic

from newsletter.delivery.replies import Concern, Deferred, Outcome, Refused
from newsletter.editorial.topics import Catalogue
from newsletter.errors import ConfigurationError
from newsletter.settings import Settings
from newsletter.steps.due import Due, change_due, question_due
from newsletter.steps.notices import Notices
from newsletter.steps.notify import Noted, notify
from newsletter.store.engine import Store
from subscribers import errands, telling

# Seconds for all of them: the digests wait meanwhile, and the next run goes on.
_AT_MOST = 300.0


def offer_again(
    store: Store,
    catalogue: Catalogue,
    settings: Settings,
    now: datetime,
    noted: Callable[[Noted], None],
) -> None:
    """Offer each of them to the relay, one after the other, until one fails for no fault of its
    reader's: then the next run goes on."""
    began = monotonic()
    for due in _due(store, Notices(catalogue, settings), now):
        if monotonic() - began > _AT_MOST:
            return
        outcome = _offered(settings, due)
        settled = due.is_settled_by(outcome)
        noted(Noted(due.notice, due.subscriber, outcome, again=not settled))
        if settled and due.settle:
            with store.writing() as connection:
                due.settle(connection)
        elif not (isinstance(outcome, Deferred) and outcome.concern is not Concern.SENDER):
            return


def _offered(settings: Settings, due: Due) -> Outcome:
    try:
        return asyncio.run(notify(settings, due.make()))
    except ConfigurationError as error:
        return Refused(str(error), Concern.SENDER)
    except ValueError as error:
        # One reader's odd name must not keep all others from their mail.
        return Refused(f"cannot be printed: {error}", Concern.MESSAGE)


def _due(store: Store, notices: Notices, now: datetime) -> Iterator[Due]:
    """The questions, and then the changes; each is looked up when its turn comes."""
    with store.reading() as connection:
        lost = errands.unmailed(connection, now)
        untold = telling.untold(connection, now)
    for number in lost:
        with store.writing() as connection:
            question = errands.renew(connection, number, now)
        if question:
            yield question_due(notices, *question, now)
    for number in untold:
        with store.writing() as connection:
            news = telling.tell_now(connection, number, now)
        if news:
            yield change_due(notices, news, now)
