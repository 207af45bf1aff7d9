"""Papers in. A source brings a haul: the papers it had, and a sentence for each that was unusable.

Nothing here decides which papers are printed: what was brought is unified, and no more.
"""

from dataclasses import dataclass

from newsletter.editorial.papers import Paper


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing in a source that could not be used as it was; the rest went on."""

    where: str
    """The file as its path was given, or the address."""
    line: int | None
    """From 1; None where the fault is the whole file's."""
    reason: str
    mended: bool = False
    """Whether the record was used all the same, with something in it replaced."""

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Haul:
    """What one source brought: every work once, in the order of first sight."""

    source: str
    """Its name in print: the path of a file as it was given."""
    papers: tuple[Paper, ...]
    faults: tuple[Fault, ...] = ()
