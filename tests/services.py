"""Hugging Face and arXiv on this machine: a real HTTP server that answers as a test lays down."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Reply:
    """One answer, and how it goes wrong."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    """Bytes of the body after which the connection is closed."""
    drip: float = 0.0
    """Seconds before each further kilobyte."""
    silent: bool = False
    """Nothing is answered at all."""
    endless: int = 0
    """How many bytes of blanks follow the body."""
    no_end_of_headers: bool = False
    """The headers come byte by byte and never end."""
    no_end: bool = False
    """After the body zeros follow, and never end."""


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    at: float
    """On the monotonic clock."""


Rule = Callable[[Asked], Reply | None]


class Services:
    """What stands at the other end. Rules are asked in turn; the first that replies does.

    With a `certificate` (and its key, in one file) it speaks https.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.rules: list[Rule] = []
        self.asked: list[Asked] = []
        services = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else every answer is 40 ms late

            def do_GET(self) -> None:
                services._answer(self)

            def log_message(self, *words: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Whoever asked hung up: that is part of what is tested."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._stopping = threading.Event()
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    def at(self, path: str, *replies: Reply, **query: str) -> None:
        """Requests for this path, and with these parameters in their query, are answered by these,
        one after the other, the last one for ever; it goes before what was laid down earlier."""
        left = list(replies)

        def rule(asked: Asked) -> Reply | None:
            if asked.path != path or not query.items() <= asked.query.items():
                return None
            return left.pop(0) if len(left) > 1 else left[0]

        self.rules.insert(0, rule)

    def settings(self, *enabled: str, categories: str = '"cs.AI"', more: str = "") -> str:
        """The tables of newsletter.toml that lead here, to either service by a name of its own."""
        hugging_face = self.url.replace("http://127.0.0.1", "http://localhost")
        names = ", ".join(f'"{name}"' for name in enabled)
        return f"""
[sources]
enabled = [{names}]
timeout = 0.5
retry_wait = 0.01
[sources.huggingface]
url = "{hugging_face}/hf"
[sources.arxiv]
categories = [{categories}]
feed_url = "{self.url}/rss"
api_url = "{self.url}/query"
oai_url = "{self.url}/oai"
pause = 0
{more}
"""

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        asked = Asked(parts.path, query, dict(handler.headers.items()), time.monotonic())
        self.asked.append(asked)
        found = (reply for rule in self.rules if (reply := rule(asked)) is not None)
        reply = next(found, Reply(b"no such page", 404))
        if reply.silent:
            self._stopping.wait(30)
            handler.close_connection = True
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.no_end or reply.no_end_of_headers:
            handler.close_connection = True
        else:
            handler.send_header("Content-Length", str(len(reply.body) + reply.endless))
        try:
            if reply.no_end_of_headers:
                handler.flush_headers()
                self._drip(handler, b"x")
            else:
                handler.end_headers()
                self._send(handler, reply)
            if reply.no_end:
                self._drip(handler, bytes(100))
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True

    def _drip(self, handler: BaseHTTPRequestHandler, octets: bytes) -> None:
        """Send this again and again, until the other end hangs up."""
        while not self._stopping.wait(0.02):
            handler.wfile.write(octets)

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        body = reply.body[: reply.cut_after]
        step = 1024 if reply.drip else max(len(body), 1)
        for start in range(0, len(body), step):
            if reply.drip and self._stopping.wait(reply.drip):
                break
            handler.wfile.write(body[start : start + step])
        for _ in range(reply.endless // 1_000_000):
            handler.wfile.write(b" " * 1_000_000)
        if reply.cut_after is not None:
            handler.close_connection = True

    @contextmanager
    def running(self) -> Iterator["Services"]:
        """The server, until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._stopping.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()
