"""A store that cannot be used: nothing may be sent from it, and the operator is told why."""

import random
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

from tests.chaos.disk import is_root, small_disk
from tests.chaos.ground import Ground, Site
from tests.chaos.row import REFUSALS, Row
from tests.chaos.signals import RUN, SEND
from tests.chaos.truth import receiving

_HEADER = b"SQLite format 3\0"
_PAGE = 4096  # octets, as SQLite has it by default


def store_of(site: Site) -> Path:
    """The file of the store, which is found by what it begins with."""
    files = (path for path in site.data_dir.iterdir() if path.is_file())
    return next(path for path in files if path.read_bytes()[:16] == _HEADER)


def _header(store: Path, rng: random.Random) -> None:
    with store.open("r+b") as file:
        file.write(rng.randbytes(100))


def _middle(store: Path, rng: random.Random) -> None:
    size = store.stat().st_size
    with store.open("r+b") as file:
        file.seek(size // 3)
        file.write(rng.randbytes(size // 3))


def _middle_page(store: Path, rng: random.Random) -> None:
    _page(store, rng, store.stat().st_size // _PAGE // 2)


def _any_page(store: Path, rng: random.Random) -> None:
    _page(store, rng, rng.randrange(1, store.stat().st_size // _PAGE))


def _page(store: Path, rng: random.Random, number: int) -> None:
    with store.open("r+b") as file:
        file.seek(number * _PAGE)
        file.write(rng.randbytes(_PAGE))


def _half(store: Path, rng: random.Random) -> None:
    with store.open("r+b") as file:
        file.truncate(store.stat().st_size // 2)


def _newer(store: Path, rng: random.Random) -> None:
    """As a later program leaves it: Alembic keeps the version in the one row of a table."""
    with closing(sqlite3.connect(store)) as connection, connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        (table,) = [name for (name,) in tables if name.endswith("version")]
        connection.execute(f"UPDATE {table} SET version_num = '9999'")


DAMAGES: dict[str, Callable[[Path, random.Random], None]] = {
    "garbage in the header": _header,
    "garbage in the middle": _middle,
    "garbage in the middle page": _middle_page,
    "half a file": _half,
    "store of a newer version": _newer,
}


def damages(ground: Ground, rounds: int, rng: random.Random) -> Row:
    """Each kind of damage in turn; after the first round, to pages anywhere too."""
    row = Row("damaged store")
    for number in row.each(rounds):
        anywhere = {f"garbage in a page, {n}": _any_page for n in range(1, 6)} if number > 1 else {}
        for what, damage in (DAMAGES | anywhere).items():
            with receiving(ground.folder.parent) as receiver, ground.site(receiver.port) as site:
                damage(store_of(site), rng)
                _refused(row, site, what, rng)
                row.expect(receiver.truth.count == 0, f"{what}: {receiver.truth.count} were sent")
    return row


def read_only(ground: Ground, rounds: int, rng: random.Random) -> Row:
    """A data directory that cannot be written to; for root, only a file system can be so."""
    row = Row("read-only store")
    size = ground.octets + (1 << 20)
    for _ in row.each(rounds):
        disk = small_disk(ground.folder.parent, size) if is_root() else nullcontext()
        with disk as at, receiving(ground.folder.parent) as receiver:
            data_dir = at / "var" if at else None
            with ground.site(receiver.port, data_dir) as site, _unwritable(site, at):
                _refused(row, site, "read-only", rng)
            row.expect(receiver.truth.count == 0, f"{receiver.truth.count} were sent")
    return row


@contextmanager
def _unwritable(site: Site, disk: Path | None) -> Iterator[None]:
    paths = [site.data_dir, *site.data_dir.iterdir()]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths}
    if disk:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True, timeout=10)
    else:
        for path in paths:
            path.chmod(modes[path] & ~0o222)
    try:
        yield
    finally:
        if not disk:
            for path in paths:
                path.chmod(modes[path])


def _refused(row: Row, site: Site, what: str, rng: random.Random) -> None:
    ended = site.run(*rng.choice([SEND, RUN]))
    row.saw(ended, *REFUSALS)
    sentences = [line for line in ended.said.splitlines() if line.startswith("newsletter: ")]
    row.expect(len(sentences) == 1, f"{what}: no clear sentence: {ended.said}")
    row.notes += [f"{what}: {sentence}" for sentence in sentences if row.rounds == 1]
