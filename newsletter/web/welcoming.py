"""Welcome: when her first digest comes, and papers to begin her taste with.

The page takes what she says of a paper itself, so that she is back among the others at once.
"""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from newsletter.rendering.page_views import listed_view
from newsletter.rendering.wishes import when_words
from newsletter.steps import taste
from newsletter.steps.first import best_for, first_digest
from newsletter.steps.rhythm import default_rhythm
from newsletter.store.editions import latest_edition
from newsletter.web import tasting
from newsletter.web.archive import PAPERS
from newsletter.web.asking import Asked
from newsletter.web.own import owner, reading_owner
from newsletter.web.pages import Pages
from subscribers import roster
from subscribers.model import Subscriber

_SHOWN = 5  # papers of the newest edition
_WISHES = {"more", "neither"}


def show(pages: Pages, asked: Asked) -> Response:
    """The page, which may be loaded again."""
    reader = reading_owner(pages, asked)
    if reader is None:
        return pages.left()
    return _page(pages, asked, reader)


def record(pages: Pages, asked: Asked) -> Response:
    """More like a paper, or that taken back; the page again."""
    reader = owner(pages, asked)
    wish, _, name = asked.field("do").partition(" ")
    if wish not in _WISHES:
        raise HTTPException(400)
    work = tasting.work_named(pages, name)
    with pages.store.writing() as connection:
        fresh = roster.get(connection, reader.number) if reader else None
        if fresh is None or not fresh.reads:
            return pages.left()
        tasting.note(connection, fresh.number, work, wish, pages.clock())
    return _page(pages, asked, fresh)


def _page(pages: Pages, asked: Asked, reader: Subscriber) -> Response:
    language = pages.stationery.language
    with pages.store.reading() as connection:
        newest = latest_edition(connection)
        listings = best_for(connection, reader, newest, _SHOWN)
        liked = {each.paper for each in taste.asked(connection, reader.number) if each.more}
    papers = [
        (each.paper.id.value, listed_view(each, None, pages.catalogue, language, PAPERS))
        for each in listings
    ]
    first = first_digest(reader, pages.settings, newest, pages.clock())
    rhythm = reader.preferences.rhythm(default_rhythm(pages.settings))
    token = asked.params["token"]
    return pages.show(
        "welcome",
        first=language.moment(first.when),
        occasion=first.occasion,
        usual=when_words(rhythm, language),
        papers=papers,
        liked=liked,
        path=f"/welcome/{token}",
        preferences=f"/preferences/{token}",
    )
