"""How many of today's pages one `newsletter serve` gives a second, on SQLite and PostgreSQL, and
how it takes unsubscribes while mails are sent: `make bench-web`. The questions come from wrk
(Debian's package), over loopback.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from newsletter.editorial.papers import Paper
from newsletter.store.engine import init_store, open_store
from tests.bench.leaving import departures
from tests.bench.serving import serving
from tests.postgres import cluster, programs
from tests.web.publishing import DAY, paper, publish

EDITIONS = 10
PAPERS_A_DAY = 150  # the window then holds 1,500: what a day of four lists of arXiv's comes to
SECONDS = 5
CONNECTIONS = 16
ABSTRACT = "We train a large language model on text. " * 30
PAGES = (
    ("today", "/", False),
    ("today, 304", "/", True),
    ("a paper", "/papers/arxiv:2603.00007", False),
    ("a topic", "/topics/nlp", False),
    ("a search, 1,500 hits", "/search?q=language+models", False),
    ("a search, 1 hit", "/search?q=lantern", False),
)


def main() -> None:
    """Measure and show."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is not here: apt-get install wrk")
    console = Console(width=110)
    table = Table("page", "store", "a second", "CPU each", "half within", "99 % within", "refused")
    with tempfile.TemporaryDirectory() as folder:
        for name, url in stores(Path(folder)):
            fill(url)
            with serving(Path(folder), url) as (address, server):
                for page, path, known in PAGES:
                    table.add_row(page, name, *measured(address + path, server, known=known))
        left = departures(Path(folder))
    console.print(table)
    console.print(f"{CONNECTIONS} connections, {SECONDS} s each, {os.cpu_count()} cores in all")
    console.print(left)


def stores(folder: Path) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite:///{folder / 'newsletter.sqlite3'}"
    if found := programs():
        with cluster(found) as running:
            yield "PostgreSQL", running.database()


def fill(url: str) -> None:
    init_store(url)
    store = open_store(url)
    for day in range(EDITIONS):
        first = day * PAPERS_A_DAY
        publish(store, [_paper(first + n) for n in range(PAPERS_A_DAY)], DAY + timedelta(days=day))
    store.close()


def _paper(number: int) -> Paper:
    title = "A lantern among language models" if number == 77 else f"Language models, part {number}"
    votes = EDITIONS * PAPERS_A_DAY - number
    return replace(
        paper(number), title=title, votes=votes, abstract=f"{ABSTRACT} It is number {number}."
    )


def measured(address: str, server: int, *, known: bool) -> tuple[str, ...]:
    """What wrk says of one page, and what it cost the server, whatever else this machine does;
    `known` asks as a browser does that has it."""
    with urllib.request.urlopen(address) as first:
        tag = first.headers["ETag"]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", address]
    command += ["-H", f"If-None-Match: {tag}"] if known else []
    before = _cpu_of(server)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = _cpu_of(server) - before
    count = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    half, most = (re.search(rf"^ +{share}%\s+(\S+) *$", said, re.MULTILINE) for share in (50, 99))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    assert rate, said
    assert count, said
    assert half, said
    assert most, said
    each = f"{1000 * spent / int(count[1]):.2f} ms"
    return f"{float(rate[1]):,.0f}", each, half[1], most[1], bad[1] if bad else "0"


def _cpu_of(process: int) -> float:
    """Seconds that a process has computed (proc(5), stat: fields 14 and 15)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
