"""The table of routes: every page's path, its name in the log, and what answers it."""

from collections.abc import Callable, Mapping
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from newsletter.web import (
    archive,
    feeds,
    leaving,
    moving,
    own,
    preferences,
    subscribing,
    tasting,
    viewing,
    welcoming,
)
from newsletter.web.asking import Asked, read_asked
from newsletter.web.pages import Pages

Answer = Callable[[Pages, Asked], Response]
"""A page: synchronous, since the store is; it is called in a thread."""


# Threads of one program take turns at the interpreter, and the more of them the longer is a turn:
# with forty, as Starlette has them, a click costs a third more. Who writes may have to wait for
# another program's transaction: whoever only reads does not wait behind.
_READERS, _WRITERS = 8, 4


class _Endpoint:
    """One page as Starlette calls it. `page` is its name in the log."""

    def __init__(
        self,
        page: str,
        pages: Pages,
        threads: Mapping[str, CapacityLimiter],
        get: Answer | None,
        post: Answer | None,
    ) -> None:
        self.page = page
        self._threads = threads
        self.methods = [name for name, answer in (("GET", get), ("POST", post)) if answer]
        self._pages = pages
        self._answers = {"GET": get, "HEAD": get, "POST": post}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive, send)
        answer = self._answers[request.method]
        if answer is None:
            raise HTTPException(405, headers={"Allow": ", ".join(self.methods)})
        asked = await read_asked(request)
        threads = self._threads[request.method]
        response = await run_sync(answer, self._pages, asked, limiter=threads)
        await response(scope, receive, send)


def table(pages: Pages) -> list[Route]:
    """All routes. A GET changes nothing, anywhere: scanners follow every link in a mail."""

    reading, writing = CapacityLimiter(_READERS), CapacityLimiter(_WRITERS)
    threads = {"GET": reading, "HEAD": reading, "POST": writing}

    def page(path: str, name: str, get: Answer | None = None, post: Answer | None = None) -> Route:
        endpoint = _Endpoint(name, pages, threads, get, post)
        return Route(path, endpoint, methods=endpoint.methods, name=name)

    return [
        page("/healthz", "health", _health),
        page("/static/{name}", "static", _static),
        page("/unsubscribe/{token}", "unsubscribe", leaving.show, leaving.leave),
        page("/unsubscribe/{token}/pause", "unsubscribe_pause", post=leaving.pause),
        page("/unsubscribe/{token}/weekly", "unsubscribe_weekly", post=leaving.weekly),
        page("/taste/{token}/{wish}/{paper:path}", "taste", tasting.show, tasting.record),
        page("/view/{token}/{edition}", "view", viewing.show),
        page("/unsubscribe/{token}/undo", "unsubscribe_undo", post=leaving.undo),
        page("/preferences/{token}", "preferences", preferences.show, preferences.change),
        page("/preferences/{token}/address", "address_ask", moving.show, moving.ask),
        page("/move/{token}", "move", moving.show_form, moving.ask_new),
        page("/address/{token}", "address", moving.show_question, moving.move),
        page("/preferences/{token}/own", "own", own.show),
        page("/preferences/{token}/copy", "copy_ask", post=own.ask_copy),
        page("/preferences/{token}/erase", "erase_ask", post=own.ask_erasure),
        page("/copy/{token}", "copy", own.show_copy, own.copy),
        page("/erase/{token}", "erase", own.show_erasure, own.erase),
        page("/subscribe", "subscribe", subscribing.show, subscribing.ask),
        page("/confirm/{token}", "confirm", subscribing.show_question, subscribing.confirm),
        page("/welcome/{token}", "welcome", welcoming.show, welcoming.record),
        page("/", "today", archive.today),
        page("/editions", "editions", archive.editions),
        page("/editions/{day}", "edition", archive.edition),
        page("/papers/{paper:path}", "paper", archive.paper),
        page("/bibtex/{paper:path}", "bibtex", archive.citation),
        page("/topics", "topics", archive.topics),
        page("/topics/{slug}", "topic", archive.topic),
        page("/search", "search", archive.found),
        page("/feed.atom", "feed.atom", feeds.atom_feed),
        page("/feed.json", "feed.json", feeds.feed_in_json),
        page("/sitemap.xml", "sitemap", feeds.sitemap),
        page("/robots.txt", "robots", feeds.robots),
        page("/favicon.svg", "favicon", feeds.favicon),
    ]


def _health(pages: Pages, _asked: Asked) -> Response:
    """Whether pages can be served: the store answers."""
    with pages.store.reading() as connection:
        connection.exec_driver_sql("SELECT 1")
    return PlainTextResponse("ok\n")


def _static(pages: Pages, asked: Asked) -> Response:
    response = pages.asset(asked.params["name"])
    if response is None:
        raise HTTPException(404)
    return response
