"""Moving: her mails go to another address, by a link mailed to the old one and a yes from the new.

Whoever holds a forwarded mail could otherwise move her mails to himself, and have her copy there.
"""

from http import HTTPStatus

from sqlalchemy import Connection
from starlette.responses import Response

from newsletter.steps.due import Due
from newsletter.web.asking import Asked
from newsletter.web.own import mailed, reading_owner, token_of
from newsletter.web.pages import Pages, SpentLink
from newsletter.web.pausing import pause_of
from subscribers import errands
from subscribers.addresses import Address
from subscribers.errands import Invitation
from subscribers.errors import AddressRefused
from subscribers.links import Errand


def show(pages: Pages, asked: Asked) -> Response:
    """One button. Not the address she has: whoever holds a forwarded mail would see it."""
    if reading_owner(pages, asked) is None:
        return pages.left()
    return pages.show("address", path=f"/preferences/{asked.params['token']}")


def ask(pages: Pages, asked: Asked) -> Response:
    """Mail the link to the address she has."""
    if reading_owner(pages, asked) is None:
        return pages.left()
    return mailed(pages, asked, Errand.MOVE)


def show_form(pages: Pages, asked: Asked) -> Response:
    """One field."""
    pages.waiting(Errand.MOVE, asked.params["token"])
    return pages.show("move", path=f"/move/{asked.params['token']}", refused=False)


def ask_new(pages: Pages, asked: Asked) -> Response:
    """Mail the question to the new address. The answer is the same whatever is known of that one,
    and leaves before that is looked up; what is no address leaves the link for another try."""
    errand, now = pages.errand(Errand.MOVE, asked.params["token"]), pages.clock()
    try:
        address = Address.parse(asked.field("address"))
    except AddressRefused:
        path = f"/move/{asked.params['token']}"
        return pages.show("move", HTTPStatus.BAD_REQUEST, path=path, refused=True)
    with pages.store.writing() as connection:
        number = errands.open_own(connection, errand, Errand.MOVE, now)
    if number is None:
        raise SpentLink

    def question(connection: Connection) -> Invitation | None:
        return errands.ask_address(connection, number, address, now)

    response = pages.show("inbox", path=None, full=False)
    return pages.asking(response, Errand.CHANGE_ADDRESS, address, question)


def show_question(pages: Pages, asked: Asked) -> Response:
    """One button."""
    pages.waiting(Errand.CHANGE_ADDRESS, asked.params["token"])
    return pages.show("here", path=f"/address/{asked.params['token']}")


def move(pages: Pages, asked: Asked) -> Response:
    """Write to the new address from now on, and tell the old one."""
    errand = pages.errand(Errand.CHANGE_ADDRESS, asked.params["token"])
    now = pages.clock()
    with pages.store.writing() as connection:
        moved = errands.change_address(connection, errand, now)
    if moved is None:
        raise SpentLink
    notice = pages.notices.moved
    due = Due("moved", moved.before.number, lambda: notice(moved.before, now))
    token = token_of(pages, moved.after.number)
    page = pages.show("moved", preferences=f"/preferences/{token}", **pause_of(pages, moved.after))
    return pages.notifying(page, due)
