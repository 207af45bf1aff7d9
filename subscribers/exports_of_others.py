"""Files that others wrote: how their bytes, quotes and columns are read, and who has left.

A `Sheet` is any CSV file whose encoding, quotes and header are sound. An `Export` is what one
service means by its columns, recognised by names that no file of ours has. Where an export marks
somebody as not subscribed, `absence` says so: having been on a list is no consent to be written to.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Self

from subscribers.errors import FileRefused, shown

Row = Mapping[str, str]
"""The cells of one row by column, named as in `Sheet.columns`."""

_LONGEST_LINE = 1 << 20  # characters; what is longer is no table, and must not fill the memory
_UNREADABLE = re.compile("[\0\udc80-\udcff]")  # NUL, and what surrogateescape makes of bad bytes
_UNREADABLE_UTF16 = re.compile("[\0\ufffd]")
_LINE_END = re.compile(r"\r\n?|\n")
_WORD = re.compile(r"\w")
_TITLE = re.compile(r'"?members for group\b', re.IGNORECASE)
_MEMBER = re.compile(r"(?P<name>.*)<(?P<address>[^<>]*)>")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file whose encoding, quotes and header are sound; only `opened` makes one.

    UTF-8 and, with its mark, UTF-16; cells parted by comma, `;` or TAB, by what the header has
    most of; line ends of any kind, even mixed. Nothing but a row at a time is kept.
    """

    path: Path
    delimiter: str | None
    """None where each line is a member, as `mailman members` prints them: `Name <address>`."""
    above: int
    """Physical lines above the header, or above the first member."""
    header: tuple[str, ...]

    @classmethod
    def opened(cls, path: Path) -> Self:
        """The sheet, after reading the file through once. Raises FileRefused for what is amiss."""
        if path.exists() and not path.is_file():
            raise FileRefused(path.name, None, "It is no plain file, which could be read twice.")
        try:
            sheet = cls._with_header(path)
            for _ in sheet.rows():
                pass  # a fault on the last line has to be met before the first row is taken
        except OSError as error:
            raise FileRefused(path.name, None, f"{error.strerror or error}.") from None
        return sheet

    @classmethod
    def _with_header(cls, path: Path) -> Self:
        # Google Groups writes a title above its header, and spreadsheets leave rows of separators.
        wordy = (found for found in enumerate(_lines(path)) if _WORD.search(found[1]))
        above, first = next((found for found in wordy if not _TITLE.match(found[1])), (0, ""))
        if not first:
            raise FileRefused(path.name, None, "The file is empty.")
        if "@" in first:
            if first.rstrip().endswith(">") or not re.search(r"[\s,;]", first.strip()):
                return cls(path, None, above, ("email", "name"))
            reason = "An address stands where the header should: the first line names the columns."
            raise FileRefused(path.name, above + 1, reason)
        unquoted = re.sub(r'"[^"]*"', "", first)
        delimiter = max(",;\t", key=unquoted.count)
        line, header = next(_records(path, delimiter, above))
        sheet = cls(path, delimiter, above, tuple(header))
        for column, count in Counter(sheet.columns).items():
            if column and count > 1:
                raise FileRefused(path.name, line, f"The header has {shown(column)} {count} times.")
        return sheet

    @property
    def columns(self) -> tuple[str, ...]:
        """The names in the header as they are compared: without case and white space."""
        return tuple("".join(name.casefold().split()) for name in self.header)

    @property
    def header_line(self) -> int:
        return self.above + 1

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not blank, with the line where it starts. Raises FileRefused."""
        if self.delimiter is None:
            return _members(self.path)
        return islice(_records(self.path, self.delimiter, self.above), 1, None)


def _lines(path: Path) -> Iterator[str]:
    """The physical lines of a text, their ends included. Raises FileRefused."""
    with path.open("rb") as octets:
        wide = octets.read(2) in {b"\xff\xfe", b"\xfe\xff"}
        octets.seek(0)
        text = (
            TextIOWrapper(octets, "utf-16", "replace", newline="")
            if wide
            else TextIOWrapper(octets, "utf-8-sig", "surrogateescape", newline="")
        )
        unreadable = _UNREADABLE_UTF16 if wide else _UNREADABLE
        number = 0
        while line := text.readline(_LONGEST_LINE):
            number += 1
            if found := unreadable.search(line):
                reason = _why_unreadable(found[0], found.start() + 1)
                raise FileRefused(path.name, number, reason)
            if len(line) == _LONGEST_LINE:
                raise FileRefused(path.name, number, "The line is too long to be one of a table.")
            yield line


def _why_unreadable(character: str, column: int) -> str:
    if character == "\0":
        what = "a NUL character"
    elif character == "\ufffd":
        what = "what is not UTF-16"
    else:
        what = f"the byte 0x{ord(character) - 0xDC00:02X}, which is not UTF-8"
    return f"Column {column} holds {what}: save the file as UTF-8."


def _records(path: Path, delimiter: str, above: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file from its header on (RFC 4180), each with the line where it starts."""
    record: list[str] = []

    def noted() -> Iterator[str]:
        for line in islice(_lines(path), above, None):
            record.append(line)
            yield line

    reader = csv.reader(noted(), delimiter=delimiter, strict=True)
    while True:
        start = above + reader.line_num + 1
        record.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _broken(path, start, "".join(record), delimiter) from None
        if any(cell.strip() for cell in cells):
            yield start, cells


def _broken(path: Path, start: int, record: str, delimiter: str) -> FileRefused:
    """Why the reader gave up within a record: at the first cell that does not end as one."""
    quoted = r'"(?:[^"]++|"")*+"'
    ends = rf"(?:{delimiter}|\r\n?|\n|\Z)"
    whole = re.compile(rf'(?:{quoted}|(?!")[^{delimiter}\r\n]*+){ends}')
    position = 0
    limit = csv.field_size_limit()
    while (cell := whole.match(record, position)) and 0 < len(cell[0]) <= limit:
        position = cell.end()
    line = start + len(_LINE_END.findall(record, 0, position))
    if len(record) - position > limit:
        reason = f"A cell of more than {limit} characters begins here: is a quote never closed?"
    elif re.compile(quoted).match(record, position):
        reason = "A quote opens here and closes within its cell: write a quote inside a cell twice."
    else:
        reason = "A quote opens here and is never closed."
    return FileRefused(path.name, line, reason)


def _members(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Address and name of each line of `mailman members`, which quotes nothing."""
    for number, line in enumerate(_lines(path), 1):
        if text := line.strip():
            match = _MEMBER.fullmatch(text)
            yield number, [match["address"], match["name"]] if match else [text, ""]


@dataclass(frozen=True, slots=True)
class Export:
    """One service's columns: where address and name stand, and how it says that somebody left."""

    service: str
    marks: frozenset[str]
    """Columns that, all present, give it away."""
    email: str
    name: tuple[str, ...]
    """Columns that make up the name, in order."""
    why_absent: Callable[[Row], str | None]
    """What a row says of somebody who is no subscriber (“she …”), or None."""

    def absence(self, row: Row) -> str | None:
        """Why a row is not a subscriber, as a sentence, or None."""
        why = self.why_absent(row)
        return f"The {self.service} export says that {why}." if why else None


def recognised(columns: Collection[str]) -> Export | None:
    """The service whose export has these folded columns, if it is a known one."""
    present = frozenset(columns)
    return next((export for export in _EXPORTS if export.marks <= present), None)


def _on(moment: str) -> str:
    day = _DAY.match(moment.strip())
    return f" on {day[0]}" if day else ""


def _mailchimp(row: Row) -> str | None:
    # Three files, told apart by these columns alone: even without a time, all in it have left.
    if "unsub_time" in row:
        return "she unsubscribed" + _on(row["unsub_time"])
    if "clean_time" in row:
        return "her address bounced and was cleaned away" + _on(row["clean_time"])
    return None


def _ghost(row: Row) -> str | None:
    if at := row.get("deleted_at", "").strip():
        return "she was deleted" + _on(at)
    mailed = row["subscribed_to_emails"].strip().casefold() in {"", "true"}
    return None if mailed else "she is not subscribed to e-mails"


def _substack(row: Row) -> str | None:
    mailed = row["email_disabled"].strip().casefold() in {"", "false"}
    return None if mailed else "mail to her is disabled"


def _tinynews(row: Row) -> str | None:
    if at := row.get("deletedat", "").strip():
        return "she was deleted" + _on(at)
    return "she is not subscribed" if row["status"].strip() in {"", "0"} else None


def _beehiiv(row: Row) -> str | None:
    if at := row.get("unsubscribed_at", "").strip():
        return "she unsubscribed" + _on(at)
    status = row["status"].strip()
    return None if status.casefold() == "active" else f"her status is {shown(status)}"


def _google_groups(row: Row) -> str | None:
    status = row["groupstatus"].strip()
    if status.casefold() not in {"member", "manager", "owner"}:
        return f"her group status is {shown(status)}"
    on_the_web = row.get("emailpreference", "").strip().casefold() in {"no email", "none"}
    return "she reads on the web, without mail" if on_the_web else None


_EXPORTS = (
    Export(
        "Mailchimp",
        frozenset({"emailaddress", "leid", "euid"}),
        "emailaddress",
        ("firstname", "lastname"),
        _mailchimp,
    ),
    Export("Ghost", frozenset({"subscribed_to_emails"}), "email", ("name",), _ghost),
    Export("Substack", frozenset({"email_disabled"}), "email", (), _substack),
    Export("tinynews", frozenset({"channelid", "status"}), "email", ("name", "surname"), _tinynews),
    Export(
        "beehiiv",
        frozenset({"status", "tier", "created_at"}),
        "email",
        ("firstname", "lastname"),
        _beehiiv,
    ),
    Export(
        "Google Groups",
        frozenset({"emailaddress", "groupstatus"}),
        "emailaddress",
        ("nickname",),
        _google_groups,
    ),
)
