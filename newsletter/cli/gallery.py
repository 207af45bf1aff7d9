"""The gallery: every kind of mail on one page, on a phone and a desktop, in light and dark."""

import email
import email.policy
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import click
from jinja2 import Environment, PackageLoader

from newsletter.delivery.message import Message
from newsletter.errors import ConfigurationError

_DARK = "@media (prefers-color-scheme: dark)"
_ALWAYS, _NEVER = "@media all", "@media not all"
_WIDTHS = (("phone", 360), ("desktop", 700))


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One mail to be shown."""

    name: str
    message: Message
    faults: Sequence[str] = ()


class _View(NamedTuple):
    name: str
    width: int
    html: str


class _Shown(NamedTuple):
    name: str
    subject: str
    kilobytes: float
    faults: Sequence[str]
    views: Sequence[_View]
    text: str


def gallery_page(
    print_all: Callable[[], Iterable[Exhibit]], source: str, stamp: str | None = None
) -> str:
    """The page; where nothing can be printed it says why. With a `stamp` it asks for a newer one
    every second, and reloads itself when there is one."""
    shown, error = [], ""
    try:
        shown = [_shown(exhibit) for exhibit in print_all()]
    except ConfigurationError as refused:
        error = str(refused)
    templates = Environment(loader=PackageLoader("newsletter", "cli"), autoescape=True)
    return templates.get_template("gallery.html").render(
        mails=shown, source=source, error=error, stamp=stamp, watched=stamp is not None
    )


def serve_gallery(make: Callable[[str], str], folders: Sequence[Path], port: int) -> None:
    """Serve the page on 127.0.0.1, made anew whenever a file in one of the folders has changed,
    until Ctrl-C. `make` takes the stamp that stands for the files as they are."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # http.server's name
            stamp = _stamp(folders)
            if self.path == "/stamp":
                self._answer(stamp, "text/plain")
            elif self.path == "/":
                self._answer(make(stamp), "text/html")
            else:
                self.send_error(404)

        def _answer(self, content: str, kind: str) -> None:
            octets = content.encode()
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(octets)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *_: object) -> None:
            """Nobody reads a log of this."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise ConfigurationError(f"127.0.0.1:{port} cannot be listened on: {error}") from error
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    click.echo(f"Every mail is shown at {address}; Ctrl-C ends it.")
    if "SSH_CONNECTION" not in os.environ:  # there is no browser where nobody sits
        click.launch(address)
    try:
        while thread.is_alive():
            thread.join(1)  # not for ever: a signal right before a wait is heard after it
    except KeyboardInterrupt:
        pass
    finally:
        server.shutdown()
        server.server_close()


def _shown(exhibit: Exhibit) -> _Shown:
    message = email.message_from_bytes(exhibit.message.as_bytes(), policy=email.policy.default)
    page, text = (
        str(part.get_content()) if (part := message.get_body((kind,))) else ""
        for kind in ("html", "plain")
    )
    views = [
        _View(f"{device}, {scheme}", width, page.replace(_DARK, rule))
        for device, width in _WIDTHS
        for scheme, rule in (("light", _NEVER), ("dark", _ALWAYS))
        if page
    ]
    kilobytes = len(page.encode()) / 1000
    return _Shown(exhibit.name, str(message["Subject"]), kilobytes, exhibit.faults, views, text)


def _stamp(folders: Sequence[Path]) -> str:
    """Changes whenever a file in the folders does."""
    times = [path.stat().st_mtime_ns for folder in folders for path in folder.rglob("*")]
    return f"{len(times)}-{max(times, default=0)}"
