"""What the server was given: started as a process, and its notes read as they come."""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]

NOTICE = 1.0
"""Seconds after which a sender that lives must have noticed a reply in its socket."""


@dataclass
class Copy:
    """One mail that the server took."""

    connection: int
    asked_at: float
    """When its RCPT came: its turn had begun."""
    taken_at: float
    recipient: str
    message_id: str
    digest: str
    told_at: float | None = None
    """When its 250 was in the client's socket; None: the client had left before."""


@dataclass
class Connection:
    """One connection and the mails it carried, in order."""

    opened_at: float
    copies: list[Copy] = field(default_factory=list)
    has_quit: bool = False
    idled: bool = False
    ended_at: float | None = None


class Truth:
    """The server's notes so far; `read` brings them up to date."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes
        self._offset = 0
        self.connections: dict[int, Connection] = {}
        self.copies: list[Copy] = []

    def read(self) -> "Truth":
        with self._notes.open("rb") as file:
            file.seek(self._offset)
            *lines, rest = file.read().split(b"\n")
            self._offset = file.tell() - len(rest)
        for line in lines:
            self._note(*line.decode().split("\t"))
        return self

    def _note(self, kind: str, number: str, *fields: str) -> None:
        if kind == "open":
            self.connections[int(number)] = Connection(float(fields[0]))
            return
        connection = self.connections[int(number)]
        match kind:
            case "took":
                asked, taken, recipient, name, digest = fields
                copy = Copy(int(number), float(asked), float(taken), recipient, name, digest)
                connection.copies.append(copy)
                self.copies.append(copy)
            case "told":
                connection.copies[-1].told_at = float(fields[0])
            case "quit":
                connection.has_quit = True
            case "idle":
                connection.idled = True
            case "end":
                connection.ended_at = float(fields[0])

    @property
    def count(self) -> int:
        """How many mails were taken."""
        return len(self.read().copies)

    @property
    def is_quiet(self) -> bool:
        """Whether no connection is open."""
        return all(one.ended_at is not None for one in self.read().connections.values())

    @property
    def cut(self) -> int:
        """How many connections a client left without a word: at most one mail of each may be in
        doubt, and those that the server sent home while idle had none in hand."""
        self.read()
        return sum(not one.has_quit for one in self.connections.values())

    def by_recipient(self) -> dict[str, list[Copy]]:
        found = defaultdict(list)
        for copy in self.read().copies:
            found[copy.recipient].append(copy)
        return found

    def is_known(self, copy: Copy) -> bool:
        """Whether the sender must know that the server has it: the 250 was written while the client
        was there, and it went on to the next mail, said goodbye, or had time enough to notice.

        A client never sends the final dot of a mail before it has read the reply to the last one,
        or more than one a connection would be in doubt. If it dies between the reply's arrival and
        its own reading, it cannot know.
        """
        if copy.told_at is None:
            return False
        connection = self.connections[copy.connection]
        if connection.has_quit or connection.copies[-1] is not copy:
            return True
        return connection.ended_at is None or connection.ended_at - copy.told_at > NOTICE


@dataclass(frozen=True)
class Receiver:
    """A running server."""

    port: int
    truth: Truth

    def settle(self) -> None:
        """Wait until the server is done with all that clients who are gone have sent."""
        wait_until(lambda: self.truth.is_quiet, 30, "the server's connections have ended")


@contextmanager
def receiving(folder: Path, delay: float = 0.0, idle: float = 0.0) -> Iterator[Receiver]:
    """A server that notes what it is given in `folder`."""
    notes = folder / f"notes-{time.monotonic_ns()}"
    words = ("--notes", notes, "--delay", str(delay), "--idle", str(idle))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.server", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        try:
            assert process.stdout
            port = int(process.stdout.readline())
            notes.touch()
            yield Receiver(port, Truth(notes))
        finally:
            process.terminate()
    notes.unlink()
