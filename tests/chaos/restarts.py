"""A database server that is restarted under a run: its connections end without a word."""

import random

from tests.chaos.ground import Ground
from tests.chaos.row import Row
from tests.chaos.signals import RUN, SEND, connected, last_run, served, some_mails


def restarts(ground: Ground, rounds: int, rng: random.Random) -> Row:
    """The run says that its store is gone; what is on the wire ends, and its journal knows."""
    row = Row("server restarts")
    assert ground.cluster
    for _ in row.each(rounds):
        with served(ground) as (receiver, site):
            running = site.start(*rng.choice([SEND, RUN]))
            connected(receiver, running)
            some_mails(rng, site, receiver, running, 1.1)
            ground.cluster.restart()
            ended = running.ended(60)
            receiver.settle()
            is_done = receiver.truth.count == len(site.readers)
            row.saw(ended, 69, *([0] if is_done else []))
            said = "does not answer" in ended.said
            row.expect(ended.code == 0 or said, f"not clear: {ended.said}")
            last_run(row, site, receiver, in_doubt=0)
    return row
