"""What stands between the network and every page, as pure ASGI.

A body is read whole before a page sees it, within limits of size and of time for all of it, so that
memory stays flat and nobody drips. Every answer carries the headers of a page that is private; a
public page says so itself with a `Cache-Control` of its own.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_OCTETS = 64 * 1024
"""Of a body: a form with every wish filled to its limit is half as large."""

BODY_SECONDS = 10.0
"""For a whole body, however it comes."""

_POLICY = (
    # connect-src is for whoever looks at a page from inside of it, as Lighthouse at robots.txt.
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https:;"
    " connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": _POLICY,
}


@dataclass(frozen=True, slots=True)
class Served:
    """One answered request, fit for a log: no path, since tokens stand in paths."""

    method: str
    page: str
    """The name of the route, or "none"."""
    status: int
    milliseconds: float
    fault: str | None = None
    """The bug that made it a 500: its kind, and the line it came from."""


class Telling:
    """Tells of every answer; what a page raises becomes a bare 500."""

    def __init__(self, app: ASGIApp, tell: Callable[[Served], None]) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, fault = time.monotonic(), 0, None
        ended = began

        async def noted(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)
            ended = time.monotonic()  # a notice that is sent after the answer takes its own time

        try:
            await self._app(scope, receive, noted)
        except Exception as error:  # noqa: BLE001  # the outermost shell: whatever is left is a bug
            fault = _where(error)
            if not status:
                await _refuse(HTTPStatus.INTERNAL_SERVER_ERROR, noted)
        endpoint = scope.get("endpoint")
        self._tell(
            Served(
                scope["method"],
                getattr(endpoint, "page", "none"),
                status,
                round((ended - began) * 1000, 1),
                fault or scope.get("fault"),
            )
        )


class Fences:
    """Keeps bodies within their limits and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message))
            await send(message)

        body = await _body(Headers(scope=scope), receive)
        if isinstance(body, HTTPStatus):
            await _refuse(body, send)
        elif body is not None:
            await self._app(scope, _replayed(body, receive), guarded)


async def _body(headers: Headers, receive: Receive) -> bytes | HTTPStatus | None:
    """The body; why it is refused; or None where the client has gone."""
    announced = headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdecimal()):
        return HTTPStatus.BAD_REQUEST
    if int(announced[:20]) > MOST_OCTETS:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MOST_OCTETS:
                    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                more = message.get("more_body", False)
    except TimeoutError:
        return HTTPStatus.REQUEST_TIMEOUT
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _protect(headers: MutableHeaders) -> None:
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    if "cache-control" not in headers:
        headers["Cache-Control"] = "no-store"
        headers["X-Robots-Tag"] = "noindex, nofollow"


def refusal(status: HTTPStatus) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of a bare answer, after which the connection closes: what still comes is not
    for us."""
    text = f"{status.value} {status.phrase}\n".encode()
    headers = MutableHeaders(
        {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(text)),
            "Connection": "close",
        }
    )
    _protect(headers)
    return headers.raw, text


async def _refuse(status: HTTPStatus, send: Send) -> None:
    headers, text = refusal(status)
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def _where(error: BaseException) -> str:
    """The kind of a bug and its line. Not its words: they may hold an address."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{line}"
