"""A list whose mails are planned, prepared once and copied for every round; and the program run on
such a copy, as an operator runs it."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsletter.cli import exit_code
from tests.postgres import Cluster

COMMAND = Path(sys.executable).parent / "newsletter"
PAPERS = Path(__file__).resolve().parents[2] / "newsletter/demo/papers.jsonl"
DAY = "2026-03-13"
NOW = "2026-03-13T08:10:00Z"
LATER = "2026-03-13T09:10:00Z"
NEXT_PAPERS = "next-papers.jsonl"
CONNECTIONS = 4

# Nobody is waited for longer; the program itself waits as long for a reply.
PATIENCE = 600.0

_CONFIG = """\
base_url = "https://papers.example.org"
[sources]
enabled = []
[sender]
name = "Paper Round"
address = "papers@example.org"
postal_address = "Paper Round, 1 Test Street, 12345 Testtown"
[relay]
host = "127.0.0.1"
security = "none"
connections = {connections}
timeout = {timeout}
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    began: float
    ended: float
    """Times of the monotonic clock."""
    said: str
    """What it wrote to standard error, but for events."""

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class Running:
    """A command as a process. Its output is read at once: a full pipe would stop it, and a file
    would take part in a full disk."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._began = time.monotonic()
        self._lines: list[str] = []
        self._silent_at = self._began
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            if not line.startswith(b"{"):
                self._lines.append(line.decode("utf-8", "replace"))
        self._silent_at = time.monotonic()  # it has ended, whoever is being waited for just now

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def send_signal(self, number: int) -> float:
        """When it was sent."""
        at = time.monotonic()
        self.process.send_signal(number)
        return at

    def ended(self, timeout: float = PATIENCE) -> Ended:
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self._lines.append(f"killed, since it had not ended after {timeout:g} s\n")
            code = -9
        self._reader.join()
        assert self.process.stderr
        self.process.stderr.close()
        return Ended(code, self._began, self._silent_at, "".join(self._lines))


@dataclass
class Site:
    """An operator's folder with a list that is planned, its relay on a port of this machine."""

    folder: Path
    readers: frozenset[str]
    port: int
    data_dir: Path
    database: str | None = None
    """Its URL; SQLite in the data directory where there is none."""
    in_process: bool = False
    _started: list[Running] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """What every command in this folder sees."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("NEWSLETTER_")}
        if self.database:
            kept["NEWSLETTER_DATABASE_URL"] = self.database
        return kept | {
            "NEWSLETTER_DATA_DIR": str(self.data_dir),
            "NEWSLETTER_RELAY__PORT": str(self.port),
        }

    def start(self, *words: str) -> Running:
        process = subprocess.Popen(
            [COMMAND, *words],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._started.append(Running(process))
        return self._started[-1]

    def run(self, *words: str) -> Ended:
        """How a command ended that nothing happens to."""
        return self._called(*words)[0] if self.in_process else self.start(*words).ended()

    def output(self, *words: str) -> str:
        """Standard output of a command that must succeed."""
        ended, out = self._called(*words)
        if ended.code:
            raise RuntimeError(f"{words} ended with {ended.code}: {ended.said}")
        return out

    def _called(self, *words: str) -> tuple[Ended, str]:
        """The command line in this process: starting one takes longer than most commands."""
        out, err = io.StringIO(), io.StringIO()
        kept, began = dict(os.environ), time.monotonic()
        try:
            os.environ.clear()
            os.environ.update(self.environ)
            with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
                code = exit_code(words)
        finally:
            os.environ.clear()
            os.environ.update(kept)
        lines = (line for line in err.getvalue().splitlines(keepends=True) if line[0] != "{")
        return Ended(code, began, time.monotonic(), "".join(lines)), out.getvalue()

    def status(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.output("status", "--json", "--day", DAY))
        return report

    def end_all(self) -> None:
        for running in self._started:
            if not running.has_ended:
                running.process.kill()
                running.ended()


@dataclass(frozen=True)
class Ground:
    """The folder that is copied."""

    folder: Path
    readers: frozenset[str]
    in_process: bool
    """Whether commands that nothing happens to are called in this process, which is quicker."""
    cluster: Cluster | None = None
    database: str | None = None
    """The store's URL where it is in a cluster; copied like the folder."""

    @contextmanager
    def site(self, port: int, data_dir: Path | None = None) -> Iterator[Site]:
        """A copy of one's own, its data directory elsewhere where that is given."""
        with tempfile.TemporaryDirectory(dir=self.folder.parent) as name:
            copied = Path(name) / "site"
            shutil.copytree(self.folder, copied)
            if data_dir:
                shutil.move(copied / "var", data_dir)
            data_dir = data_dir or copied / "var"
            with self._copied_database() as database:
                site = Site(copied, self.readers, port, data_dir, database, self.in_process)
                try:
                    yield site
                finally:
                    site.end_all()

    @contextmanager
    def _copied_database(self) -> Iterator[str | None]:
        if self.cluster is None:
            yield None
            return
        database = self.cluster.database(copied_from=self.database)
        try:
            yield database
        finally:
            self.cluster.drop(database)

    @property
    def octets(self) -> int:
        """How much its data directory holds."""
        return sum(path.stat().st_size for path in (self.folder / "var").iterdir())


@contextmanager
def prepared(
    readers: int, timeout: float = 60, *, in_process: bool = False, cluster: Cluster | None = None
) -> Iterator[Ground]:
    """A list of so many readers, planned from the demo's papers; `timeout` is the relay's. Some
    papers are left for the next day, in NEXT_PAPERS. The store is SQLite, or in the cluster."""
    addresses = [f"r{number:06}@example.org" for number in range(readers)]
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name) / "ground"
        folder.mkdir()
        config = _CONFIG.format(connections=CONNECTIONS, timeout=timeout)
        (folder / "newsletter.toml").write_text(config, "utf-8")
        with (folder / "readers.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["email"], *([address] for address in addresses)])
        papers = PAPERS.read_text("utf-8").splitlines(keepends=True)
        (folder / "papers.jsonl").write_text("".join(papers[::2]), "utf-8")
        (folder / NEXT_PAPERS).write_text("".join(papers[1::2]), "utf-8")
        database = cluster.database() if cluster else None
        site = Site(folder, frozenset(addresses), 1, folder / "var", database)
        site.output("init")
        site.output("subscribers", "import", "readers.csv", "--consent", "they are made up")
        site.output("gather", "--papers", "papers.jsonl", "--day", DAY, "--now", NOW)
        site.output("publish", "--day", DAY, "--now", NOW)
        site.output("plan", "--now", NOW)
        yield Ground(folder, site.readers, in_process, cluster, database)
