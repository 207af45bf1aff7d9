"""More and less like this: the links beside a paper in her mail. A GET shows the paper and two
buttons, since scanners follow links; a POST records which she pressed, or takes it back."""

from datetime import datetime

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from newsletter.editorial.papers import PaperId
from newsletter.rendering.printable import Words
from newsletter.steps import taste
from newsletter.store import curations
from newsletter.store.curations import Work
from newsletter.web.asking import Asked
from newsletter.web.pages import Pages
from subscribers import roster
from subscribers.links import Purpose

_WISHES = {"more": True, "less": False}


def show(pages: Pages, asked: Asked) -> Response:
    """The paper and two buttons, that of the link she followed first."""
    if asked.params["wish"] not in _WISHES:
        raise HTTPException(404)
    number, work = _hers(pages, asked)
    with pages.store.reading() as connection:
        reader = roster.get(connection, number)
    if reader is None or not reader.reads:
        return pages.left()
    return _page(pages, asked, work, done=None)


def record(pages: Pages, asked: Asked) -> Response:
    """What she wishes, in place of what she asked about the paper before; "neither" takes it
    back."""
    wish = asked.params["wish"]
    if wish not in {*_WISHES, "neither"}:
        raise HTTPException(404)
    number, work = _hers(pages, asked)
    with pages.store.writing() as connection:
        reader = roster.get(connection, number)
        if reader is None or not reader.reads:
            return pages.left()
        note(connection, number, work, wish, pages.clock())
    return _page(pages, asked, work, done=wish)


def note(connection: Connection, number: int, work: Work, wish: str, now: datetime) -> None:
    """Keep that she wants "more" or "less" like a paper, or "neither" any more."""
    if wish in _WISHES:
        taste.ask(connection, number, work.id.value, _WISHES[wish], now)
    else:
        taste.take_back(connection, number, work)


def work_named(pages: Pages, text: str) -> Work:
    """The paper that a page names; raises HTTPException where the archive knows no such paper."""
    name = PaperId.named(text)
    with pages.store.reading() as connection:
        work = curations.known(connection, name) if name else None
    if work is None:
        raise HTTPException(404)
    return work


def _hers(pages: Pages, asked: Asked) -> tuple[int, Work]:
    """Whose link it is and the paper it names; raises DeadLink, or HTTPException where the archive
    knows no such paper."""
    number = pages.reader(Purpose.TASTE, asked.params["token"])
    return number, work_named(pages, asked.params["paper"])


def _page(pages: Pages, asked: Asked, work: Work, done: str | None) -> Response:
    wishes = ("less", "more") if asked.params["wish"] == "less" else ("more", "less")
    return pages.show(
        "taste",
        title=Words.from_tex(work.title),
        doors=[(wish, f"/taste/{asked.params['token']}/{wish}/{work.id.value}") for wish in wishes],
        back=f"/taste/{asked.params['token']}/neither/{work.id.value}",
        paper=f"/papers/{work.id.value}",
        done=done,
    )
