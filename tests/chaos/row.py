"""A row of the table: what some rounds of one kind of fault came to, and what was wrong."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.chaos.ground import Ended, Ground, Site
from tests.chaos.truth import Copy, Receiver, Truth

HEAD = (
    "fault", "rounds", "lost", "twice, knowable", "twice, in doubt", "doubtful", "not taken",
    "slowest exit", "wrong", "exit codes",
)  # fmt: skip

REFUSALS = (*range(64, 70), *range(71, 79))
"""What a program that cannot go on exits with (sysexits.h); 70 would be a bug."""

_TOLD = 20  # of what is wrong in a row; the others are counted


@dataclass
class Row:
    """The counts over all rounds, and a sentence for everything that must not be."""

    name: str
    rounds: int = 0
    lost: int = 0
    """Readers without a mail who are not listed as doubtful."""
    known: int = 0
    """Second copies that the sender could have known to be such."""
    unknown: int = 0
    """Second copies of mails of which no sender could know that they were taken."""
    doubtful: int = 0
    untaken: int = 0
    """Doubtful ones that the server does not have."""
    slowest: float | None = None
    """Seconds from the signal, or the start, to the exit."""
    codes: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def each(self, rounds: int) -> Iterator[int]:
        for number in range(1, rounds + 1):
            print(f"{self.name}: {number} of {rounds}", file=sys.stderr, flush=True)
            self.rounds = number
            yield number

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(f"round {self.rounds}: {otherwise}")
            print(f"{self.name}: WRONG: {otherwise}", file=sys.stderr, flush=True)

    def took(self, seconds: float, limit: float, what: str) -> None:
        """Note how long an exit took."""
        self.slowest = max(self.slowest or 0.0, seconds)
        self.expect(seconds <= limit, f"{what} took {seconds:.2f} s, more than {limit:g}")

    def saw(self, ended: Ended, *codes: int) -> None:
        """Note how a command ended, and whether it may end so."""
        self.codes[ended.code] += 1
        words = " ".join(ended.said.split())[-300:]
        self.expect(ended.code in codes, f"exit code {ended.code}, not {codes}: {words}")
        self.expect("Traceback" not in ended.said, f"a traceback: {words}")

    def cells(self) -> Sequence[str]:
        counts = (self.rounds, self.lost, self.known, self.unknown, self.doubtful, self.untaken)
        slowest = "–" if self.slowest is None else f"{self.slowest:.2f} s"
        codes = " ".join(f"{code}×{count}" for code, count in sorted(self.codes.items()))
        return (self.name, *map(str, counts), slowest, str(len(self.wrong)), codes)


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The rows under their head, then what was wrong."""
    rows = list(rows)
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        first, *others, last = line
        inner = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=False))
        yield f"{first.ljust(widths[0])}  {'  '.join(inner)}  {last}"
    for row in rows:
        if row.notes or row.wrong:
            yield ""
            yield row.name
        yield from (f"  {note}" for note in row.notes)
        yield from (f"  WRONG {sentence}" for sentence in row.wrong[:_TOLD])
        if len(row.wrong) > _TOLD:
            yield f"  WRONG and {len(row.wrong) - _TOLD} more"


def judge(
    row: Row, site: Site, truth: Truth, in_doubt: int, left: frozenset[str] = frozenset()
) -> set[str]:
    """Count what the server was given against what the program says; returns the doubtful.

    `in_doubt` is how many deliveries may be doubtful; who has `left` may be without a mail.
    """
    status = site.status()
    counts, doubtful = status["deliveries"], set(status["doubtful"])
    received = truth.by_recipient()
    missing = site.readers - received.keys() - left
    row.doubtful += len(doubtful)
    row.untaken += len(missing & doubtful)
    _twice(row, truth, received)
    _count_lost(row, missing - doubtful)
    row.expect(received.keys() <= site.readers, "a mail to somebody who is not on the list")
    row.expect(
        len(doubtful) <= in_doubt, f"{len(doubtful)} doubtful, where {in_doubt} can be in doubt"
    )
    row.expect(len(doubtful) == counts["doubtful"], "the doubtful listed are not those counted")
    row.expect(sum(counts.values()) == status["due"], f"counts do not add up to due: {counts}")
    others = len(site.readers) - len(doubtful) - counts["skipped"]
    row.expect(counts["sent"] == others, f"not everything is sent or doubtful: {counts}")
    row.expect(counts["skipped"] <= len(left), f"{counts['skipped']} skipped, {len(left)} left")
    return doubtful


def _count_lost(row: Row, lost: set[str] | frozenset[str]) -> None:
    row.lost += len(lost)
    row.expect(not lost, f"{len(lost)} lost: {sorted(lost)[:5]}")


def _twice(row: Row, truth: Truth, received: dict[str, list[Copy]]) -> None:
    for recipient, copies in received.items():
        for at in range(1, len(copies)):
            known = any(truth.is_known(copy) for copy in copies[:at])
            row.known += known
            row.unknown += not known
            how = "which the sender could have known" if known else "while it was in doubt"
            row.expect(False, f"{recipient} got copy {at + 1}, {how}")


def resolve(row: Row, ground: Ground, site: Site, receiver: Receiver, *send: str) -> None:
    """Have the doubtful sent again, where the program can: then everyone has a mail, and whoever
    has two has the same twice."""
    doubtful = set(site.status()["doubtful"])
    if not doubtful:
        return
    row.saw(site.run("resolve", "--resend"), 0)
    row.saw(site.run(*send), 0)
    received = receiver.truth.by_recipient()
    row.expect(not site.status()["doubtful"], "still doubtful after it was sent again")
    row.expect(received.keys() >= doubtful, "doubtful, sent again, and not received")
    for recipient, copies in received.items():
        if len(copies) > 1:
            known = receiver.truth.is_known(copies[0])
            row.known += known
            row.unknown += not known
            row.expect(not known, f"{recipient} was doubtful, which the sender could have known")
            row.expect(len(copies) == 2 and recipient in doubtful, f"{recipient} got too many")
            alike = {(copy.message_id, copy.digest) for copy in copies}
            row.expect(len(alike) == 1, f"the copies to {recipient} differ")
