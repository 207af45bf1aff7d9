"""Papers in. A source brings a haul: the papers it had, and a sentence for each that was unusable.

Nothing here decides which papers are printed: what was brought is unified, and no more. A live
source asks its service and reads the answers in two steps, so that a morning can be read again from
the answers that were kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from newsletter.editorial.freshness import Batch
from newsletter.editorial.papers import Paper, PaperId
from newsletter.sources.answers import Answer
from newsletter.sources.http import Client, Etiquette


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing in a source that could not be used as it was; the rest went on."""

    where: str
    """The file as its path was given, or the list."""
    line: int | None
    """From 1; None where the fault is the whole file's."""
    reason: str
    mended: bool = False
    """Whether the record was used all the same, with something in it replaced."""

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Listed:
    """One list of a source, and the day up to which all that it announced has been read."""

    batch: Batch
    covered: date | None = None


@dataclass(frozen=True, slots=True)
class Haul:
    """What one source brought: every work once, in the order of first sight."""

    source: str
    """Its name in print: the path of a file as it was given."""
    papers: tuple[Paper, ...]
    faults: tuple[Fault, ...] = ()
    updates: tuple[Paper, ...] = ()
    """What it says of papers that may be known; they are none that it puts forward."""
    lists: tuple[Listed, ...] = ()
    """Empty where the source is a file: it has no calendar, and is what it is."""
    files: tuple[Path, ...] = ()
    """What was read, to be moved away once it is filed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a live source is asked for."""

    now: datetime
    window_days: int
    """How many days back a paper may still be chosen."""
    incomplete: tuple[PaperId, ...] = ()
    """Papers of the archive that arXiv has, and whose categories are not known."""
    covered: Mapping[str, date] = field(default_factory=dict)
    """By list: up to which day all that it announced has been read."""
    first: Mapping[str, date] = field(default_factory=dict)
    """By list: the day of the first list that was ever read; empty where it is not known."""


class Source(Protocol):
    """A service that papers come from."""

    name: str
    etiquette: Etiquette

    def ask(self, client: Client, wanted: Wanted) -> None:
        """Make the requests; the client keeps their answers."""

    def read(self, answers: Iterable[Answer], wanted: Wanted) -> Haul:
        """What the answers come to: the same for the same answers, whenever they are read."""

    def parts(self) -> Iterable[str]:
        """The names of its lists, as in `Wanted.covered`."""
