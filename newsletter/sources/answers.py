"""Every answer of a service, kept: compressed, bounded, in the data directory. What a morning was
told can be read again, and what was told once is not asked for twice.

    answers/2026-11-25/1/moment        when that gathering was (its --now)
    answers/2026-11-25/1/0003.gz       one answer: a line of JSON about it, then its bytes
"""

import gzip
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

_MOST_BYTES = 500_000_000  # of all that is kept; a morning of ten categories takes 3 MB
_MOMENT = "moment"
_MOST_HEAD = 100_000  # bytes of the line about an answer
_DAMAGED = (  # a full disk, a machine that went down, a file that somebody else put there
    OSError,
    EOFError,
    ValueError,
    RecursionError,
    zlib.error,
)
_NUMBER = re.compile("[0-9]{1,9}")
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
    broken: str = ""
    """Where it breaks off, in words, though it is of use up to there; "" where it is whole."""
    closed: bool = False
    """Whether the source is to be left alone for now."""
    not_before: datetime | None = None
    """When the service allows the next request (Retry-After, RateLimit)."""
    tries: int = 0
    """How many requests it took."""


_TEXTS = ("source", "kind", "url", "etag", "last_modified", "failure", "broken")
_SHAPE: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(_TEXTS, (str,)),
    "at": (datetime,),
    "not_before": (datetime, type(None)),
    "status": (int,),
    "tries": (int,),
    "closed": (bool,),
}
_REQUIRED = {"source", "kind", "url", "at"}
_MOMENTS = {"at", "not_before"}


@dataclass(frozen=True, slots=True)
class Recording:
    """The answers of one gathering, in the order in which they came."""

    now: datetime
    folder: Path

    def __iter__(self) -> Iterator[Answer]:
        found = (_answer(path) for path in sorted(self.folder.glob("*.gz")))
        return (answer for answer in found if answer)

    def days(self, name: str) -> dict[str, date] | None:
        """The days that were noted under this name, by list; None where none can be read."""
        try:
            noted = json.loads((self.folder / name).read_text("utf-8"))
            return {str(part): date.fromisoformat(day) for part, day in noted.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return None


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
        # A day far ahead, perhaps mistyped, makes nothing old.
        oldest = min(day, datetime.now(UTC).date()) - timedelta(days=self.keep_days)
        for path in _days(self.folder):
            if path != today and date.fromisoformat(path.name) <= oldest:
                shutil.rmtree(path, ignore_errors=True)  # what cannot be dropped may stay
        _make_room(self.folder, page)
        back = range(_REMEMBERED_DAYS, -1, -1)
        return Page(page, [self._folder_of(day - timedelta(days=days)) for days in back])

    def recordings(self, day: date) -> list[Recording]:
        """The gatherings of a day, the first one first."""
        pages = _numbered(self._folder_of(day))
        return [Recording(moment, page) for page in pages if (moment := _moment(page))]

    def _folder_of(self, day: date) -> Path:
        return self.folder / day.isoformat()


class Page:
    """Where the answers of one gathering are written, with what earlier pages remember."""

    def __init__(self, folder: Path, days: list[Path]) -> None:
        self._folder = folder
        self._count = 0
        self._newest: dict[str, Path] = {}
        self._heads: list[Answer] = []
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
        self._note(path, replace(answer, body=b""))

    def note(self, name: str, days: Mapping[str, date]) -> None:
        """Note days by list, which the answers are to be read with."""
        text = json.dumps({part: day.isoformat() for part, day in days.items()})
        (self._folder / name).write_text(text, "utf-8")

    def close(self) -> None:
        """No more answers for now: of too many bytes the oldest are dropped."""
        _make_room(self._folder.parent.parent, self._folder)

    def newest(self, url: str) -> Answer | None:
        """The newest whole answer of use to this request, of the last days."""
        path = self._newest.get(url)
        return _answer(path) if path else None

    def todays(self, url: str) -> Answer | None:
        """The whole answer of use that a gathering for the same day's edition got."""
        path = self._newest.get(url)
        return _answer(path) if path and path.parent.parent == self._folder.parent else None

    def last_asked(self, hosts: frozenset[str]) -> datetime | None:
        """When one of these hosts was asked last."""
        return max((head.at for head in self._to(hosts)), default=None)

    def not_before(self, hosts: frozenset[str]) -> datetime | None:
        """When these hosts may be asked again, by what they said last."""
        last = max(self._to(hosts), key=lambda head: head.at, default=None)
        return last.not_before if last else None

    def _to(self, hosts: frozenset[str]) -> Iterator[Answer]:
        return (head for head in self._heads if head.tries and _host(head.url) in hosts)

    def _note(self, path: Path, head: Answer) -> None:
        self._heads.append(head)
        if not head.failure and not head.broken:
            self._newest[head.url] = path


def _head(path: Path) -> Answer | None:
    """An answer without its body, None where there is none in the file."""
    try:
        with gzip.open(path) as file:
            return _told(file.readline(_MOST_HEAD))
    except _DAMAGED:
        return None


def _answer(path: Path) -> Answer | None:
    """An answer, None where there is none in the file, or not the whole of it."""
    try:
        line, _, body = gzip.decompress(path.read_bytes()).partition(b"\n")
        head = _told(line)
    except _DAMAGED:
        return None
    return replace(head, body=body) if head else None


def _told(line: bytes) -> Answer | None:
    """What a line says of an answer, None where it is not of the right shape; keys that are not
    known are a newer version's. Raises ValueError and RecursionError."""
    told = json.loads(line)
    if not isinstance(told, dict) or not told.keys() >= _REQUIRED:
        return None
    values = {key: told[key] for key in _SHAPE if key in told}
    for key in _MOMENTS & values.keys():
        values[key] = values[key] and datetime.fromisoformat(str(values[key]))
    if any(type(value) not in _SHAPE[key] for key, value in values.items()):
        return None
    if any(values.get(key) and values[key].tzinfo is None for key in _MOMENTS):
        return None
    return Answer(**values)


def _moment(page: Path) -> datetime | None:
    """When the gathering of a page was, None where it was none, or where nobody knows any more."""
    try:
        moment = datetime.fromisoformat((page / _MOMENT).read_text("ascii"))
    except _DAMAGED:
        return None
    return moment if moment.tzinfo else None


def _make_room(folder: Path, newest: Path) -> None:
    """Drop the oldest pages until what is kept is not too much, and never the newest."""
    sizes = {page: _size(page) for day in _days(folder) for page in _numbered(day)}
    total = sum(sizes.values())
    for page, size in sizes.items():
        if total <= _MOST_BYTES:
            return
        if page != newest:
            shutil.rmtree(page, ignore_errors=True)
            total -= size
            with suppress(OSError):  # there is more in the day
                page.parent.rmdir()


def _days(folder: Path) -> list[Path]:
    """The folders of days, the oldest first."""
    return sorted(path for path in folder.glob("*") if _is_day(path.name) and path.is_dir())


def _numbered(folder: Path) -> list[Path]:
    """The pages of a day, the first one first."""
    pages = (path for path in folder.glob("*") if _NUMBER.fullmatch(path.name) and path.is_dir())
    return sorted(pages, key=lambda path: int(path.name))


def _is_day(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _size(folder: Path) -> int:
    size = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += (Path(root) / name).lstat().st_size
    return size
