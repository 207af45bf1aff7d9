"""Strike a sending program in every way and show what became of the mails: `python -m tests.chaos`.

Exits with 1 if anything was wrong. Takes a minute or so a round with 10,000 readers: kill -9,
SIGTERM and twin starts take `--rounds` each, the others a share of them.
"""

import argparse
import os
import random
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from tests.chaos.clock import clocks
from tests.chaos.damage import damages, read_only
from tests.chaos.disk import full_disks
from tests.chaos.ground import Ground, prepared
from tests.chaos.leaving import LEAVERS, leavers
from tests.chaos.restarts import restarts
from tests.chaos.row import Row, table
from tests.chaos.signals import kills, stops, terms, twins
from tests.postgres import Cluster, cluster, programs

SQLITE, POSTGRESQL = "sqlite", "postgresql"
FAULTS = {
    SQLITE: ("kills", "terms", "twins", "stops", "disk", "readonly", "damage", "clock", "leaving"),
    POSTGRESQL: ("kills", "terms", "twins", "stops", "clock", "leaving", "restarts"),
}
"""By the store: a server's files are not ours to damage."""

_Fault = Callable[[random.Random], Row]


def main() -> int:
    asked = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no mount behind
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    with ExitStack() as stack:
        served = _cluster(stack) if asked.database == POSTGRESQL else None
        big = stack.enter_context(prepared(asked.readers, cluster=served))
        small = stack.enter_context(prepared(max(100, asked.readers // 10), cluster=served))
        faults = _faults(big, small, asked)
        rows = []
        for name in asked.only or FAULTS[asked.database]:
            rows.append(faults[name](random.Random(f"{seed} {name}")))
            print(*table(rows[-1:]), sep="\n", file=sys.stderr)
    for line in table(rows):
        print(line)
    print(f"\nseed {seed}")
    return 1 if any(row.wrong for row in rows) else 0


def _cluster(stack: ExitStack) -> Cluster:
    found = programs()
    if found is None:
        sys.exit("chaos: PostgreSQL's programs are not here")
    return stack.enter_context(cluster(found, durable=True))


def _faults(big: Ground, small: Ground, asked: argparse.Namespace) -> dict[str, _Fault]:
    """Every fault, on a list that is long where a run has to last."""
    rounds = asked.rounds
    few = max(1, rounds // 10)
    count = min(LEAVERS, asked.readers // 10)
    return {
        "kills": partial(kills, big, rounds),
        "terms": partial(terms, big, rounds),
        "twins": partial(twins, small, rounds),
        "stops": lambda rng: stops(big, few, rng, asked.pause),
        "disk": partial(full_disks, small, max(3, rounds // 2)),
        "readonly": partial(read_only, small, few),
        "damage": partial(damages, small, max(2, few)),
        "clock": partial(clocks, small, max(3, few)),
        "leaving": lambda rng: leavers(big, few, rng, count, seconds=max(5.0, count * 0.09)),
        "restarts": partial(restarts, big, rounds),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    rounds = int(os.environ.get("ROUNDS", "20"))
    parser.add_argument("--rounds", type=int, default=rounds, help="or ROUNDS; 20 by default")
    parser.add_argument("--readers", type=int, default=10_000, help="of the list; 10,000")
    parser.add_argument("--pause", type=float, default=60, help="seconds of SIGSTOP; 60")
    parser.add_argument("--seed", type=int, help="of an earlier run, for about the same moments")
    parser.add_argument("--database", choices=FAULTS, default=SQLITE, help="the store's kind")
    every = ", ".join(dict.fromkeys(name for names in FAULTS.values() for name in names))
    parser.add_argument("--only", type=_names, metavar="FAULTS", help=every)
    asked = parser.parse_args()
    if unknown := set(asked.only or ()) - set(FAULTS[asked.database]):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    return asked


def _names(text: str) -> list[str]:
    return text.split(",")


if __name__ == "__main__":
    sys.exit(main())
