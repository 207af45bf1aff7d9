"""One-click unsubscribes by the hundred, while nothing else happens and while digests are sent."""

import http.client
import random
import re
import subprocess
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from rich.table import Table

from newsletter.settings import STORE_NAME
from newsletter.store.engine import open_store
from subscribers import links, roster
from subscribers.links import Purpose
from subscribers.model import State
from tests.bench.costs import WrongResultError, clean_environ
from tests.bench.planned import NOW, Stores
from tests.bench.senders import CONNECTIONS
from tests.bench.serving import serving
from tests.bench.sinks import SmtpSink, smtp_sink
from tests.journeys.place import COMMAND
from tests.postgres import cluster, programs
from tests.web.site import KEY

READERS = 10_000
CLICKS = 1_000
CROWD = 200  # who click at once
ON_ITS_WAY = 0.5  # seconds between asking whether she has left and the end of her mail, at most

_RECIPIENT = re.compile(rb"^X-Rcpt-Args: <([^>]+)>", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Click:
    """A reader's click and what came of it."""

    reader: int
    status: int
    seconds: float
    answered: float
    """On the clock of the machine."""


def departures(folder: Path) -> Table:
    """What one server makes of the clicks on either store. Raises WrongResultError where one was
    refused, a mail left after its reader's click was answered, or anybody else has not one mail."""
    table = Table("unsubscribing", "store", "a second", "95 % within", "refused", "mailed before")
    for name, stores in _stores(folder):
        place, env = stores.copy(READERS)
        url = env.get("NEWSLETTER_DATABASE_URL", f"sqlite:///{place / 'var' / STORE_NAME}")
        drawn = random.Random(1).sample(range(1, READERS + 1), 2 * CLICKS)
        with (
            smtp_sink(place / "sink", "-d", "mail.") as sink,
            serving(place, url) as (address, _server),
        ):
            quiet = _clicks(address, drawn[:CLICKS])
            with _sending(place, env, sink):
                busy = _clicks(address, drawn[CLICKS:])
        mails = _mails(place / "sink")
        late = _judge(url, [*quiet, *busy], mails)
        table.add_row("with nothing else", name, *_figures(quiet), "0")
        table.add_row(f"while {READERS:,} mails are sent", name, *_figures(busy), str(late))
    return table


def _stores(folder: Path) -> Iterator[tuple[str, Stores]]:
    kept, scratch = folder / "kept", folder / "scratch"
    scratch.mkdir()
    yield "SQLite", Stores(kept, scratch)
    if found := programs():
        with cluster(found) as running:
            yield "PostgreSQL", Stores(kept, scratch, running)


@contextmanager
def _sending(place: Path, env: Mapping[str, str], sink: SmtpSink) -> Iterator[None]:
    """`newsletter send` to the sink, from its first mail on; at the end it is waited for."""
    relay = {
        "NEWSLETTER_RELAY__PORT": str(sink.port),
        "NEWSLETTER_RELAY__CONNECTIONS": str(CONNECTIONS),
    }
    command, environ = [COMMAND, "send", "--now", NOW], clean_environ() | dict(env) | relay
    with (place / "said").open("w") as said:
        running = subprocess.Popen(command, cwd=place, env=environ, stdout=said, stderr=said)
    while not sink.count() and running.poll() is None:
        time.sleep(0.02)
    yield
    if running.wait(600):
        raise WrongResultError(f"newsletter send: {(place / 'said').read_text()[-500:]}")


def _clicks(address: str, readers: Sequence[int]) -> list[Click]:
    """All of them click, so many at once."""
    host = urlsplit(address).netloc

    def click(reader: int) -> Click:
        path = f"/unsubscribe/{links.mint([KEY.encode()], Purpose.UNSUBSCRIBE, reader)}"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            connection.request("POST", path, "List-Unsubscribe=One-Click", kind)
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        return Click(reader, answer.status, time.perf_counter() - began, time.time())

    with ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(click, readers))


def _figures(clicks: Sequence[Click]) -> tuple[str, str, str]:
    begun = min(click.answered - click.seconds for click in clicks)
    rate = len(clicks) / (max(click.answered for click in clicks) - begun)
    most = quantiles((click.seconds for click in clicks), n=20)[-1]
    refused = sum(click.status != HTTPStatus.OK for click in clicks)
    return f"{rate:,.0f}", f"{most * 1000:,.0f} ms", str(refused)


def _mails(sink: Path) -> dict[str, list[float]]:
    """When each recipient's mails had been taken."""
    found: dict[str, list[float]] = defaultdict(list)
    for path in sink.iterdir():
        with path.open("rb") as file:
            (recipient,) = _RECIPIENT.findall(file.read(2000))
        found[recipient.decode()].append(path.stat().st_mtime)
    return found


def _judge(url: str, clicks: Sequence[Click], mails: Mapping[str, Collection[float]]) -> int:
    """How many had been mailed when their click was answered."""
    store = open_store(url)
    with store.reading() as connection:
        readers = {each.number: each for each in roster.everyone(connection)}
    store.close()
    if refused := [click for click in clicks if click.status != HTTPStatus.OK]:
        raise WrongResultError(f"{len(refused)} clicks were refused, such as {refused[0]}")
    left = {readers[click.reader].address.text: click.answered for click in clicks}
    for reader in readers.values():
        address, gone = reader.address.text, reader.state is State.UNSUBSCRIBED
        if gone is not (address in left):
            raise WrongResultError(f"{address} is {reader.state}")
        taken = mails.get(address, ())
        if len(taken) > 1 or not (taken or gone):
            raise WrongResultError(f"{address} has {len(taken)} mails")
        if gone and any(at - left[address] > ON_ITS_WAY for at in taken):
            raise WrongResultError(f"{address} was mailed after the click was answered")
    return len(left.keys() & mails.keys())
