"""One paper of one of arXiv's documents: an item of its RSS, an entry of its Atom, a record of its
harvest.

Sources: https://info.arxiv.org/help/rss_specifications.html, atom_specifications.html,
api/user-manual.html and oa/index.html.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from newsletter.editorial.calendars import eastern_day
from newsletter.editorial.papers import Paper
from newsletter.sources.records import RecordError, paper_of
from newsletter.sources.texts import cut, folded
from newsletter.sources.xml import Element, children, text_of, texts_of

_DESCRIPTION = re.compile(
    r"\s*arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<type>\S+)\s+Abstract:\s*(?P<abstract>.*)",
    re.DOTALL,
)
_BRACKETS = re.compile(r"\([^()]*\)")
_DEPTH = 4  # of brackets in brackets
_SHOWN = 30  # characters of a wrong word in a sentence
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv"}


class Announced(StrEnum):
    """As what arXiv announces a paper."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"

    @property
    def is_new(self) -> bool:
        """Whether it was not in that category before; a revised version is not new."""
        return self in {Announced.NEW, Announced.CROSS}


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper of a document."""

    paper: Paper
    announced: Announced | None = None
    """None where the document does not announce (a query, a harvest)."""
    day: date | None = None
    """Of the announcement, Eastern."""
    created: date | None = None
    """When its first version was submitted."""


class Said(Exception):
    """An entry that is no paper: arXiv says what was wrong with the request."""


def rss_item(item: Element) -> Entry:
    """An announcement of the RSS."""
    return _announced(
        text_of(item, "guid") or text_of(item, "link") or "",
        text_of(item, "title"),
        text_of(item, "description") or "",
        text_of(item, "announce_type"),
        text_of(item, "pubDate"),
        {
            "authors": authors_of(text_of(item, "creator") or ""),
            "categories": texts_of(item, "category"),
            "doi": _first_doi(text_of(item, "DOI")),
            "journal": text_of(item, "journal_reference"),
        },
    )


def atom_entry(entry: Element) -> Entry:
    """An announcement of the Atom feed, or a paper that a query found: both are `entry`."""
    name = text_of(entry, "id") or ""
    announced = text_of(entry, "announce_type")
    summary = text_of(entry, "summary") or ""
    if text_of(entry, "title") == "Error" and "/api/errors" in name:
        raise Said(" ".join(summary.split()))
    categories = [category.get("term") or "" for category in children(entry, "category")]
    words: dict[str, object] = {
        "doi": _first_doi(text_of(entry, "DOI") or text_of(entry, "doi")),
        "journal": text_of(entry, "journal_reference") or text_of(entry, "journal_ref"),
    }
    if announced or _DESCRIPTION.match(summary):
        words["authors"] = authors_of(text_of(entry, "creator") or "")
        words["categories"] = categories
        published = text_of(entry, "published")
        return _announced(name, text_of(entry, "title"), summary, announced, published, words)
    primary = children(entry, "primary_category")
    published = text_of(entry, "published")
    paper = _paper(
        {
            **words,
            "id": _identifier(name),
            "title": text_of(entry, "title"),
            "abstract": summary,
            "authors": [text_of(author, "name") or "" for author in children(entry, "author")],
            "primary_category": primary[0].get("term") if primary else None,
            "categories": categories,
            "comment": text_of(entry, "comment"),
            "published": published,
        }
    )
    return Entry(paper, created=paper.published)


def oai_record(record: Element) -> Entry | None:
    """A record in arXiv's own format; None for one that was deleted."""
    header, metadata = children(record, "header"), children(record, "metadata")
    if not metadata or (header and header[0].get("status") == "deleted"):
        return None
    words = next(iter(children(metadata[0], "arXiv")), None)
    if words is None:
        raise RecordError("not in arXiv's own format (metadataPrefix=arXiv)")
    authors = [
        " ".join(
            filter(None, (text_of(a, "forenames"), text_of(a, "keyname"), text_of(a, "suffix")))
        )
        for list_ in children(words, "authors")
        for a in children(list_, "author")
    ]
    paper = _paper(
        {
            "id": text_of(words, "id"),
            "title": text_of(words, "title"),
            "abstract": text_of(words, "abstract"),
            "authors": authors,
            "categories": (text_of(words, "categories") or "").split(),
            "comment": text_of(words, "comments"),
            "journal": text_of(words, "journal-ref"),
            "doi": _first_doi(text_of(words, "doi")),
            "published": text_of(words, "created"),
        }
    )
    return Entry(paper, created=paper.published)


def _announced(
    name: str,
    title: str | None,
    description: str,
    kind: str | None,
    published: str | None,
    words: Mapping[str, object],
) -> Entry:
    match = _DESCRIPTION.match(description)
    abstract = match["abstract"] if match else description
    identifier = match["id"] if match else _identifier(name)
    word = folded(kind or "") or (match["type"] if match else "")
    if not word:
        raise RecordError("it does not say as what it is announced")
    try:
        announced = Announced(word)
    except ValueError:
        raise RecordError(f'announced as "{cut(word, _SHOWN)}", which is not known') from None
    paper = _paper({**words, "id": identifier, "title": title, "abstract": abstract})
    return Entry(paper, announced, eastern_date(published))


def _paper(words: Mapping[str, object]) -> Paper:
    """The paper that arXiv describes in these words: anybody's feed has entries, and a blog's are
    no papers."""
    paper = paper_of(words)
    if not paper.id.arxiv:
        raise RecordError("its id is none of arXiv's")
    return paper


def _identifier(name: str) -> str:
    """The arXiv id, with its version, at the end of `oai:arXiv.org:…` or of a link."""
    return (
        name.rpartition(":")[2] if name.startswith("oai:") else name.partition("/abs/")[2] or name
    )


def _first_doi(line: str | None) -> str | None:
    """arXiv sets several with blanks between them."""
    return next(iter((line or "").split()), None)


def authors_of(line: str) -> list[str]:
    """The names in a line that sets commas between them; what stands in brackets (affiliations) is
    left out, and "Jr." stays with its name."""
    names: list[str] = []
    for _ in range(_DEPTH):
        line = _BRACKETS.sub("", line)  # from the innermost on
    for part in line.split(","):
        name = part.strip()
        if names and name.rstrip(".").casefold() in _SUFFIXES:
            names[-1] += f", {name}"
        elif name:
            names.append(name)
    return names


def eastern_date(text: str | None) -> date | None:
    """The Eastern day of a moment in the form of RFC 5322 or ISO 8601."""
    if not text:
        return None
    moment = _moment(text.strip())
    try:
        return eastern_day(moment) if moment else None
    except OverflowError:  # a zone can lead out of the years 1 to 9999
        return None


def _moment(text: str) -> datetime | None:
    for read_moment in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read_moment(text)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
