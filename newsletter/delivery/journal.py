"""The journal: what this process has begun to hand over and seen answered, so that a kill leaves no
guesswork.

An append-only file of short lines, each written with one plain `write()`: the kernel keeps them
when the process is killed, though not when the machine loses power. Its first line names the
machine and its boot. Of a delivery the last line counts:

    s 17    the final dot is about to leave; without another line after it nobody knows
    a 17    the relay has taken it
    n 17    the relay has not taken it
"""

import json
import os
import secrets
import socket
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from newsletter.errors import StoreUnavailable

_BOOT = Path("/proc/sys/kernel/random/boot_id")  # where there is none, no journal is believed


class Mark(StrEnum):
    """The last that a journal knows of a delivery."""

    STARTED = "s"
    ACCEPTED = "a"
    NOT_TAKEN = "n"


class Journal:
    """A new journal in the folder, open inside a `with` block. It is left for the next run unless
    all of it `is_settled`."""

    def __init__(self, folder: Path) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._path = folder / self.name
        self._keep = True

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._file = os.open(self._path, flags, mode=0o600)
            self._write(json.dumps({"host": socket.gethostname(), "boot": _boot()}))
        except OSError as error:
            raise StoreUnavailable(f"the journal {self._path} cannot be made: {error}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)
        if not self._keep:
            self._path.unlink(missing_ok=True)

    def note(self, mark: Mark, delivery: int) -> None:
        """Write a line; raises StoreUnavailable where the disk takes no more."""
        try:
            self._write(f"{mark} {delivery}")
        except OSError as error:
            raise StoreUnavailable(
                f"the journal {self._path} cannot be written: {error}"
            ) from error

    def is_settled(self) -> None:
        """Say that all of it stands in the ledger."""
        self._keep = False

    def _write(self, line: str) -> None:
        octets = f"{line}\n".encode()
        if os.write(self._file, octets) != len(octets):
            raise OSError("the disk took only a part")


def read_journal(folder: Path, name: str) -> dict[int, Mark] | None:
    """The last mark of every delivery in the journal; None where there is none of that name, or one
    of another machine or boot: it may lack its last lines."""
    path = folder / name
    if Path(name).name != name:
        return None
    try:
        head, *lines = path.read_text("utf-8", "replace").split("\n")
        told = json.loads(head)
    except (OSError, ValueError):
        return None
    here = {"host": socket.gethostname(), "boot": _boot()}
    if told != here or not here["boot"]:
        return None
    return dict(_marks(lines[:-1]))  # the last one has no end: it was never written whole


def forget_journals(folder: Path) -> None:
    """Remove all journals, once the ledger says what they tell; with the run's lock held."""
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)


def _marks(lines: Iterable[str]) -> Iterable[tuple[int, Mark]]:
    for line in lines:
        mark, _, number = line.partition(" ")
        if mark in set(Mark) and number.isdecimal():
            yield int(number), Mark(mark)


def _boot() -> str:
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return ""
