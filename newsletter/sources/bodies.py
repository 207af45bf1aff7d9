"""What a service sends, read within bounds: of time, however slowly it drips, and of bytes, packed
and unpacked."""

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx2

SIZE_LIMIT = 32_000_000  # bytes, packed or not; 2,000 announcements of arXiv are 5 million
_WORDS = 2_000  # bytes of an error's body that are looked at
_GZIP = zlib.MAX_WBITS | 16  # zlib's word for a gzip header


class Unreadable(Exception):
    """A body that will not be read, however often it is asked for; the text says why."""


class Overdue(Unreadable):
    """A request that took longer than a request may."""


class Watch:
    """Cuts the connection off under a request that takes too long. httpx's own timeouts are for
    the next bytes, and begin anew with each of them."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._left = seconds
        self._rang = False
        self._socket: socket.socket | None = None

    def renew(self) -> None:
        """A new request has all the time again."""
        self._left = self._seconds
        self._rang = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time passes inside the block alone; raises Overdue where it is over."""
        begun = time.monotonic()
        timer = threading.Timer(max(0.0, self._left), self._ring)
        timer.daemon = True
        timer.start()
        try:
            yield
        except httpx2.TransportError:
            self.check()
            raise
        finally:
            timer.cancel()
            timer.join()
            self._left -= time.monotonic() - begun

    def check(self) -> None:
        """Raise Overdue where the time was over: what came may be a half then."""
        if self._rang:
            raise Overdue(f"not whole after {self._seconds:g} seconds")

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpx's `trace` extension, which tells of a new connection and of its encryption."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self._rang:
                self._cut()

    def _ring(self) -> None:
        self._rang = True
        self._cut()

    def _cut(self) -> None:
        if self._socket:
            with suppress(OSError):  # it is closed already
                # To close it would wake nobody; SSLSocket's shutdown pulls TLS from under a reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def body_of(response: httpx2.Response, watch: Watch) -> bytes:
    """The body, unpacked. Raises Unreadable, zlib.error, and what httpx raises."""
    body, is_whole = _first(response, watch, SIZE_LIMIT)
    if not is_whole:
        raise Unreadable(f"more than {SIZE_LIMIT // 1_000_000} MB")
    return body


def words_of(response: httpx2.Response, watch: Watch) -> str:
    """What an error's body says where it is plain text, as arXiv's "Rate exceeded."."""
    try:
        body, _ = _first(response, watch, _WORDS)
    except (Unreadable, zlib.error, httpx2.TransportError):
        return ""
    text = " ".join(body.decode("utf-8", "replace").split())
    is_plain = text.isprintable() and not text.startswith(("<", "{", "["))
    return text if is_plain else ""


def _first(response: httpx2.Response, watch: Watch, limit: int) -> tuple[bytes, bool]:
    """The beginning of a body, unpacked, and whether it is all of it. It ends with the chunk in
    which the limit is passed, be it by packed bytes that unpack to nothing."""
    unpacked = _unpacking(response.headers.get("Content-Encoding", ""))
    body = bytearray()
    came = 0
    for chunk in response.iter_raw():
        watch.check()
        came += len(chunk)
        body += unpacked(chunk, limit + 1 - len(body))
        if max(came, len(body)) > limit:
            return bytes(body), False
    watch.check()
    return bytes(body), True


def _unpacking(encoding: str) -> Callable[[bytes, int], bytes]:
    """How the next bytes are unpacked, and to how many at most."""
    match encoding.strip().lower():
        case "" | "identity":
            return lambda chunk, _: chunk
        case "gzip" | "x-gzip":
            return zlib.decompressobj(_GZIP).decompress
    raise Unreadable(f"packed as {encoding[:20]!a}, which was not asked for")
