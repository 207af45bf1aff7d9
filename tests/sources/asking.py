"""A service's client as one gathering has it, against a server on this machine, with pauses of
hundredths of a second."""

from datetime import date
from pathlib import Path

from newsletter.sources.answers import Answer, AnswerBook
from newsletter.sources.http import BreaksOff, Client, Etiquette
from tests.services import Reply, Services

CERTIFICATE = Path(__file__).parents[1] / "edges/self_signed.pem"
TODAY = date(2026, 4, 28)
OK = Reply(b"what was asked for")


class Asking:
    """A service's client as one gathering has it; each gathering has a new one."""

    def __init__(self, server: Services, folder: Path) -> None:
        self.server = server
        self.book = AnswerBook(folder, 30)
        self.day = TODAY
        self.manner: dict[str, object] = {}
        self.trouble = ""

    def client(self) -> Client:
        manner: dict[str, object] = {
            "source": "Service",
            "hosts": frozenset({"127.0.0.1"}),
            "contact": "mailto:papers@example.org",
            "timeout": 0.4,
            "retry_wait": 0.005,
        }
        etiquette = Etiquette(**{**manner, **self.manner})  # type: ignore[arg-type]
        return Client(etiquette, self.book.begin(self.day))

    def __call__(self, *paths: str, once_a_day: bool = False) -> list[Answer]:
        """The answers to these requests, made one after the other by a new client."""
        with self.client() as client:
            return [
                client.get("kind", self.server.url + path, self.check, once_a_day=once_a_day)
                for path in paths
            ]

    def check(self, body: bytes) -> str:
        return BreaksOff("it breaks off") if body.startswith(b"half") else self.trouble

    def times(self, path: str = "") -> int:
        return sum(asked.path == path or not path for asked in self.server.asked)
