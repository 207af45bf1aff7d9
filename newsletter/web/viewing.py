"""View in browser: a mail that she was sent, as a page."""

from http import HTTPStatus

from starlette.responses import HTMLResponse, Response

from newsletter.store import ledger
from newsletter.store.ledger import State
from newsletter.web.asking import Asked
from newsletter.web.pages import DeadLink, Pages
from subscribers import roster
from subscribers.links import Purpose

# A mail carries its style in itself. Nothing in it can run: there is no script-src.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_LONGEST = 9  # digits of an edition's number


def show(pages: Pages, asked: Asked) -> Response:
    """Her mail of an edition, also of one that came as text. Where there is none the page says the
    same, whether it was never sent, she was erased, or the ledger has forgotten it. Raises DeadLink
    for what we never signed."""
    number = pages.reader(Purpose.VIEW, asked.params["token"])
    edition = asked.params["edition"]
    if not (edition.isascii() and edition.isdecimal() and len(edition) <= _LONGEST):
        raise DeadLink
    with pages.store.reading() as connection:
        reader = roster.get(connection, number)
        delivery = ledger.of_subscriber(connection, int(edition), number)
    if reader is None or delivery is None or delivery.state is State.SKIPPED:
        days = pages.settings.ledger_days
        return pages.show("refusal", HTTPStatus.NOT_FOUND, reason="gone", days=days)
    html = pages.printers.page(reader, delivery)
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY})
