"""What sending costs beside Postfix's own smtp-source, beside rendering every mail whole, and
beside others: `make bench`, `make bench-peers`.

All senders take turns, round by round, and send to the same sink; its own count says whether all
arrived. Ours is the installed `newsletter send` with its durable ledger: nothing here knows how it
works inside. What it sends is compared with the same mails rendered whole.
"""

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console

from tests import postgres
from tests.bench import peers
from tests.bench.costs import Cost, WrongResultError, sync_cost
from tests.bench.delivered import delivered, nearest_to_mean, require_alike, require_equal
from tests.bench.figures import Figures, Ratio, load, quotients, table_of, table_of_ratios
from tests.bench.planned import Stores
from tests.bench.senders import CONNECTIONS, Sender, idle, in_python, limit, ours
from tests.bench.sinks import TRUSTING, Sink, TlsSink, smtp_sink

SAMPLE = 40  # mails that are compared
NAIVE = 30
LIMIT, OURS, ONE_BY_ONE, TLS, POSTGRES, WHOLE = (
    "smtp-source: the limit",
    "newsletter send",
    "  without PIPELINING",
    "  over STARTTLS",
    "  on PostgreSQL",
    "each mail rendered whole",
)


@dataclass(frozen=True)
class Bench:
    """Where things are."""

    scratch: Path
    stores: Stores
    messages: int

    def senders(self, stack: ExitStack, mail: bytes) -> Iterator[Sender]:
        """Ours and those who send to Postfix's sink; their sinks end with `stack`."""
        sink = stack.enter_context(smtp_sink(self.scratch / "sink"))
        plain = stack.enter_context(smtp_sink(self.scratch / "plain", pipelining=False))
        many, stores = self.messages, self.stores
        yield Sender(LIMIT, sink, 1, 4 * many, limit(mail, self.scratch))
        yield Sender(OURS, sink, 1, many, ours(stores))
        yield Sender(ONE_BY_ONE, plain, 1, many, ours(stores))
        encrypting = stack.enter_context(TlsSink())
        encrypted = {"NEWSLETTER_RELAY__SECURITY": "starttls", **TRUSTING}
        yield Sender(TLS, encrypting, 1, many, ours(stores, encrypted))
        if programs := postgres.programs():
            cluster = stack.enter_context(postgres.cluster(programs, durable=True))
            served = Stores(self.scratch / "kept", self.scratch, cluster)
            yield Sender(POSTGRES, sink, 1, many, ours(served))
        yield Sender(WHOLE, sink, 1, 1 + NAIVE, in_python("whole", stores.planned(many)))


def main() -> None:
    options = _options()
    # Else the sinks would outlive a run that `timeout` ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended from outside"))
    console = Console(width=120)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        scratch = Path(name)
        scratch.chmod(0o755)  # for whom smtp-sink turns into
        stores = Stores(options.keep or scratch / "kept", scratch)
        try:
            if options.growth:
                _grow(console, scratch, stores, options.rounds)
            else:
                bench = Bench(scratch, stores, options.messages)
                _compare(console, bench, options.rounds, with_peers=options.peers)
        except WrongResultError as error:
            sys.exit(f"bench: {error}")
    console.print(f"It took {time.monotonic() - began:.0f} s.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.send", description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000, help="a run of ours sends so many")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="keep the planned stores in this folder")
    parser.add_argument("--peers", action="store_true", help="Django and nodemailer as well")
    parser.add_argument("--growth", action="store_true", help="10,000 beside 100,000, only ours")
    return parser.parse_args()


def _compare(console: Console, bench: Bench, rounds: int, *, with_peers: bool) -> None:
    mails = _checked(bench)
    mail, mean = nearest_to_mean(mails)
    others = peers.peers(bench.scratch, bench.stores, bench.messages) if with_peers else []
    for peer in others:
        sample = delivered(peer.send, SAMPLE, bench.scratch)
        require_alike(mails, sample, peer.name)
    starts: list[Cost] = []
    load_before = load()
    with ExitStack() as stack:
        senders = list(bench.senders(stack, mail))
        sink = senders[0].sink
        senders += [Sender(peer.name, sink, peer.few, peer.many, peer.send) for peer in others]
        figures = {sender.name: Figures(sender) for sender in senders}
        taken: dict[str, float] = {}
        for _ in range(rounds):
            for each in figures.values():
                with _busy(each.sender.sink, taken, each.sender.name):
                    each.measure()
            starts.append(idle(bench.stores, sink.port))
    caption = (
        f"{rounds} rounds: the median (least–most). {CONNECTIONS} connections; who renders whole"
        f" and Django, one. Our mails have {mean:,} bytes on average. What a mail costs is what"
        " many take more than few (one; nodemailer a hundred, to be warm): what is done once"
        " stands apart, and 'all in' has it. The sink is Postfix's smtp-sink; for STARTTLS one of"
        " threads in Python."
    )
    console.print(table_of(figures.values(), caption))
    console.print(
        f"newsletter send with nothing to send: {median(s.seconds for s in starts):.2f} s,"
        f" {median(s.cpu for s in starts):.2f} s of work, {starts[0].peak:.0f} MB."
        f" smtp-sink itself worked {taken[LIMIT] / figures[LIMIT].sent * 1e6:.0f} µs a mail of"
        f" smtp-source, {taken[OURS] / figures[OURS].sent * 1e6:.0f} µs of ours."
    )
    console.print(table_of_ratios(_ratios(figures)))
    console.print(
        f"All counts were right. {SAMPLE} of {SAMPLE} mails of ours are equal to those rendered"
        " whole, decoded byte for byte"
        + (f"; those of {' and '.join(p.name for p in others)} say the same" if others else "")
        + f".\n{_machine(bench.scratch)} Load before {load_before}, after {load()}."
    )


def _checked(bench: Bench) -> dict[str, bytes]:
    """A sample of our mails, as a sink got them; raises WrongResultError unless they are those
    that are rendered whole."""
    mails = delivered(ours(bench.stores), SAMPLE, bench.scratch)
    whole = in_python("whole", bench.stores.planned(SAMPLE))
    require_equal(mails, delivered(whole, SAMPLE, bench.scratch))
    return mails


@contextmanager
def _busy(sink: Sink, taken: dict[str, float], name: str) -> Iterator[None]:
    before = sink.busy()
    yield
    taken[name] = taken.get(name, 0.0) + sink.busy() - before


def _ratios(figures: dict[str, Figures]) -> Iterator[Ratio]:
    own, most = figures[OURS], figures[LIMIT]
    yield Ratio("ours : smtp-source", quotients(own.cpu, most.cpu), 4)
    rates = quotients(own.rates, most.rates)
    yield Ratio("mails/s, ours : smtp-source", rates, 0.7, at_least=True)
    whole = quotients(figures[WHOLE].cpu, own.cpu)
    yield Ratio("rendered whole : ours", whole, 300, at_least=True)
    if peers.NODEMAILER in figures:
        node = quotients(figures[peers.NODEMAILER].cpu, own.cpu)
        yield Ratio("nodemailer : ours", node, 30, at_least=True)
        django = quotients(figures[peers.DJANGO].cpu, own.cpu)
        yield Ratio("Django : ours", django, 30, at_least=True)


def _grow(console: Console, scratch: Path, stores: Stores, rounds: int) -> None:
    """Whether a mail costs more among many: 10,000 beside 100,000."""
    load_before = load()
    with smtp_sink(scratch / "sink") as sink:
        sizes = (10_000, 100_000)
        small, big = (
            Figures(Sender(f"newsletter send, {n:,}", sink, 1, n, ours(stores))) for n in sizes
        )
        for _ in range(rounds):
            small.measure()
            big.measure()
    console.print(table_of((small, big), f"{rounds} rounds."))
    memory = [b.peak - s.peak for s, b in zip(small.many, big.many, strict=True)]
    console.print(
        table_of_ratios(
            (
                Ratio("100,000 : 10,000", quotients(big.cpu, small.cpu), 1.3),
                Ratio("peak of memory, 100,000 − 10,000, MB", memory, 10),
                Ratio("peak of memory at 100,000, MB", [cost.peak for cost in big.many], 100),
            )
        )
    )
    console.print(f"{_machine(scratch)} Load before {load_before}, after {load()}.")


def _machine(folder: Path) -> str:
    python = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    return f"{python}; the disk keeps 4 kB in {sync_cost(folder):.0f} µs."


if __name__ == "__main__":
    main()
