"""The server: uvicorn, without its banner, its log of paths and its patience."""

import asyncio
import socket
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from newsletter.web.guards import refusal

HEAD_SECONDS = 10.0
"""For the whole head of a request; uvicorn itself waits for ever."""

_CONNECTIONS = 1000
GRACE_SECONDS = 8
"""For what is being answered, and for notices, once the server is to end."""


class _Prompt(H11Protocol):
    """Cuts a connection whose next request does not arrive whole in time."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's signature
        """To what is no request: uvicorn's own answer has none of the guards' headers."""
        status = HTTPStatus.BAD_REQUEST
        headers, text = refusal(status)
        reason = status.phrase.encode()
        start = h11.Response(status_code=status.value, headers=headers, reason=reason)
        for event in (start, h11.Data(data=text), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event))
        self.transport.close()

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:  # the head is here
            self._unwatch()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections there. Raises OSError where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=_CONNECTIONS)
    # Connections inherit it. asyncio would see to it only for a socket that names its protocol, and
    # a page is two writes, head and body: the second waited 40 ms for the client to acknowledge.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def server(app: ASGIApp) -> uvicorn.Server:
    """A server that answers on the sockets it is run with until SIGTERM or Ctrl-C; then it
    finishes what is being answered, for at most eight seconds."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=_Prompt,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",  # what goes wrong in a page is told by the guards, in JSON
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
