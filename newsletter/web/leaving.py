"""Leaving: the page and the one click behind List-Unsubscribe (RFC 8058), and what is less.

Its token opens this alone. Whoever holds a forwarded mail can leave for her, pause her mails or
make them weekly, and no more; she is told by mail. Leaving can be taken back for a day; after that,
coming back takes a fresh confirmation.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection
from starlette.responses import Response

from newsletter.steps.due import Due
from newsletter.web.asking import Asked
from newsletter.web.pages import Pages
from newsletter.web.pausing import pause_of
from subscribers import errands, roster, telling
from subscribers import leaving as departing
from subscribers.links import Purpose
from subscribers.model import Frequency, State, Subscriber

PAUSE = timedelta(weeks=4)


def show(pages: Pages, asked: Asked) -> Response:
    """One button, and beside it what is less than leaving."""
    reader = _reader(pages, asked)
    if reader is None:  # erased: nothing is left that could be taken back
        return pages.left()
    if not (reader.reads or reader.state is State.PENDING):
        return _left(pages, asked)
    weekly = reader.preferences.frequency is Frequency.WEEKLY
    return pages.show("leave", path=_path(asked), reads=reader.reads, weekly=weekly)


def leave(pages: Pages, asked: Asked) -> Response:
    """Out, committed before the answer, which is always the same: may be repeated for ever, also
    after she was erased. The body does not matter (RFC 8058 §3.1: the URI says it all), but for
    the goodbye: who pressed her mail program's button asked for no further mail, not even that."""
    number = pages.reader(Purpose.UNSUBSCRIBE, asked.params["token"])
    now = pages.clock()
    with pages.store.reading() as connection:
        reader = roster.get(connection, number)
        asks = errands.asks(connection, number)
    response = _left(pages, asked)
    if reader is None or not (reader.reads or reader.state is State.PENDING or asks):
        return response  # without waiting for the lock of writers
    with pages.store.writing() as connection:
        left = departing.leave(connection, number, "the link in a mail", now)
    never_read = reader.state is State.PENDING
    if not left or never_read or asked.field("by") != "page":
        return response
    goodbye = pages.notices.goodbye
    return pages.notifying(response, Due("goodbye", number, lambda: goodbye(reader, now)))


def pause(pages: Pages, asked: Asked) -> Response:
    """Nothing for four weeks."""
    until = (pages.clock() + PAUSE).date()

    def paused(connection: Connection, reader: Subscriber) -> bool:
        return roster.pause(connection, reader.number, until, pages.clock())

    words = pages.stationery.language.date(until)
    return _less(pages, asked, paused, lambda _: pages.show("paused", until=words))


def weekly(pages: Pages, asked: Asked) -> Response:
    """One mail a week, with the best of it."""

    def changed(connection: Connection, reader: Subscriber) -> bool:
        wishes = replace(reader.preferences, frequency=Frequency.WEEKLY)
        return roster.change(connection, reader.number, wishes, pages.clock())

    def done(reader: Subscriber) -> Response:
        return pages.show("weekly", **pause_of(pages, reader))

    return _less(pages, asked, changed, done)


def undo(pages: Pages, asked: Asked) -> Response:
    """The departure taken back, where it was hers and of the last day."""
    number, now = pages.reader(Purpose.UNSUBSCRIBE, asked.params["token"]), pages.clock()
    news = None
    with pages.store.writing() as connection:
        gone = roster.get(connection, number)
        before = telling.terms_of(connection, gone) if gone else None
        back = departing.come_back(connection, number, "the link in a mail", now)
        if back and before:
            news = telling.tell(connection, number, before, now)
        reader = roster.get(connection, number)
    response = pages.show("back", reads=reader is not None and reader.reads)
    return pages.telling(response, news)


def _less(
    pages: Pages,
    asked: Asked,
    move: Callable[[Connection, Subscriber], bool],
    done: Callable[[Subscriber], Response],
) -> Response:
    """Make a move of a reader who reads; all of them are weighty."""
    reader = _reader(pages, asked)
    if reader is None or not reader.reads:
        return _left(pages, asked)
    return pages.changing(reader, move, done, _path(asked))


def _left(pages: Pages, asked: Asked) -> Response:
    """The same page for whoever is not among the readers, so that it tells nothing of her."""
    return pages.left(_path(asked))


def _reader(pages: Pages, asked: Asked) -> Subscriber | None:
    return pages.subscriber(Purpose.UNSUBSCRIBE, asked.params["token"])


def _path(asked: Asked) -> str:
    return f"/unsubscribe/{asked.params['token']}"
