"""Strike a sending program in every way and show what became of the mails: `python -m tests.chaos`.

Exits with 1 if anything was wrong. Takes a minute or so a round with 10,000 readers: kill -9,
SIGTERM and twin starts take `--rounds` each, the others a share of them.
"""

import argparse
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

from tests.chaos.clock import clocks
from tests.chaos.damage import damages, read_only
from tests.chaos.disk import full_disks
from tests.chaos.ground import Ground, prepared
from tests.chaos.leaving import LEAVERS, leavers
from tests.chaos.row import Row, table
from tests.chaos.signals import kills, stops, terms, twins

FAULTS = ("kills", "terms", "twins", "stops", "disk", "readonly", "damage", "clock", "leaving")

_Fault = Callable[[random.Random], Row]


def main() -> int:
    asked = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no mount behind
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    with ExitStack() as stack:
        big = stack.enter_context(prepared(asked.readers))
        small = stack.enter_context(prepared(max(100, asked.readers // 10)))
        faults = dict(zip(FAULTS, _faults(big, small, asked), strict=True))
        rows = []
        for name in asked.only or FAULTS:
            rows.append(faults[name](random.Random(f"{seed} {name}")))
            print(*table(rows[-1:]), sep="\n", file=sys.stderr)
    for line in table(rows):
        print(line)
    print(f"\nseed {seed}")
    return 1 if any(row.wrong for row in rows) else 0


def _faults(big: Ground, small: Ground, asked: argparse.Namespace) -> Iterator[_Fault]:
    """Every fault, on a list that is long where a run has to last."""
    rounds = asked.rounds
    few = max(1, rounds // 10)
    yield partial(kills, big, rounds)
    yield partial(terms, big, rounds)
    yield partial(twins, small, rounds)
    yield lambda rng: stops(big, few, rng, asked.pause)
    yield partial(full_disks, small, max(3, rounds // 2))
    yield partial(read_only, small, few)
    yield partial(damages, small, max(2, few))
    yield partial(clocks, small, max(3, few))
    count = min(LEAVERS, asked.readers // 10)
    yield lambda rng: leavers(big, few, rng, count, seconds=max(5.0, count * 0.09))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    rounds = int(os.environ.get("ROUNDS", "20"))
    parser.add_argument("--rounds", type=int, default=rounds, help="or ROUNDS; 20 by default")
    parser.add_argument("--readers", type=int, default=10_000, help="of the list; 10,000")
    parser.add_argument("--pause", type=float, default=60, help="seconds of SIGSTOP; 60")
    parser.add_argument("--seed", type=int, help="of an earlier run, for about the same moments")
    parser.add_argument("--only", type=_names, metavar="FAULTS", help=", ".join(FAULTS))
    asked = parser.parse_args()
    if unknown := set(asked.only or ()) - set(FAULTS):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    return asked


def _names(text: str) -> list[str]:
    return text.split(",")


if __name__ == "__main__":
    sys.exit(main())
