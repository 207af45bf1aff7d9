"""What a judge says of a mail: figures, each with the findings it counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.inbox.letter import Letter


class NotHereError(Exception):
    """A judge's program is not installed: its rows say so, the others go on."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, or a word where there is none, and what it was made of."""

    value: float | str
    findings: tuple[str, ...] = ()


Figures = dict[str, Figure]  # by row
Verdicts = dict[str, Figures]  # by mail
Judge = Callable[[Sequence[Letter]], Verdicts]
