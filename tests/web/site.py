"""A site of one's own: the pages on a real server on loopback, and its readers."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from newsletter.cli.desk import load_catalogue
from newsletter.settings import FixedSettings, Settings
from newsletter.steps.notify import Noted, Withheld
from newsletter.store.engine import Store
from newsletter.web.application import application
from newsletter.web.guards import Served
from newsletter.web.pages import Pages
from newsletter.web.serving import listening, server
from subscribers import links, roster
from subscribers.addresses import Address
from subscribers.links import Purpose
from subscribers.model import Consent, Preferences, Subscriber

KEY = "a-key-for-tests-of-32-characters-or-more"
NOW = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Site:
    """A running server, and what it told of its requests."""

    store: Store
    settings: Settings
    port: int = 0
    now: datetime = NOW
    told: list[Served] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)

    def ask(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answered(response.status, found, response.read().decode())
        finally:
            connection.close()

    def get(self, path: str) -> Answered:
        return self.ask("GET", path)

    def post(self, path: str, body: str = "") -> Answered:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, body, kind)

    def told_soon(self, count: int) -> list[Served]:
        """What was told of the requests, once there is so much: it is told after the answer."""
        deadline = time.monotonic() + 20
        while len(self.told) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.told

    def noted_soon(self, count: int) -> list[str]:
        """The notices, once there are so many: they are sent after the answer."""
        deadline = time.monotonic() + 20
        while len(self.noted) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return [note.notice for note in self.noted]

    def withheld_soon(self, count: int) -> list[Withheld]:
        """The questions that were not asked, once there are so many."""
        deadline = time.monotonic() + 20
        while len(self.withheld) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.withheld

    def raw(self, octets: bytes) -> socket.socket:
        """A connection on which these octets were sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(octets)
        return connection

    def enrol(self, address: str = "ada@example.org", **wishes: object) -> int:
        preferences = Preferences(**wishes)  # type: ignore[arg-type]
        consent = Consent("she asked", "a test", NOW)
        with self.store.writing() as connection:
            return roster.enrol(
                connection, Address.parse(address), "Ada", preferences, consent
            ).number

    def reader(self, number: int) -> Subscriber | None:
        with self.store.reading() as connection:
            return roster.get(connection, number)

    def token(self, purpose: Purpose, number: int) -> str:
        return links.mint(self.settings.signing_keys(), purpose, number)


def site_settings(folder: Path, **own: object) -> Settings:
    values: dict[str, object] = {
        "data_dir": folder,
        "base_url": "https://papers.example.org",
        "secret_keys": KEY,
        "sender": {
            "name": "Paper Round",
            "address": "papers@example.org",
            "postal_address": "1 Example Street\n12345 Exampletown",
        },
    }
    return FixedSettings(**{**values, **own})  # type: ignore[arg-type]


def pages_of(site: Site) -> Pages:
    """Its pages, which tell the site of what they do."""
    told = (site.noted.append, site.withheld.append)
    return Pages(site.settings, site.store, load_catalogue(site.settings), lambda: site.now, *told)


@contextmanager
def served(store: Store, settings: Settings) -> Iterator[Site]:
    """The pages, served in a thread until the end."""
    site = Site(store, settings)
    running = server(application(pages_of(site), site.told.append))
    with listening("127.0.0.1", 0) as listener:
        site.port = listener.getsockname()[1]
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield site
        finally:
            running.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
