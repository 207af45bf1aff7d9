"""arXiv's documents: the day's announcements (RSS and Atom), the answers of its query interface
(Atom), and the pages of a harvest (OAI-PMH)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from newsletter.sources.entries import (
    Entry,
    Said,
    atom_entry,
    eastern_date,
    oai_record,
    rss_item,
)
from newsletter.sources.http import BreaksOff
from newsletter.sources.limits import RECORD_LIMIT, TOO_MANY, told
from newsletter.sources.records import RecordError
from newsletter.sources.texts import cut, folded
from newsletter.sources.xml import Broken, Element, elements, local_name, root_of, texts_of

_ROOTS = {"rss", "feed", "OAI-PMH"}
_READERS: dict[str, Callable[[Element], Entry | None]] = {
    "item": rss_item,
    "entry": atom_entry,
    "record": oai_record,
}
_FRAMES = ("title", "pubDate", "updated", "skipDays", "totalResults", "resumptionToken", "error")
_HOLDERS = {"channel", "feed", "ListRecords", "OAI-PMH"}  # a record has a title and a date too
_NOTHING = "noRecordsMatch"  # what a harvest that finds nothing says, as an error
_DIGITS = 18  # of a number of papers
_REMEMBERED = 16  # documents: one is checked as it comes, asked what is missing, and then filed
_MOST_WORDS = 200  # characters of what arXiv says


@dataclass(frozen=True, slots=True)
class Document:
    """What one answer of arXiv's holds."""

    entries: tuple[Entry, ...]
    faults: tuple[str, ...] = ()
    """A sentence for each record that makes no paper."""
    day: date | None = None
    """The day that a list of announcements is for, Eastern."""
    skips: frozenset[str] = frozenset()
    """The weekdays on which there is no list, in English."""
    broken: str = ""
    """Where the document breaks off; "" where it is whole."""
    error: str = ""
    """What arXiv says instead of an answer."""
    rows: int = 0
    """How many records there were, usable or not."""
    total: int | None = None
    """How many a query finds in all."""
    resumption: str = ""
    """Where a harvest goes on."""


def trouble_with(octets: bytes) -> str:
    """Why an answer is none of arXiv's documents, "" where it is one."""
    if root_of(octets) in _ROOTS:
        return ""
    if not octets.strip():
        return "an empty answer"
    head = folded(octets.lstrip()[:200].decode("utf-8", "replace"))
    if head.startswith("<"):
        return "a web page instead of a list of papers"
    return f"a text instead of a list of papers ({cut(head, 60)})"


def refusal_in(octets: bytes) -> str:
    """The same, or what arXiv says instead of an answer, or where one breaks off that is of use up
    to there."""
    return _error_in(octets) or BreaksOff(_break_in(octets))


def fault_in(octets: bytes) -> str:
    """The same, but what breaks off is of no use: for what is asked for once a day."""
    return _error_in(octets) or _break_in(octets)


def _error_in(octets: bytes) -> str:
    if trouble := trouble_with(octets):
        return trouble
    error = read(octets).error
    return f"arXiv says: {error}" if error else ""


def _break_in(octets: bytes) -> str:
    broken = read(octets).broken
    return f"it breaks off ({broken})" if broken else ""


@lru_cache(_REMEMBERED)
def read(octets: bytes) -> Document:
    """Whatever document of arXiv's this is; one that breaks off brings what came before."""
    reading = _Reading()
    try:
        for element in elements(octets, tuple(_READERS), _FRAMES):
            if not reading.take(element):
                reading.broken = TOO_MANY
                break
    except Broken as error:
        reading.broken = str(error)
    return reading.document()


class _Reading:
    """A document as it is being read."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.faults: list[str] = []
        self.frame: dict[str, str] = {}
        self.skips: frozenset[str] = frozenset()
        self.broken = ""
        self.error = ""
        self.rows = 0

    def take(self, element: Element) -> bool:
        """Whether there was room for it."""
        name = local_name(element)
        if name in _FRAMES:
            self._frame(name, element)
            return True
        if self.rows == RECORD_LIMIT:
            return False
        self.rows += 1
        try:
            entry = _READERS[name](element)
        except Said as said:
            self.error = str(said)
            self.rows -= 1
        except RecordError as error:
            self.faults.append(f"record {self.rows}: {error}")
        else:
            if entry:
                self.entries.append(entry)
        return True

    def _frame(self, name: str, element: Element) -> None:
        parent = element.getparent()
        if parent is None or local_name(parent) not in _HOLDERS:
            return
        if name == "skipDays":
            self.skips = frozenset(texts_of(element, "day"))
        elif name != "error":
            self.frame[name] = (element.text or "").strip()
        elif element.get("code") != _NOTHING:
            self.error = f"{element.get('code')}: {element.text or ''}"

    def document(self) -> Document:
        title = self.frame.get("title", "")
        if title.startswith("Feed error"):
            self.error = title
        days = [entry.day for entry in self.entries if entry.day]
        total = self.frame.get("totalResults", "")[:_DIGITS]
        return Document(
            tuple(self.entries),
            tuple(told(self.faults)),
            max(days)
            if days
            else eastern_date(self.frame.get("pubDate") or self.frame.get("updated")),
            self.skips,
            self.broken,
            cut(folded(self.error), _MOST_WORDS),
            self.rows,
            int(total) if total.isdecimal() else None,
            self.frame.get("resumptionToken", ""),
        )


def entries_of(documents: Iterable[Document]) -> Iterator[Entry]:
    """The entries of several documents, one after the other."""
    return (entry for document in documents for entry in document.entries)
