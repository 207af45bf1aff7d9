"""A throw-away PostgreSQL cluster on a Unix socket, for the tests that run on both stores."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_NAMES = count()


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, as Debian packages them or from the path."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Cluster:
    """A running cluster; `database` makes a database, empty or as another one is, and gives its
    URL."""

    def __init__(self, bin_: Path, folder: Path, user: str | None) -> None:
        self._bin, self._folder, self._user = bin_, folder, user

    def run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self._bin / program, *words],
            user=self._user,
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(self._folder)},
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def database(self, copied_from: str | None = None) -> str:
        name = f"test{next(_NAMES)}"
        template = ["-T", _name_in(copied_from)] if copied_from else []
        self.run("createdb", "-h", str(self._folder), "-U", "postgres", *template, name)
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.run("dropdb", "-h", str(self._folder), "-U", "postgres", "--force", _name_in(url))

    def restart(self) -> None:
        """End the server without a word to its clients, and start it again: it recovers from its
        log."""
        self.run("pg_ctl", "-D", "data", "-l", "log", "-m", "immediate", "-w", "restart")


def _name_in(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@contextmanager
def cluster(bin_: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """A cluster that is gone at the end; as root it runs as nobody, since PostgreSQL insists. A
    durable one waits for the disk at every commit, as an operator's does."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has 107 octets at most
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    made = Cluster(bin_, folder, user)
    try:
        made.run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
        options += f" -c fsync={'on' if durable else 'off'}"
        made.run("pg_ctl", "-D", "data", "-l", "log", "-w", "-o", options, "start")
        try:
            yield made
        finally:
            made.run("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
