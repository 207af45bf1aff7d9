"""Papers from a file, told apart by what is in it, never by its name."""

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path

from newsletter.editorial.papers import Paper
from newsletter.editorial.works import unified
from newsletter.errors import InputError
from newsletter.sources import Fault, Haul, feeds, huggingface, jsonl, page
from newsletter.sources.content import read_content
from newsletter.sources.limits import RECORD_LIMIT, TOO_MANY

_SIZE_LIMIT = 200_000_000  # bytes, unpacked
_FAULTS_TOLD = 5

_ARRAY = re.compile(rb"\s*\[\s*[\[{\]]")
_OBJECT_ON_A_LINE = re.compile(rb'^[ \t]*\{\s*["}]', re.MULTILINE)

_FORMATS = (
    "JSONL (one paper a line), the JSON of Hugging Face's daily papers, arXiv's RSS or Atom, or "
    "the text of a trending page (a title, a blank line, its abstract, and so on); each may be "
    "packed with gzip"
)


def read_papers(path: Path) -> Haul:
    """The papers of a file, and a fault for each that was unusable.

    Reads JSONL, Hugging Face's JSON, arXiv's RSS and Atom and the text of a trending page, plain or
    gzip. Raises InputError when the file cannot be read or has nothing usable in it.
    """
    where = str(path)
    octets = read_content(path, _SIZE_LIMIT).removeprefix(codecs.BOM_UTF8)
    if not feeds.trouble_with(octets):
        return _feed(octets, where)
    papers: list[Paper] = []
    faults: list[Fault] = []
    for found in _read(octets, where):
        if len(papers) + len(faults) == RECORD_LIMIT:
            raise InputError(f"{where}: {TOO_MANY}: bring fewer at a time")
        if isinstance(found, Paper):
            papers.append(found)
        else:
            faults.append(found)
    if not papers:
        raise InputError(_refusal(where, octets, faults))
    return Haul(where, tuple(unified(papers)), tuple(faults))


def _read(octets: bytes, where: str) -> Iterator[Paper | Fault]:
    if _ARRAY.match(octets) or _spans_lines(octets):
        return huggingface.read(_text(octets, where), where)
    if _OBJECT_ON_A_LINE.search(octets):
        return jsonl.read(octets, where)
    if octets.lstrip().startswith(b"<") or len(octets) > page.SIZE_LIMIT:
        return iter(())
    text = _text(octets, where)
    return iter(()) if "\0" in text else page.read(text, where)


def _feed(octets: bytes, where: str) -> Haul:
    """The papers of one of arXiv's documents. What it announces as replaced is not new."""
    document = feeds.read(octets)
    if document.broken == TOO_MANY:
        raise InputError(f"{where}: {TOO_MANY}: bring fewer at a time")
    papers = [e.paper for e in document.entries if e.announced is None or e.announced.is_new]
    known = [e.paper for e in document.entries if e.announced and not e.announced.is_new]
    faults = [Fault(where, None, reason) for reason in document.faults]
    if document.broken:
        faults.append(Fault(where, None, f"{document.broken}; nothing after it was read"))
    if document.error:
        faults.append(Fault(where, None, f"arXiv says: {document.error}"))
    if not papers and not known:
        if not faults:  # the list of a Sunday
            return Haul(where, ())
        raise InputError(_refusal(where, octets, faults))
    return Haul(where, tuple(unified(papers)), tuple(faults), tuple(known))


def _spans_lines(octets: bytes) -> bool:
    """Whether the content begins with one object on several lines, as tools print it for people."""
    if not octets.lstrip().startswith(b"{"):
        return False
    text = octets.decode("utf-8", "replace").lstrip()
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return "\n" in text[:end]


def _text(octets: bytes, where: str) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        before = octets[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        raise InputError(
            f"{where}:{line}: not UTF-8 in column {column}; papers are read from {_FORMATS}"
        ) from None


def _refusal(where: str, octets: bytes, faults: list[Fault]) -> str:
    if not octets.strip():
        return "\n".join([f"{where}: the file is empty", *map(str, faults)])
    if faults:
        told = [f"  {fault}" for fault in faults[:_FAULTS_TOLD]]
        more = len(faults) - len(told)
        if more:
            told.append(f"  and {more:,} more")
        return "\n".join([f"{where}: no paper in it could be read", *told])
    if _ARRAY.match(octets):
        return f"{where}: an empty list of papers"
    return f"{where}: in no format that is read: {_FORMATS}"
