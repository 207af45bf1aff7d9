"""Subscribing: a form, a question by mail, and a button behind it.

Whoever fills the form gets the same answer in the same time, whatever is known of the address: the
answer leaves before anything is looked up. What the form says counts once it is confirmed.
"""

from http import HTTPStatus

from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from newsletter.delivery.message import Message
from newsletter.steps.due import Due
from newsletter.steps.first import best_for, first_digest
from newsletter.store.editions import EditionSummary, latest_edition
from newsletter.web.asking import Asked
from newsletter.web.clients import client
from newsletter.web.own import token_of
from newsletter.web.pages import Pages, SpentLink
from newsletter.web.public import Printed
from newsletter.web.wishing import Filled, Wish, empty, offered, read_wish
from subscribers import errands, roster
from subscribers.errands import Invitation
from subscribers.links import Errand

_WORDING = 1
"""The version of the words that she agrees to: count on when they change."""

_SOURCE = "the page /subscribe"
_MAILED = 3  # papers of the newest edition, to begin a taste with


def show(pages: Pages, asked: Asked) -> Response:
    """The form."""

    def made(newest: EditionSummary | None) -> Printed:
        return Printed.of(bytes(_form(pages, empty(pages), newest).body))

    return pages.rack.page(asked, "subscribe", made)


def ask(pages: Pages, asked: Asked) -> Response:
    """Mail the question to whoever reads mail at the address. Nothing of it is the asker's."""
    wish = read_wish(pages, asked)
    if isinstance(wish, Filled):
        with pages.store.reading() as connection:
            newest = latest_edition(connection)
        return _form(pages, wish, newest, HTTPStatus.UNPROCESSABLE_ENTITY)
    now = pages.clock()
    here = client(asked.client, asked.forwarded, pages.settings.web.trusted_proxies)
    if wait := pages.limit.wait(here, now):
        refused = pages.show("refusal", HTTPStatus.TOO_MANY_REQUESTS, reason="often")
        refused.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
        return refused
    return _asking(pages, wish)


def show_question(pages: Pages, asked: Asked) -> Response:
    """One button, since scanners follow links; who has pressed it is told so."""
    if already := _already(pages, asked):
        return already
    pages.waiting(Errand.CONFIRM, asked.params["token"])
    return pages.show("confirm", path=f"/confirm/{asked.params['token']}")


def confirm(pages: Pages, asked: Asked) -> Response:
    """She reads from now on; her welcome page follows, which may be loaded again."""
    errand, now = pages.errand(Errand.CONFIRM, asked.params["token"]), pages.clock()
    with pages.store.writing() as connection:
        reader = errands.confirm(connection, errand, now)
    if reader is None:
        if already := _already(pages, asked):
            return already
        raise SpentLink
    token = token_of(pages, reader.number)
    response = RedirectResponse(f"/welcome/{token}", HTTPStatus.SEE_OTHER)

    def welcome() -> Message:
        with pages.store.reading() as connection:
            newest = latest_edition(connection)
            best = best_for(connection, reader, newest, _MAILED)
        first = first_digest(reader, pages.settings, newest, now)
        return pages.notices.welcome(reader, first, newest, best, now)

    return pages.notifying(response, Due("welcome", reader.number, welcome))


def _already(pages: Pages, asked: Asked) -> Response | None:
    """Where her preferences are, for who has said yes: the link is hers, and as good as theirs."""
    errand, now = pages.errand(Errand.CONFIRM, asked.params["token"]), pages.clock()
    with pages.store.reading() as connection:
        number = errands.confirmed(connection, errand, now)
        reader = None if number is None else roster.get(connection, number)
    if reader is None or not reader.reads:
        return None
    token = token_of(pages, reader.number)
    return pages.show("already", preferences=f"/preferences/{token}")


def _form(
    pages: Pages,
    filled: Filled,
    newest: EditionSummary | None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    words = _consent(pages)
    return pages.show("subscribe", status, filled=filled, consent=words, **offered(pages, newest))


def _asking(pages: Pages, wish: Wish) -> Response:
    now = pages.clock()
    wording = f"wording {_WORDING}: {_consent(pages)}"

    def asked(connection: Connection) -> Invitation | None:
        return errands.ask(connection, wish.address, wish.preferences, wording, _SOURCE, now)

    return pages.asking(pages.show("asked"), Errand.CONFIRM, wish.address, asked)


def _consent(pages: Pages) -> str:
    """The words that she agrees to; they are kept as she saw them."""
    sentence = pages.stationery.language.gettext(
        "{name} may mail me trending papers at this address, until I unsubscribe."
    )
    return sentence.format(name=pages.settings.sender.name)
