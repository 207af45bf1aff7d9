"""Again: what readers have yet to hear of, since a page told them something within the hour before,
or since the relay did not take the mail."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from newsletter.delivery.message import Message
from newsletter.delivery.replies import Concern, Deferred, Outcome, Refused
from newsletter.editorial.topics import Catalogue
from newsletter.errors import ConfigurationError
from newsletter.settings import Settings
from newsletter.steps.notices import Notices
from newsletter.steps.notify import Noted, is_settled, notify
from newsletter.store.engine import Store
from subscribers import telling
from subscribers.telling import News


@dataclass(frozen=True, slots=True)
class _Due:
    """A notice to offer again."""

    notice: str
    reader: int
    make: Callable[[], Message]
    settled: Callable[[Connection], None]


def tell_again(
    store: Store,
    catalogue: Catalogue,
    settings: Settings,
    now: datetime,
    noted: Callable[[Noted], None],
) -> None:
    """Offer each of them to the relay, one after the other, until one fails for no fault of its
    reader's: then the next run goes on."""
    notices = Notices(catalogue, settings)
    for due in _changes(store, notices, now):
        outcome = _offered(settings, due.make)
        noted(Noted(due.notice, due.reader, outcome))
        if is_settled(outcome):
            with store.writing() as connection:
                due.settled(connection)
        elif not (isinstance(outcome, Deferred) and outcome.concern is not Concern.SENDER):
            return


def _offered(settings: Settings, make: Callable[[], Message]) -> Outcome:
    try:
        return asyncio.run(notify(settings, make()))
    except ConfigurationError as error:
        return Refused(str(error), Concern.SENDER)


def _changes(store: Store, notices: Notices, now: datetime) -> Iterator[_Due]:
    """What has changed in the subscriptions of readers who have not heard of it."""
    with store.reading() as connection:
        numbers = telling.untold(connection, now)
    for number in numbers:
        with store.writing() as connection:
            news = telling.tell_now(connection, number, now)
        if news:
            yield _change(notices, news, now)


def _change(notices: Notices, news: News, now: datetime) -> _Due:
    number = news.reader.number
    return _Due(
        "changed",
        number,
        lambda: notices.changed(news, now),
        lambda connection: telling.heard(connection, number, news.now),
    )
