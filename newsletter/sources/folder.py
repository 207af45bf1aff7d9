"""A folder into which somebody drops files of papers: a source of its own."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path

from newsletter.editorial.freshness import Batch
from newsletter.editorial.papers import Paper
from newsletter.editorial.works import unified
from newsletter.errors import InputError
from newsletter.sources import Fault, Haul, Listed
from newsletter.sources.files import read_papers

NAME = "folder"
_TAKEN = "taken"
_HALF_WRITTEN = (".part", ".tmp", ".crdownload", ".swp", "~")
_PAPERS = (".json", ".jsonl", ".xml", ".rss", ".atom", ".gz", ".txt")
_ENDINGS = f"{', '.join(_PAPERS[:-1])} or {_PAPERS[-1]}"
_PERHAPS = ".txt"  # the text of a page of papers, or somebody's note


def dropped(folder: Path) -> list[Path]:
    """The files that wait in the folder, in the order of their names; hidden ones and those that
    are still being written (by their names) are not there yet. Raises InputError without it."""
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}: make the folder, or mend sources") from error
    return [
        path
        for path in found
        if path.is_file() and path.name[0] != "." and not path.name.endswith(_HALF_WRITTEN)
    ]


def read(folder: Path) -> Haul:
    """What waits in the folder; `take` moves its files away once their papers are filed. A file
    that cannot be read stays, and is told of every time; the folder's list lacks something by that
    only where its name says that it is one of papers."""
    read_files: list[Path] = []
    papers: list[Paper] = []
    updates: list[Paper] = []
    faults: list[Fault] = []
    troubles: list[str] = []
    try:
        files = dropped(folder)
    except InputError as error:
        batch = Batch(NAME, trouble=str(error), usable=False)
        return Haul(NAME, (), lists=(Listed(batch),))
    for path in files:
        if not path.name.lower().endswith(_PAPERS):
            faults.append(Fault(str(path), None, f"not read: its name ends in no {_ENDINGS}"))
            continue
        try:
            haul = read_papers(path)
        except InputError as error:
            first, *_ = str(error).splitlines()
            if not path.name.lower().endswith(_PERHAPS):
                troubles.append(first)
            faults.append(Fault(str(path), None, str(error).removeprefix(f"{path}: ")))
            continue
        read_files.append(path)
        papers += haul.papers
        updates += haul.updates
        faults += haul.faults
    batch = Batch(
        NAME,
        rest="" if papers else "no file waits in it",
        ids=frozenset(p.id for p in papers),
        trouble="; ".join(troubles),
    )
    found = tuple(unified(papers))
    return Haul(NAME, found, tuple(faults), tuple(updates), (Listed(batch),), tuple(read_files))


def take(files: Iterable[Path], day: date) -> list[str]:
    """Move files that were read and filed into the folder of what is taken; a sentence for each
    that stays where it is."""
    troubles = []
    for path in files:
        try:
            _moved(path, path.parent / _TAKEN / day.isoformat())
        except OSError as error:
            place = path.parent / _TAKEN
            reason = f"{place}: {error.strerror}"
            if place.exists() and not place.is_dir():
                reason = f"{place} is a file: move it away"
            troubles.append(f"{path} was read and could not be moved to {_TAKEN} ({reason})")
    return troubles


def _moved(path: Path, taken: Path) -> None:
    taken.mkdir(parents=True, exist_ok=True)
    place, number = taken / path.name, 1
    while place.exists():
        number += 1
        place = taken / f"{path.stem}-{number}{path.suffix}"
    with suppress(FileNotFoundError):  # somebody was quicker; its papers are filed
        path.rename(place)
