"""Runs that are killed, told to end, stopped for a while, or started twice at once."""

import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.ground import LATER, NOW, Ended, Ground, Running, Site
from tests.chaos.row import Row, judge, resolve
from tests.chaos.truth import Receiver, receiving
from tests.chaos.waiting import wait_until

SEND = ("send", "--now", NOW)
RUN = ("run", "--now", NOW)
NEXT = ("send", "--now", LATER)
"""The next hour's: what the relay deferred, or a connection that broke, may be tried again."""

KILLS = 5
"""A round's; then a last run goes to the end."""

_THINKING = 0.002  # seconds until a mail's 250: as long as nothing can be known of it


def kills(ground: Ground, rounds: int, rng: random.Random, strikes: int = KILLS) -> Row:
    """kill -9, again and again, until the list is done."""
    row = Row("kill -9")
    for _ in row.each(rounds):
        with served(ground) as (receiver, site):
            for strike in range(strikes):
                running = site.start(*rng.choice([SEND, RUN]))
                _some_moment(rng, site, receiver, running, strikes - strike)
                running.send_signal(signal.SIGKILL)
                row.saw(running.ended(), -signal.SIGKILL, 0)
                receiver.settle()
            last_run(row, site, receiver, receiver.truth.cut)
            resolve(row, ground, site, receiver, *NEXT)
    return row


def terms(ground: Ground, rounds: int, rng: random.Random) -> Row:
    """SIGTERM: what is on the wire is waited for, what is not goes out with the next run."""
    row = Row("SIGTERM")
    for _ in row.each(rounds):
        with served(ground) as (receiver, site):
            running = site.start(*rng.choice([SEND, RUN]))
            # Not while Python starts: until it runs, a program has no say in how it ends.
            connected(receiver, running)
            some_mails(rng, site, receiver, running, 1.1)
            at = running.send_signal(signal.SIGTERM)
            ended = running.ended(60)
            row.saw(ended, 75)
            row.took(ended.ended - at, 10, "ending after SIGTERM")
            receiver.settle()
            last_run(row, site, receiver, in_doubt=0)
    return row


def twins(ground: Ground, rounds: int, rng: random.Random) -> Row:
    """Two runs that start at the same moment: one of them leaves at once."""
    row = Row("twin starts")
    for _ in row.each(rounds):
        with served(ground) as (receiver, site):
            words = rng.choice([SEND, RUN])
            start_up = max(ended.seconds for ended in _both(site, (words[0], "--help")))
            ended = _both(site, words)
            winner, loser = sorted(ended, key=lambda one: one.code)
            row.saw(winner, 0)
            row.saw(loser, 75)
            row.took(loser.seconds - start_up, 1, "leaving, beyond the start-up,")
            row.expect("another run" in loser.said, f"the loser says: {loser.said}")
            receiver.settle()
            judge(row, site, receiver.truth, in_doubt=0)
    return row


@contextmanager
def served(ground: Ground, idle: float = 0.0) -> Iterator[tuple[Receiver, Site]]:
    """A copy of the ground, and a server that thinks about every mail."""
    with (
        receiving(ground.folder.parent, _THINKING, idle) as receiver,
        ground.site(receiver.port) as site,
    ):
        yield receiver, site


def _both(site: Site, words: tuple[str, ...]) -> list[Ended]:
    """Two processes, side by side."""
    return [one.ended() for one in [site.start(*words) for _ in range(2)]]


def stops(ground: Ground, rounds: int, rng: random.Random, pause: float) -> Row:
    """SIGSTOP, as a laptop's sleep, while the server closes what is idle; then SIGCONT."""
    row = Row(f"SIGSTOP {pause:g} s")
    for _ in row.each(rounds):
        with served(ground, idle=pause / 3) as (receiver, site):
            running = site.start(*rng.choice([SEND, RUN]))
            some_mails(rng, site, receiver, running, 1.1)
            running.send_signal(signal.SIGSTOP)
            time.sleep(pause)
            sent_home = sum(one.idled for one in receiver.truth.read().connections.values())
            row.expect(running.has_ended or sent_home > 0, "the server sent nobody home")
            cut = receiver.truth.cut
            running.send_signal(signal.SIGCONT)
            row.saw(running.ended(), 0, 75)
            receiver.settle()
            last_run(row, site, receiver, in_doubt=cut)
    return row


def _some_moment(
    rng: random.Random, site: Site, receiver: Receiver, running: Running, parts: float
) -> None:
    """Now and then while it starts; mostly while it sends."""
    if rng.random() < 0.15:
        time.sleep(rng.uniform(0, 1.5))
    else:
        some_mails(rng, site, receiver, running, parts)


def connected(receiver: Receiver, running: Running) -> None:
    truth = receiver.truth
    wait_until(lambda: running.has_ended or bool(truth.read().connections), 60, "a connection")


def some_mails(
    rng: random.Random, site: Site, receiver: Receiver, running: Running, parts: float
) -> None:
    """Wait for a random share of what is left, and then some milliseconds; `parts` times such a
    share is about all of it."""
    before = receiver.truth.count
    left = len(site.readers) - before
    until = before + rng.randint(0, max(0, round(left / parts) - 1))
    wait_until(lambda: running.has_ended or receiver.truth.count > until, 600, "mails")
    time.sleep(rng.uniform(0, 0.02))


def last_run(row: Row, site: Site, receiver: Receiver, in_doubt: int) -> None:
    """A run to the end, and one more, which has nothing to do."""
    row.saw(site.run(*NEXT), 0)
    receiver.settle()
    judge(row, site, receiver.truth, in_doubt)
    count = receiver.truth.count
    row.saw(site.run(*NEXT), 0)
    row.expect(receiver.truth.count == count, "one more run sent something again")
