"""Her own: a copy of everything that is kept of her, and erasing it.

A link in a forwarded mail only asks. Both take a link that is freshly mailed to her, once and
within the hour, and a button behind it.
"""

from starlette.responses import Response

from newsletter.steps.due import question_due
from newsletter.steps.held import everything
from newsletter.web.asking import Asked
from newsletter.web.pages import Pages, SpentLink
from subscribers import errands, links, roster
from subscribers.links import Errand, Purpose
from subscribers.model import Subscriber


def owner(pages: Pages, asked: Asked) -> Subscriber | None:
    """Whose preferences the link opens, if she is still there; raises DeadLink."""
    return pages.subscriber(Purpose.PREFERENCES, asked.params["token"])


def reading_owner(pages: Pages, asked: Asked) -> Subscriber | None:
    """The same, if she is among the readers."""
    reader = owner(pages, asked)
    return reader if reader and reader.reads else None


def token_of(pages: Pages, number: int) -> str:
    """The token of her preferences, for a page behind a link that was mailed to her alone."""
    return links.mint(pages.stationery.keys, Purpose.PREFERENCES, number)


def show(pages: Pages, asked: Asked) -> Response:
    """What is kept, and two buttons. Who has left may ask as well."""
    if owner(pages, asked) is None:
        return pages.left()
    days = pages.settings.ledger_days
    return pages.show("own", path=f"/preferences/{asked.params['token']}", days=days)


def ask_copy(pages: Pages, asked: Asked) -> Response:
    """Mail her the link to a copy."""
    return mailed(pages, asked, Errand.EXPORT)


def ask_erasure(pages: Pages, asked: Asked) -> Response:
    """Mail her the link that erases."""
    return mailed(pages, asked, Errand.ERASE)


def show_copy(pages: Pages, asked: Asked) -> Response:
    """One button."""
    pages.waiting(Errand.EXPORT, asked.params["token"])
    return pages.show("copy", path=f"/copy/{asked.params['token']}")


def copy(pages: Pages, asked: Asked) -> Response:
    """Everything, as a file of JSON."""
    errand, now = pages.errand(Errand.EXPORT, asked.params["token"]), pages.clock()
    with pages.store.writing() as connection:
        number = errands.open_own(connection, errand, Errand.EXPORT, now)
        text = None if number is None else everything(connection, number)
    if text is None:
        raise SpentLink
    saved = {"Content-Disposition": 'attachment; filename="kept-of-me.json"'}
    return Response(text, media_type="application/json", headers=saved)


def show_erasure(pages: Pages, asked: Asked) -> Response:
    """One button, and what it does."""
    pages.waiting(Errand.ERASE, asked.params["token"])
    return pages.show("erase", path=f"/erase/{asked.params['token']}")


def erase(pages: Pages, asked: Asked) -> Response:
    """Forget her, committed before the answer."""
    errand, now = pages.errand(Errand.ERASE, asked.params["token"]), pages.clock()
    with pages.store.writing() as connection:
        number = errands.open_own(connection, errand, Errand.ERASE, now)
        if number is not None:
            roster.erase(connection, number, now)
    if number is None:
        raise SpentLink
    return pages.show("erased")


def mailed(pages: Pages, asked: Asked, errand: Errand) -> Response:
    """Mail her the link for an errand, or say that no more go to her today: who holds a link to
    her preferences may know that, unlike who types in an address."""
    reader = owner(pages, asked)
    if reader is None:
        return pages.left()
    now = pages.clock()
    with pages.store.writing() as connection:
        invitation = errands.ask_own(connection, reader.number, errand, now)
    path = f"/preferences/{asked.params['token']}"
    response = pages.show("inbox", path=path, full=invitation is None)
    if invitation is None:
        return response
    return pages.notifying(response, question_due(pages.notices, errand, invitation, now))
