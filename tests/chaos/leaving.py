"""Readers who leave while a run is going: from then on, nobody mails them."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.ground import CONNECTIONS, Ground, Running, Site
from tests.chaos.row import Row, judge
from tests.chaos.signals import SEND, some_mails
from tests.chaos.truth import ROOT, Receiver, receiving

LEAVERS = 1000

_ON_ITS_WAY = 0.1
"""Seconds: a mail whose recipient was named no later than this after she had left had its turn
before, and its octets were on their way."""

_NEXT = 50
"""Half of those who leave are among so many who are next in turn."""


def leavers(
    ground: Ground, rounds: int, rng: random.Random, count: int = LEAVERS, seconds: float = 90
) -> Row:
    """`newsletter subscribers remove` for `count` readers during each run, which the server makes
    last for about so many seconds."""
    row = Row(f"{count} unsubscribes")
    delay = seconds * CONNECTIONS / len(ground.readers)
    for _ in row.each(rounds):
        with receiving(ground.folder.parent, delay) as receiver, ground.site(receiver.port) as site:
            with _remover(site) as remover:
                running = site.start(*SEND)
                some_mails(rng, site, receiver, running, 10)
                removed = _removed(rng, site, receiver, running, remover, count)
            row.expect(len(removed) == count, f"only {len(removed)} left before all was sent")
            row.saw(running.ended(), 0)
            receiver.settle()
            judge(row, site, receiver.truth, in_doubt=0, left=frozenset(removed))
            received = receiver.truth.by_recipient()
            for address, at in removed.items():
                late = [copy.asked_at - at for copy in received.get(address, ())]
                row.expect(
                    all(seconds < _ON_ITS_WAY for seconds in late),
                    f"{address} was mailed {max(late, default=0):.3f} s after she had left",
                )
            mailed = len(removed.keys() & received.keys())
            row.notes.append(f"{mailed} of {len(removed)} were mailed just before they left")
    return row


def _removed(
    rng: random.Random,
    site: Site,
    receiver: Receiver,
    running: Running,
    remover: "subprocess.Popen[str]",
    count: int,
) -> dict[str, float]:
    """Readers whose turn had not come, and when the command that removed them returned."""
    removed: dict[str, float] = {}
    assert remover.stdin
    assert remover.stdout
    while len(removed) < count and not running.has_ended:
        received = receiver.truth.by_recipient()
        waiting = sorted(site.readers - received.keys() - removed.keys())
        if not waiting:
            break
        near = waiting[:_NEXT] if rng.random() < 0.5 else waiting
        address = rng.choice(near)
        remover.stdin.write(f"{address}\n")
        remover.stdin.flush()
        code, at = json.loads(remover.stdout.readline())
        assert code == 0, f"removing {address} ended with {code}"
        removed[address] = at
    return removed


@contextmanager
def _remover(site: Site) -> Iterator["subprocess.Popen[str]"]:
    """A process that removes whom it is told to; it is ready, as starting it takes longer than a
    short run."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.removals"],
        cwd=site.folder,
        env=site.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        process.stdout.readline()
        yield process  # it ends with its input, which leaving this block closes
