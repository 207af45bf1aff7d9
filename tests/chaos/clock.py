"""A clock that jumps between two runs: nobody gets an edition twice, or two mails for one slot."""

import random
import signal
from collections import Counter

from tests.chaos.ground import NEXT_PAPERS, Ground, Site
from tests.chaos.row import Row
from tests.chaos.signals import some_mails
from tests.chaos.truth import Receiver, receiving

# The readers' slot is 07:00; an hour before 07:30 it has not come yet.
TIME = "2026-03-13T07:30:00Z"
HOUR_BACK = "2026-03-13T06:30:00Z"
DAY_ON = "2026-03-14T08:30:00Z"


def clocks(ground: Ground, rounds: int, rng: random.Random) -> Row:
    """An hour back and 25 on, after interrupted runs, and after one that was done."""
    row = Row("clock −1 h, +25 h")
    for number in row.each(rounds):
        with receiving(ground.folder.parent) as receiver, ground.site(receiver.port) as site:
            _first_run(row, site, receiver, rng, interrupted=number % 3 != 2)
            if number % 3 != 0:
                _run(row, site, receiver, HOUR_BACK)
                _expect_mails(row, site, receiver, slots=1)
            before = receiver.truth.count
            _run(row, site, receiver, DAY_ON, "--papers", NEXT_PAPERS)
            row.expect(receiver.truth.count > before, "nobody got the next day's edition")
            for now in (HOUR_BACK, DAY_ON):
                _run(row, site, receiver, now)
            _expect_mails(row, site, receiver, slots=2)
    return row


def _first_run(
    row: Row, site: Site, receiver: Receiver, rng: random.Random, interrupted: bool
) -> None:
    if not interrupted:
        _run(row, site, receiver, TIME)
        return
    running = site.start("run", "--now", TIME)
    some_mails(rng, site, receiver, running, 1.1)
    running.send_signal(signal.SIGTERM)
    row.saw(running.ended(60), 75)
    receiver.settle()


def _run(row: Row, site: Site, receiver: Receiver, now: str, *options: str) -> None:
    row.saw(site.run("run", "--now", now, *options), 0)
    receiver.settle()


def _expect_mails(row: Row, site: Site, receiver: Receiver, slots: int) -> None:
    """Everyone has a mail, nobody one twice, and nobody more than there were slots."""
    received = receiver.truth.by_recipient()
    lost = site.readers - received.keys()
    row.lost += len(lost)
    row.expect(not lost, f"{len(lost)} have no mail")
    for recipient, copies in received.items():
        times = Counter(copy.message_id for copy in copies)
        twice = len(copies) - min(len(times), slots)
        row.known += twice
        row.expect(not twice, f"{recipient} got {len(copies)} mails in {slots} slots: {times}")
