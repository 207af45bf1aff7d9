"""Every answer of a service, kept: compressed, bounded, in the data directory. What a morning was
told can be read again, and what was told once is not asked for twice.

    answers/2026-11-25/1/moment        when that gathering was (its --now)
    answers/2026-11-25/1/0003.gz       one answer: a line of JSON about it, then its bytes
"""

import gzip
import json
import os
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_MOST_BYTES = 500_000_000  # of all that is kept; a morning of ten categories takes 3 MB
_MOMENT = "moment"
_DAMAGED = (OSError, EOFError, ValueError, zlib.error)  # a full disk, a machine that went down
_REMEMBERED_DAYS = 3  # how far back an answer's ETag is looked for


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request, after its retries."""

    source: str
    kind: str
    """What was asked for, in the source's own words: `feed cs.AI`."""
    url: str
    at: datetime
    """When it came (UTC)."""
    status: int = 0
    """HTTP's, of the last try; 0 where nothing came. 304 is told as the 200 it stands for."""
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""
    failure: str = ""
    """Why it is of no use, in words; "" where it is."""
    closed: bool = False
    """Whether the source is to be left alone for now."""
    not_before: datetime | None = None
    """When the service allows the next request (Retry-After, RateLimit)."""
    tries: int = 0
    """How many requests it took."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The answers of one gathering, in the order in which they came."""

    now: datetime
    folder: Path

    def __iter__(self) -> Iterator[Answer]:
        found = (_read(path) for path in sorted(self.folder.glob("*.gz")))
        return (answer for answer in found if answer)


@dataclass(frozen=True, slots=True)
class AnswerBook:
    """The answers kept in one folder. One process at a time writes it: who holds the run's lock."""

    folder: Path
    keep_days: int

    def begin(self, day: date, now: datetime | None = None) -> "Page":
        """A new page, for one gathering at `now`, or for look-ups that are none; what is older than
        is kept is dropped."""
        today = self._folder_of(day)
        number = 1 + max((int(path.name) for path in _numbered(today)), default=0)
        page = today / str(number)
        page.mkdir(parents=True)
        if now:
            half = page / f"{_MOMENT}.part"
            half.write_text(now.isoformat(), "ascii")
            half.rename(page / _MOMENT)
        self._prune(day)
        back = range(_REMEMBERED_DAYS, -1, -1)
        return Page(page, [self._folder_of(day - timedelta(days=days)) for days in back])

    def recordings(self, day: date) -> list[Recording]:
        """The gatherings of a day, the first one first."""
        return [
            Recording(datetime.fromisoformat((page / _MOMENT).read_text("ascii")), page)
            for page in _numbered(self._folder_of(day))
            if (page / _MOMENT).exists()
        ]

    def _folder_of(self, day: date) -> Path:
        return self.folder / day.isoformat()

    def _prune(self, day: date) -> None:
        # A day far ahead, perhaps mistyped, makes nothing old.
        oldest = min(day, datetime.now(UTC).date()) - timedelta(days=self.keep_days)
        days = sorted(path for path in self.folder.iterdir() if _is_day(path.name))
        sizes = {path: _size(path) for path in days}
        for path in days:
            old = date.fromisoformat(path.name) <= oldest
            if path.name != day.isoformat() and (old or sum(sizes.values()) > _MOST_BYTES):
                shutil.rmtree(path)
                del sizes[path]


class Page:
    """Where the answers of one gathering are written, with what earlier pages remember."""

    def __init__(self, folder: Path, days: list[Path]) -> None:
        self._folder = folder
        self._count = 0
        self._newest: dict[str, Path] = {}
        self._heads: list[dict[str, Any]] = []
        for page in (page for day in days for page in _numbered(day)):
            for path in sorted(page.glob("*.gz")):
                if head := _head(path):
                    self._note(path, head)

    def keep(self, answer: Answer) -> None:
        """Write an answer down."""
        self._count += 1
        path = self._folder / f"{self._count:04}.gz"
        head = {key: value for key, value in asdict(answer).items() if key != "body"}
        line = json.dumps(head, default=lambda moment: moment.isoformat())
        half = path.with_suffix(".part")
        half.write_bytes(gzip.compress(line.encode() + b"\n" + answer.body, 6, mtime=0))
        half.rename(path)
        self._note(path, json.loads(line))

    def newest(self, url: str) -> Answer | None:
        """The newest answer of use to this request, of the last days."""
        path = self._newest.get(url)
        return _read(path) if path else None

    def todays(self, url: str) -> Answer | None:
        """The answer of use that a gathering for the same day's edition got."""
        path = self._newest.get(url)
        return _read(path) if path and path.parent.parent == self._folder.parent else None

    def last_asked(self, hosts: frozenset[str]) -> datetime | None:
        """When one of these hosts was asked last."""
        return max((datetime.fromisoformat(head["at"]) for head in self._to(hosts)), default=None)

    def not_before(self, hosts: frozenset[str]) -> datetime | None:
        """When these hosts may be asked again, by what they said last."""
        last = max(self._to(hosts), key=lambda head: str(head["at"]), default=None)
        until = last and last["not_before"]
        return datetime.fromisoformat(until) if until else None

    def _to(self, hosts: frozenset[str]) -> Iterator[dict[str, Any]]:
        return (head for head in self._heads if head["tries"] and _host(head["url"]) in hosts)

    def _note(self, path: Path, head: dict[str, Any]) -> None:
        self._heads.append(head)
        if not head["failure"]:
            self._newest[head["url"]] = path


def _head(path: Path) -> dict[str, Any] | None:
    """What is written about an answer, None where the file is damaged."""
    try:
        with gzip.open(path) as file:
            head: dict[str, Any] = json.loads(file.readline())
    except _DAMAGED:
        return None
    return head


def _read(path: Path) -> Answer | None:
    """An answer, None where its file is damaged."""
    try:
        line, _, body = gzip.decompress(path.read_bytes()).partition(b"\n")
        head = json.loads(line)
    except _DAMAGED:
        return None
    until = head.pop("not_before")
    answer = Answer(**{**head, "at": datetime.fromisoformat(head["at"])}, body=body)
    return replace(answer, not_before=datetime.fromisoformat(until)) if until else answer


def _numbered(folder: Path) -> list[Path]:
    pages = (path for path in folder.glob("*") if path.name.isdecimal())
    return sorted(pages, key=lambda path: int(path.name))


def _is_day(name: str) -> bool:
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return True


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _size(folder: Path) -> int:
    return sum(
        (Path(root) / name).stat().st_size for root, _, names in os.walk(folder) for name in names
    )
