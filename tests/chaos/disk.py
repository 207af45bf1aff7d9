"""A data directory whose disk is full from some moment on, and has room again later."""

import os
import random
import re
import resource
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from tests.chaos.ground import CONNECTIONS, Ended, Ground, Running, Site
from tests.chaos.row import REFUSALS, Row
from tests.chaos.signals import RUN, SEND, last_run, some_mails
from tests.chaos.truth import Receiver, receiving

ROOM = 64 << 20
"""The small disk's octets beside those of the list."""

_CLEAR = re.compile(
    r"^newsletter: .*(disk|space|full|too large|room)", re.MULTILINE | re.IGNORECASE
)


@contextmanager
def small_disk(folder: Path, octets: int) -> Iterator[Path]:
    """A file system of that size, which only root can make."""
    at = folder / "small-disk"
    at.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={octets}", "chaos", at], check=True, timeout=10
    )
    try:
        yield at
    finally:
        subprocess.run(["umount", at], check=True, timeout=10)
        at.rmdir()


def is_root() -> bool:
    return os.geteuid() == 0


def full_disks(ground: Ground, rounds: int, rng: random.Random) -> Row:
    """Without root there is only the second kind: a limit on the size of files."""
    row = Row("disk full")
    late = 0
    for number in row.each(rounds):
        on_disk = is_root() and number % 3 != 0
        with _disk(ground, on_disk) as disk, receiving(ground.folder.parent) as receiver:
            data_dir = disk / "var" if disk else None
            with ground.site(receiver.port, data_dir) as site:
                late += _round(row, rng, site, receiver, disk)
    if late:
        row.notes.append(f"{late} of {row.rounds} rounds ended well in the room that was left")
    row.expect(late < row.rounds, "no run has met the full disk")
    return row


def _disk(ground: Ground, wanted: bool) -> AbstractContextManager[Path | None]:
    return small_disk(ground.folder.parent, ground.octets + ROOM) if wanted else nullcontext()


def _round(row: Row, rng: random.Random, site: Site, receiver: Receiver, disk: Path | None) -> bool:
    """One round; whether the run ended well all the same.

    That nothing is sent after the first write that failed shows in the end: of whatever was sent
    after it the program knows nothing, so it would be sent again, or be doubtful.
    """
    running = site.start(*rng.choice([SEND, RUN]))
    # Early: a database that has once grown to its size overwrites itself, and needs no more room.
    some_mails(rng, site, receiver, running, max(2, len(site.readers) / 150))
    if disk:
        _fill(disk / "filler")
    else:
        _forbid_growth(site, running)
    failures = int(_failed(row, running.ended(120), receiver, site))
    count = receiver.truth.count
    if count < len(site.readers) and disk:
        _fill(disk / "more")  # what the first run gave back when it ended
        failures += _failed(row, site.run(*SEND), receiver, site)
    for filler in disk.glob("*") if disk else ():
        if filler.is_file():
            filler.unlink()
    last_run(row, site, receiver, in_doubt=CONNECTIONS * failures)
    return count == len(site.readers)


def _failed(row: Row, ended: Ended, receiver: Receiver, site: Site) -> bool:
    """Whether a run met the full disk: then it says so; else it has sent everything."""
    receiver.settle()
    if ended.code == 0:
        row.saw(ended, 0)
        row.expect(receiver.truth.count == len(site.readers), "done, and not everyone has a mail")
        return False
    row.saw(ended, *REFUSALS)
    row.expect(bool(_CLEAR.search(ended.said)), f"not clear: {ended.said}")
    return True


def _fill(path: Path) -> None:
    """Take all the room there is, to the last octet."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass


def _forbid_growth(site: Site, running: Running) -> None:
    """Let none of its files but the biggest, the database, grow beyond those of now."""
    *others, _ = sorted(path.stat().st_size for path in site.data_dir.iterdir())
    limit = max(4096, *others)
    if not running.has_ended:
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
