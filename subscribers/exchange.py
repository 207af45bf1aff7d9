"""Subscribers as CSV files: in, on a ground of consent, and out.

A fault of the file (encoding, quotes, header) refuses the file before anything is written; a fault
of a row refuses that row, by its line. A file of ours has the columns of COLUMNS in any order, of
which only `email` is required, and perhaps `state`, as `export_csv` writes it. Names of columns are
compared without case and white space.

A file of ours with any other column is refused, and the nearest of our names given: what looks
like a remark may be a misspelt wish, or a mark that somebody left, and to overlook either sends
mail that nobody asked for. Only the exports of services that we know (`exports_of_others`) may have
columns that are not read: from them come address and name, and a time zone where one was guessed.

A column that is absent says nothing, and what a known subscriber wished for stays; a blank cell
asks for the default. Of the papers she likes and dislikes only those are taken that she has asked
nothing about yet: a file of sign-ups, imported again, does not undo what she taught since.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Self, TextIO

from sqlalchemy import Connection

from subscribers import taste
from subscribers.addresses import Address
from subscribers.cells import guarded, items_of, listed, unguarded
from subscribers.errors import (
    AddressRefused,
    FileRefused,
    PreferencesRefused,
    SubscriberError,
    shown,
)
from subscribers.exports_of_others import Export, Row, Sheet, recognised
from subscribers.model import Consent, Preferences, State, Subscriber
from subscribers.roster import Outcome, enrol, everyone, find
from subscribers.taste import Taste

_TOPICS = ("topics", "muted_topics")
_LISTS = (*_TOPICS, "keywords", "muted_keywords", "authors")
_NUMBERS = {"hour": "a whole hour from 0 to 23", "max_papers": "a whole number from 1 up"}
_WISHES = (*_LISTS, "frequency", "weekday", "hour", "timezone", "max_papers", "format", "breadth")
_TASTE = ("likes", "dislikes")

COLUMNS = ("email", "name", *_WISHES, *_TASTE)
"""The columns of a file of ours, as they are written."""

PaperOf = Callable[[str], str | None]
"""The identity that an id or a link names, or None where it names no paper."""

_LINE_BREAK = re.compile(r"[\r\n]")
_SHORT_NUMBER = re.compile(r"[0-9]{1,6}")
_COMPARED = 80  # characters of a misspelling; comparing costs their square
_PAGE = 1000  # readers whose taste is read at a time


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was not taken, the line where it starts, and why, as a sentence."""

    line: int
    email: str
    """As it was given."""
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {shown(self.email)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the rows of a file; blank rows do not count."""

    added: int
    updated: int
    unchanged: int
    refused: tuple[RowFault, ...]


class _RowError(SubscriberError):
    """A row as such is at fault; the text is the reason."""


def import_csv(
    connection: Connection,
    path: Path,
    ground: str,
    topics: Collection[str],
    now: datetime,
    paper_of: PaperOf = lambda _: None,
) -> ImportReport:
    """What came of bringing in everybody in a file, inside the caller's transaction.

    `topics` are the slugs of the catalogue; `paper_of` reads what she likes, and without it a row
    that names a paper is refused. Who unsubscribed or was suppressed stays away. The file is read
    twice, so that one with a fault changes nothing; in memory are a key for each address and the
    faults. Raises FileRefused, and ValueError for a blank ground of consent.
    """
    if not ground.strip():
        raise ValueError("An import needs the ground on which they agreed to be written to.")
    reading = _Reading.of(Sheet.opened(path), topics, paper_of)
    lines: dict[str, int] = {}
    outcomes: Counter[Outcome] = Counter()
    refused: list[RowFault] = []
    for line, cells in reading.sheet.rows():
        row = reading.row(cells)
        email = row.get(reading.export.email, "")
        try:
            reading.check(cells, row)
            address = Address.parse(email)
            if (first := lines.setdefault(address.key, line)) != line:
                raise _RowError(f"The same address stands on line {first} already.")
            if absence := reading.export.absence(row):
                raise _RowError(absence)
            preferences = reading.preferences(row, _kept(connection, address, row))
            asked = reading.taste(row)
            consent = Consent(ground, f"{path.name}, line {line}", now)
            enrolment = enrol(connection, address, reading.name(row), preferences, consent)
        except SubscriberError as fault:
            reason = fault.reason if isinstance(fault, AddressRefused) else str(fault)
            refused.append(RowFault(line, email, reason))
        else:
            outcomes[taste.begin(connection, enrolment, asked, now)] += 1
    return ImportReport(
        outcomes[Outcome.ADDED],
        outcomes[Outcome.UPDATED],
        outcomes[Outcome.UNCHANGED],
        tuple(refused),
    )


def export_csv(connection: Connection, out: TextIO) -> int:
    """The number of subscribers, of every state, that were written as a file of ours.

    `out` has to leave line ends alone (`newline=""`). A cell that a spreadsheet would run as a
    formula gets an apostrophe, which `import_csv` takes off; `state` keeps it from bringing in whom
    it should not.
    """
    writer = csv.writer(out)
    writer.writerow((*COLUMNS, "state"))
    count = 0
    readers = everyone(connection)
    while page := list(islice(readers, _PAGE)):
        tastes = taste.of(connection, [reader.number for reader in page], most=None)
        for reader in page:
            writer.writerow(map(guarded, _cells(reader, tastes[reader.number])))
        count += len(page)
    return count


def _cells(subscriber: Subscriber, asked: Taste) -> Iterator[str]:
    yield str(subscriber.address)
    yield subscriber.name
    for column in _WISHES:
        wish = getattr(subscriber.preferences, column)
        yield listed(wish) if isinstance(wish, tuple) else "" if wish is None else str(wish)
    yield listed(asked.more)
    yield listed(asked.less)
    yield str(subscriber.state)


def _kept(connection: Connection, address: Address, row: Row) -> Preferences:
    """What she wished for already, as far as the row may leave it as it is."""
    if all(column in row for column in _WISHES):
        return Preferences()
    known = find(connection, address)
    return known.preferences if known else Preferences()


def _state(row: Row) -> str | None:
    state = row.get("state", "").strip().casefold()
    return None if state in {"", State.ACTIVE} else f"she is {shown(state)}"


_OURS = Export("Paper Round", frozenset(), "email", ("name",), _state)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the cells of one sheet mean."""

    sheet: Sheet
    export: Export
    columns: tuple[str, ...]
    topics: tuple[str, ...]
    paper_of: PaperOf

    @classmethod
    def of(cls, sheet: Sheet, topics: Collection[str], paper_of: PaperOf) -> Self:
        """The reading of a sheet. Raises FileRefused for columns that it should not have."""
        columns = sheet.columns
        export = recognised(columns) or _OURS
        reason = _unknown_column(sheet) if export is _OURS else None
        if not reason and export.email not in columns:
            reason = f"The header has no column {export.email}."
        if reason:
            raise FileRefused(sheet.path.name, sheet.header_line, reason)
        return cls(sheet, export, columns, tuple(sorted(topics)), paper_of)

    def row(self, cells: list[str]) -> Row:
        if self.export is _OURS:
            cells = [*map(unguarded, cells)]
        return dict(zip(self.columns, cells, strict=False))

    def check(self, cells: list[str], row: Row) -> None:
        """Raises _RowError for a row that a missing separator or quote has put out of shape."""
        if len(cells) != len(self.columns):
            raise _RowError(
                f"The header has {len(self.columns)} columns, this row {len(cells)}: "
                "a separator or a quote is missing or too many."
            )
        ours = self.export is _OURS
        for column in self.columns if ours else (self.export.email, *self.export.name):
            if _LINE_BREAK.search(row.get(column, "")):
                raise _RowError(f"Its {column} has a line break: is a quote missing?")
        if ours and any(
            cell.strip() for column, cell in zip(self.columns, cells, strict=True) if not column
        ):
            raise _RowError("A cell stands in a column that has no name.")

    def name(self, row: Row) -> str:
        return " ".join(row.get(column, "").strip() for column in self.export.name)

    def preferences(self, row: Row, kept: Preferences) -> Preferences:
        """What she wishes for: what the row says, and what was `kept` where it says nothing."""
        if self.export is not _OURS:
            # A service's guess: of use for who has no wish yet, and no fault where it is a bad one.
            with suppress(PreferencesRefused):
                return replace(
                    kept, timezone=kept.timezone or row.get("timezone", "").strip() or None
                )
            return kept
        wishes = {wish: value for wish, value in kept.as_json().items() if wish not in row}
        for column in _WISHES:
            if cell := row.get(column, "").strip():
                wishes[column] = self._wish(column, cell)
        return Preferences.from_json(wishes)

    def taste(self, row: Row) -> Taste:
        """The papers that the row says she likes and dislikes. Raises _RowError."""
        cells = [row.get(column, "") if self.export is _OURS else "" for column in _TASTE]
        liked, disliked = (tuple(map(self._paper, items_of(cell))) for cell in cells)
        if both := set(liked) & set(disliked):
            raise _RowError(f"{shown(min(both))} is both liked and disliked: keep one of the two")
        return Taste(liked, disliked)

    def _paper(self, item: str) -> str:
        if paper := self.paper_of(item):
            return paper
        fault = f"{shown(item)} names no paper that she could like or dislike: "
        raise _RowError(fault + "give an arXiv id, a DOI or a link to one of both")

    def _wish(self, column: str, cell: str) -> object:
        """One wish in the types of JSON. Raises PreferencesRefused."""
        if column in _TOPICS:
            return [self._topic(column, item) for item in items_of(cell)]
        if column in _LISTS:
            return items_of(cell)
        if column in _NUMBERS:
            if not _SHORT_NUMBER.fullmatch(cell):
                raise PreferencesRefused(column, f"{shown(cell)} is not {_NUMBERS[column]}")
            return int(cell)
        return cell if column == "timezone" else cell.casefold()

    def _topic(self, column: str, item: str) -> str:
        slug = item.casefold()
        if slug in self.topics:
            return slug
        nearest = _nearest(slug, self.topics, cutoff=0)
        hint = f"; the nearest is {nearest}" if nearest else ""
        raise PreferencesRefused(column, f"there is no topic {shown(item)}{hint}")


def _unknown_column(sheet: Sheet) -> str | None:
    """Why a sheet is not one of ours, as a sentence that names the nearest column, or None."""
    ours = (*COLUMNS, "state")
    for column, title in zip(sheet.columns, sheet.header, strict=True):
        if column and column not in ours:
            nearest = _nearest(column, ours, cutoff=0.6)
            hint = f"did you mean {nearest}?" if nearest else f"ours are {', '.join(ours)}."
            return f"There is no column {shown(title)}; {hint}"
    return None


@lru_cache(maxsize=1024)  # a misspelling is often that of every row
def _nearest(word: str, words: tuple[str, ...], cutoff: float) -> str | None:
    return next(iter(get_close_matches(word[:_COMPARED], words, 1, cutoff)), None)
