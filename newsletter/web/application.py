"""The application: the routes, what is shown where something fails, and the guards around it."""

from collections.abc import Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from newsletter.errors import Temporary
from newsletter.web.guards import Fences, Served, Telling
from newsletter.web.pages import DeadLink, Pages, SpentLink
from newsletter.web.routes import table


def application(pages: Pages, tell: Callable[[Served], None]) -> Starlette:
    """All pages, as ASGI. `tell` is called once for every request that was answered.

    Raises ConfigurationError where templates or keys are missing or wrong.
    """
    pages.show("refusal", reason="missing")  # a broken template is found before the first reader
    _ = pages.stationery.keys

    async def refused(request: Request, error: Exception) -> Response:
        status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
        headers = dict((error.headers or {}) if isinstance(error, HTTPException) else {})
        if status is HTTPStatus.METHOD_NOT_ALLOWED and request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
        reason = "missing" if status is HTTPStatus.NOT_FOUND else "unreadable"
        return await _refusal(pages, status, reason, headers)

    async def dead(_request: Request, error: Exception) -> Response:
        reason = "spent" if isinstance(error, SpentLink) else "dead"
        return await _refusal(pages, HTTPStatus.NOT_FOUND, reason, {})

    async def later(request: Request, error: Exception) -> Response:
        request.scope["fault"] = type(error).__name__
        wait = {"Retry-After": "60"}
        return await _refusal(pages, HTTPStatus.SERVICE_UNAVAILABLE, "later", wait)

    app = Starlette(
        routes=table(pages),
        middleware=[Middleware(Telling, tell=tell), Middleware(Fences)],
        exception_handlers={HTTPException: refused, DeadLink: dead, Temporary: later},
    )
    app.router.redirect_slashes = False  # the redirect would name the host that the client sent
    return app


async def _refusal(
    pages: Pages, status: HTTPStatus, reason: str, headers: dict[str, str]
) -> Response:
    response = await run_in_threadpool(pages.show, "refusal", status, reason=reason)
    response.headers.update(headers)
    return response
