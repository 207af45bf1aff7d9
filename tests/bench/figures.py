"""Figures of interleaved rounds: what a mail costs each sender, and the ratios between them."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from rich.table import Table

from tests.bench.costs import Cost
from tests.bench.senders import Sender


@dataclass
class Figures:
    """One sender's rounds."""

    sender: Sender
    few: list[Cost] = field(default_factory=list)
    many: list[Cost] = field(default_factory=list)

    def measure(self) -> None:
        """One more round."""
        self.few.append(self.sender.sent(self.sender.few))
        self.many.append(self.sender.sent(self.sender.many))

    @property
    def _more(self) -> int:
        return self.sender.many - self.sender.few

    @property
    def sent(self) -> int:
        """Mails of all rounds, the few included."""
        return len(self.many) * (self.sender.few + self.sender.many)

    @property
    def rates(self) -> list[float]:
        """Mails a second, of each round."""
        pairs = zip(self.few, self.many, strict=True)
        return [self._more / max(many.seconds - few.seconds, 1e-9) for few, many in pairs]

    @property
    def cpu(self) -> list[float]:
        """Microseconds of work for a mail, of each round."""
        pairs = zip(self.few, self.many, strict=True)
        return [(many.cpu - few.cpu) / self._more * 1e6 for few, many in pairs]

    @property
    def whole_cpu(self) -> float:
        """The same, with all that is done once spread over the mails of a run (the median)."""
        return median(cost.cpu for cost in self.many) / self.sender.many * 1e6

    @property
    def once(self) -> float:
        """Seconds of work for the few."""
        return median(cost.cpu for cost in self.few)

    @property
    def peak(self) -> float:
        return max(cost.peak for cost in self.many)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio that does not depend on the machine, with its goal: at most, or at least."""

    words: str
    values: Sequence[float]
    """Of each round."""
    goal: float
    at_least: bool = False

    @property
    def row(self) -> tuple[str, str, str, str]:
        found = median(self.values)
        met = found >= self.goal if self.at_least else found <= self.goal
        sign = "≥" if self.at_least else "≤"
        return self.words, _spread(self.values), f"{sign} {self.goal:g}", "met" if met else "missed"


def quotients(some: Iterable[float], others: Iterable[float]) -> list[float]:
    """Round by round, so that what slows the machine for a while slows both."""
    return [one / other for one, other in zip(some, others, strict=True)]


def table_of(figures: Iterable[Figures], caption: str) -> Table:
    """A row for each sender: the median of the rounds, and the least and the most."""
    table = Table(caption=caption, caption_justify="left")
    table.add_column("sender")
    for heading in ("mails", "mails/s", "CPU µs a mail", "all in", "once, CPU s", "peak MB"):
        table.add_column(heading, justify="right")
    for each in figures:
        table.add_row(
            each.sender.name,
            f"{each.sender.many:,}",
            _spread(each.rates),
            _spread(each.cpu),
            f"{each.whole_cpu:,.0f}",
            f"{each.once:.2f}",
            f"{each.peak:.0f}",
        )
    return table


def table_of_ratios(ratios: Iterable[Ratio]) -> Table:
    """A row for each ratio, with its goal."""
    table = Table("ratio (CPU of a mail where nothing else is said)", "here", "goal", "")
    for ratio in ratios:
        table.add_row(*ratio.row)
    return table


def load() -> str:
    """How busy the machine is beside us: processes that ran or waited, over 1, 5, 15 minutes."""
    return " ".join(f"{number:.1f}" for number in os.getloadavg())


def _spread(values: Sequence[float]) -> str:
    digits = 0 if max(values) >= 100 else 2
    middle = f"{median(values):,.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"
