"""Who is measured: each sends so many mails to a sink, and tells what that cost."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.costs import ROOT, Cost, WrongResultError, cost_of
from tests.bench.planned import NOW, Stores
from tests.bench.sinks import Sink, expect, postfix
from tests.journeys.place import COMMAND

CONNECTIONS = 4  # ours by default


@dataclass(frozen=True)
class Sender:
    """One who sends. A mail's cost is what `many` take more than `few`: what has to be done once,
    such as starting Python or printing the edition, is not in it."""

    name: str
    sink: Sink
    few: int
    many: int
    send: Callable[[int, int], Cost]
    """Given the sink's port and how many."""

    def sent(self, messages: int) -> Cost:
        """Send so many; raises WrongResultError unless the sink has got just these."""
        before = self.sink.count()
        cost = self.send(self.sink.port, messages)
        try:
            expect(self.sink, before + messages)
        except WrongResultError as error:
            raise WrongResultError(f"{self.name}: {error}") from None
        return cost


def ours(stores: Stores, env: Mapping[str, str] | None = None) -> Callable[[int, int], Cost]:
    """`newsletter send`, as it is installed, in a place where so many mails wait."""

    def send(port: int, messages: int) -> Cost:
        place, environ = stores.copy(messages)
        return _newsletter_send(place, port, messages, environ | dict(env or {}))

    return send


def idle(stores: Stores, port: int) -> Cost:
    """`newsletter send` where the only mail has gone already: what starting alone costs."""
    place, environ = stores.copy(1)
    _newsletter_send(place, port, 1, environ)
    return _newsletter_send(place, port, 0, environ)


def _newsletter_send(place: Path, port: int, messages: int, env: Mapping[str, str]) -> Cost:
    relay = {"NEWSLETTER_RELAY__PORT": str(port), "NEWSLETTER_RELAY__CONNECTIONS": str(CONNECTIONS)}
    cost = cost_of([COMMAND, "send", "--now", NOW], place, {**relay, **env})
    said = (place / "said").read_text("utf-8")
    expected = f"Mails: {messages} sent." if messages else "Mails: none to send."
    if expected not in said.splitlines():
        raise WrongResultError(f"newsletter send did not say {expected!r}: {said[-500:]}")
    return cost


def limit(mail: bytes, scratch: Path) -> Callable[[int, int], Cost]:
    """Postfix's smtp-source with this very mail over and over: nobody renders anything."""
    file = scratch / "mail"
    file.write_bytes(mail.replace(b"\r\n", b"\n"))  # it ends the lines itself
    source = postfix("smtp-source")

    def send(port: int, messages: int) -> Cost:
        sessions = str(min(CONNECTIONS, messages))
        options = ("-d", "-s", sessions, "-m", str(messages), "-F", file)
        people = ("-f", "papers@example.org", "-t", "reader@example.org")
        return cost_of([source, *options, *people, f"127.0.0.1:{port}"], scratch)

    return send


def in_python(module: str, place: Path, path: Sequence[Path] = ()) -> Callable[[int, int], Cost]:
    """A module of this folder, with more packages from `path`; it is given port and number."""
    env = {"PYTHONPATH": ":".join(map(str, (ROOT, *path)))}

    def send(port: int, messages: int) -> Cost:
        words = (str(port), str(messages))
        return cost_of([sys.executable, "-m", f"tests.bench.{module}", *words], place, env)

    return send
