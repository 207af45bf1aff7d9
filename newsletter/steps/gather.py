"""Gather: the day's papers into the archive."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from newsletter.sources import Fault, Haul
from newsletter.sources.files import read_papers
from newsletter.store.archive import file_papers


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a source brought: works in it, those never seen before, and what could not be read."""

    source: str
    papers: int
    new: int
    faults: tuple[Fault, ...]


def haul_of(path: Path) -> Haul:
    """The papers of a file; raises InputError where none is usable."""
    return read_papers(path)


def gather(connection: Connection, haul: Haul, day: date) -> Gathered:
    """File the haul as gathered on `day`; a paper that is known keeps its first day."""
    filed = file_papers(connection, haul.papers, day)
    return Gathered(haul.source, filed.new + filed.known, filed.new, haul.faults)
